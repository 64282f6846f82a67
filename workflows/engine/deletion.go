package engine

import (
	"context"
	"time"
)

// DeleteStateMachine deletes a machine; one that is not there is deleted already.
// From now on nothing can be started on it, and executions that run end at their
// next transition. Once all have closed the machine goes, its executions with it,
// and the name is free: at once, when none ran. It refuses with InvalidArn and
// ValidationException.
func (e *Engine) DeleteStateMachine(ctx context.Context, in DeleteMachineInput) error {
	if refused := wantMachine(in.StateMachineARN); refused != nil {
		return refused
	}
	if err := e.beginDeletion(ctx, in.StateMachineARN); err != nil {
		return within("delete state machine "+in.StateMachineARN, err)
	}
	e.keeper.removeIdle(in.StateMachineARN)
	return nil
}

func (e *Engine) beginDeletion(ctx context.Context, arn string) error {
	epoch, err := e.hold()
	if err != nil {
		return err
	}
	e.programs.change.Lock()
	defer e.programs.change.Unlock()
	machine, err := e.config.Store.Machine(ctx, arn)
	if err != nil || machine == nil || machine.Status == MachineDeleting {
		return err
	}
	if err := e.config.Store.DeleteMachine(ctx, epoch, arn, e.now()); err != nil {
		return e.unwritten("mark", err)
	}
	e.programs.doom(arn)
	return nil
}

// endOfMachine ends the execution in place of what would have happened to it at
// now, because its machine is being deleted; false: the machine is not. The event
// follows the newest one, so that a Wait that is over has no exit and a task that
// answered no success (recording). The lock is held.
func (d *driver) endOfMachine(now time.Time) bool {
	if d.run.status != Running || !d.engine.programs.doomed(d.run.program.machine.ARN) {
		return false
	}
	f := failing(errorRuntime, "State machine "+d.run.program.machine.Name+" has been deleted")
	d.run.record(now, &d.run.root, event{kind: executionFailed, err: f.err, cause: f.cause, prev: d.run.lastID})
	return true
}
