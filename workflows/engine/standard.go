package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
)

// driver holds a Standard execution in memory: while a task is pending, or while
// a step is taken. Its lock is the order in which things happen to the execution.
type driver struct {
	engine *Engine

	mu     lock
	run    *run
	record Record
	// gone says that the driver was let go: whoever waited for the lock takes the
	// execution from the store again.
	gone bool

	// calls are those that run for pending tasks, by id; timer is set while there
	// are any, and is due when the run is.
	calls map[int64]context.CancelCauseFunc
	timer Timer
	due   time.Time
}

// startStandard begins an execution: its record and first events are one write.
func (e *Engine) startStandard(ctx context.Context, program *program, in StartInput, input *document) (StartOutput, error) {
	if err := e.open(); err != nil {
		return StartOutput{}, within("start execution", err)
	}
	arn := e.executionARN(program.machine.Name, in.Name)
	d := &driver{engine: e, mu: newLock(), run: newRun(program, arn, in.Name, e.config.Jitter)}
	d.mu.Lock()
	if !e.adopt(arn, d) {
		d.mu.Unlock()
		return e.startAgain(ctx, arn, in)
	}
	defer d.mu.Unlock()
	d.record = Record{
		Execution: Execution{
			ARN: arn, StateMachineARN: program.machine.ARN, Name: in.Name, Input: in.Input, TraceHeader: e.trace(in.TraceHeader),
		},
		Revision: program.machine.RevisionID,
		RoleARN:  program.machine.RoleARN,
	}
	d.run.start(e.now(), input)
	started := d.run.started
	if err := d.settle(); err != nil {
		if errors.Is(err, errStale) {
			return e.startAgain(ctx, arn, in)
		}
		if errors.Is(err, ErrRejected) && e.vanished(ctx, program.machine.ARN) {
			return StartOutput{}, machineDoesNotExist(program.machine.ARN)
		}
		return StartOutput{}, within("start execution "+arn, err)
	}
	return StartOutput{ExecutionARN: arn, StartDate: started}, nil
}

// vanished says that a machine was deleted meanwhile.
func (e *Engine) vanished(ctx context.Context, arn string) bool {
	machine, err := e.config.Store.Machine(ctx, arn)
	return err == nil && machine == nil
}

// startAgain answers a start whose name is taken.
func (e *Engine) startAgain(ctx context.Context, arn string, in StartInput) (StartOutput, error) {
	// One that is being started this moment is looked at once it is on disk.
	e.mu.Lock()
	other := e.drivers[arn]
	e.mu.Unlock()
	if other != nil {
		other.mu.wait()
	}
	record, err := e.lookup(ctx, arn)
	if err != nil {
		return StartOutput{}, err
	}
	if record.Status == Running && record.Input == in.Input {
		return StartOutput{ExecutionARN: arn, StartDate: record.StartDate}, nil
	}
	return StartOutput{}, executionAlreadyExists(arn)
}

// adopt makes the driver the execution's; false: it has one.
func (e *Engine) adopt(arn string, d *driver) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.drivers[arn] != nil {
		return false
	}
	e.drivers[arn] = d
	return true
}

// drop lets the driver go. Its lock is held. Calls that still run are given up, for
// the reason given.
func (d *driver) drop(reason error) {
	d.gone = true
	d.setTimer(time.Time{})
	for id := range d.calls {
		d.end(id, reason)
	}
	e := d.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.drivers[d.run.arn] == d {
		delete(e.drivers, d.run.arn)
	}
}

// with does something to an execution, under its lock; the execution is read and
// folded when it is not in memory.
func (e *Engine) with(ctx context.Context, arn string, do func(*driver) error) error {
	for {
		if err := e.open(); err != nil {
			return err
		}
		e.mu.Lock()
		d := e.drivers[arn]
		if d == nil {
			d = &driver{engine: e, mu: newLock(), run: &run{arn: arn}}
			d.mu.Lock()
			e.drivers[arn] = d
			e.mu.Unlock()
			if err := d.load(ctx); err != nil {
				d.drop(err)
				d.mu.Unlock()
				return err
			}
		} else {
			e.mu.Unlock()
			d.mu.Lock()
			if d.gone {
				d.mu.Unlock()
				continue
			}
		}
		return d.use(do)
	}
}

// use does something under the lock that it gives back.
func (d *driver) use(do func(*driver) error) error {
	defer d.mu.Unlock()
	err := do(d)
	if !d.gone && len(d.calls) == 0 {
		d.drop(ErrTaskEnded) // nothing was done: it waits, or is closed
	}
	return err
}

// load reads the execution and folds its history.
func (d *driver) load(ctx context.Context) error {
	record, err := d.engine.lookup(ctx, d.run.arn)
	if err != nil {
		return err
	}
	events, err := d.engine.config.Store.Events(ctx, EventQuery{ExecutionARN: record.ARN})
	if err != nil {
		return fmt.Errorf("read history of %s: %w", record.ARN, err)
	}
	return d.restore(ctx, record, events)
}

// restore brings the driver to where the stored execution stands.
func (d *driver) restore(ctx context.Context, record Record, events []Event) error {
	program, err := d.engine.programs.revision(ctx, record.StateMachineARN, record.Revision)
	if err != nil {
		return err
	}
	r := newRun(program, record.ARN, record.Name, d.engine.config.Jitter)
	if err := fold(r, events, record.Timers); err != nil {
		return fmt.Errorf("fold history of %s: %w", record.ARN, err)
	}
	d.run, d.record = r, record
	return nil
}

// settle writes what the run recorded and then does what it stands at. The lock
// is held. On an error the driver is gone: what is in memory is not what is
// stored.
func (d *driver) settle() error {
	e, r := d.engine, d.run
	wrote := false
	for {
		wrote = wrote || len(r.recorded) > 0
		if err := d.write(); err != nil {
			d.drop(err)
			return err
		}
		now, due := e.now(), r.due()
		switch {
		case !due.IsZero() && !now.Before(due):
			d.wakeUp(now)
			continue
		case r.runnable():
			if !d.endOfMachine(now) {
				r.advance(now)
			}
			continue
		}
		break
	}
	if err := d.confirm(wrote); err != nil {
		d.drop(err)
		return err
	}
	d.call()
	if len(d.calls) > 0 {
		d.setTimer(r.due())
		return nil
	}
	due := r.due()
	d.drop(ErrTaskEnded)
	if r.status == Running {
		e.wakes.add(r.arn, due)
	}
	return nil
}

// confirm asks the store for the lease before calls are made of what was only read:
// another engine may have it since, and call them.
func (d *driver) confirm(wrote bool) error {
	calls := false
	d.run.calls(func(c call) bool {
		calls = d.calls[c.id] == nil
		return !calls
	})
	if wrote || !calls {
		return nil
	}
	_, err := d.engine.config.Store.Commit(d.engine.root, d.engine.epoch, nil)
	if errors.Is(err, ErrFenced) {
		d.engine.abandon(err)
	}
	return err
}

// call makes the calls of the tasks that are pending, and ends those of tasks that
// are so no longer.
func (d *driver) call() {
	wanted := map[int64]bool{}
	closing := false
	d.run.calls(func(c call) bool {
		wanted[c.id] = true
		if d.calls[c.id] == nil && !closing {
			// The next engine makes the calls that this one, closing, does not.
			if closing = !d.engine.enter(); !closing {
				d.invoke(c)
			}
		}
		return true
	})
	for id := range d.calls {
		if !wanted[id] {
			d.end(id, ErrTaskEnded)
		}
	}
}

// write stores the step in one transaction.
func (d *driver) write() error {
	e, r := d.engine, d.run
	recorded := r.take()
	if len(recorded) == 0 {
		return nil
	}
	before := d.record
	d.update()
	write := Write{Record: d.record, Expect: before.LastEventID, Events: make([]Event, len(recorded))}
	s := newSlate()
	for i := range recorded {
		write.Events[i] = recorded[i].stored(s, e.config.Region)
	}
	slates.Put(s)
	write.Changes = d.changes(before)
	seq, err := e.commits.commit(write)
	if err != nil {
		return err
	}
	d.record.Seq = seq
	if d.record.Status != Running {
		e.waiters.closed(d.record)
	}
	return nil
}

// changes are the status changes of the step: RUNNING when it began or redrove the
// execution, and the closing status when it closed it; both when all was one step.
func (d *driver) changes(before Record) []StatusChange {
	e := d.engine
	if e.config.Bus == nil {
		return nil
	}
	var changes []StatusChange
	if before.Status != Running {
		running := d.record
		running.Status, running.StopDate = Running, nil
		running.Output, running.Error, running.Cause = nil, nil, nil
		changes = append(changes, e.statusChange(running))
	}
	if d.record.Status != Running {
		changes = append(changes, e.statusChange(d.record))
	}
	return changes
}

// update brings the record to the run's state.
func (d *driver) update() {
	r := d.run
	record := &d.record
	record.Status, record.StartDate = r.status, r.started
	record.RedriveCount, record.RedriveDate = r.redrives, r.redriven
	record.LastEventID = r.lastID
	record.Error, record.Cause = r.failure.err, r.failure.cause
	record.Output, record.StopDate, record.WakeAt = nil, nil, nil
	if r.output != nil {
		record.Output = ptr(r.output.String())
	}
	if r.status == Running {
		record.Timers = r.timers()
		record.WakeAt = ptr(r.due())
		r.calls(func(call) bool {
			record.WakeAt = nil // its task must be called again at once
			return false
		})
	} else {
		// Timers stay: a redrive of a wait goes on with its first due time.
		record.StopDate = ptr(r.closed)
	}
}

// invoke makes a call in the background. The lock is held.
func (d *driver) invoke(c call) {
	e := d.engine
	ctx, cancel := context.WithCancelCause(e.root)
	if d.calls == nil {
		d.calls = map[int64]context.CancelCauseFunc{}
	}
	d.calls[c.id] = cancel
	over := sync.OnceFunc(e.active.Done)
	if c.submitted != nil {
		over() // a job may take months: Close does not wait for its end
	}
	go func() {
		defer over()
		out := e.attempt(ctx, c)
		if e.root.Err() != nil {
			return // an answer to an engine that ended is no answer
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.gone || d.calls[c.id] == nil {
			return
		}
		d.end(c.id, ErrTaskEnded)
		if now := e.now(); !d.endOfMachine(now) {
			d.run.answer(now, c.id, out.result, out.fault)
		}
		d.settled()
	}()
}

// end forgets a call and tells it that nobody waits for its answer, and why.
func (d *driver) end(id int64, reason error) {
	d.calls[id](reason)
	delete(d.calls, id)
}

// setTimer has the run woken when it is due; zero: not at all. The lock is held.
func (d *driver) setTimer(due time.Time) {
	if due.Equal(d.due) {
		return
	}
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.due = due
	if due.IsZero() {
		return
	}
	clock := d.engine.clock
	d.timer = clock.AfterFunc(due.Sub(clock.Now()), func() { d.wake(due) })
}

// wake is the timer: a wait or a pause is over, a task or the whole execution timed
// out, while other tasks are pending.
func (d *driver) wake(due time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone || !d.due.Equal(due) || d.engine.root.Err() != nil {
		return
	}
	d.due = time.Time{} // it is spent
	d.wakeUp(d.engine.now())
	d.settled()
}

// wakeUp does what is due at now.
func (d *driver) wakeUp(now time.Time) {
	due := d.run.due()
	if due.IsZero() || now.Before(due) || d.endOfMachine(now) {
		return
	}
	d.run.wake(now)
}

// settled settles where nobody is there to take the error.
func (d *driver) settled() {
	if err := d.settle(); err != nil {
		d.engine.log.Error("Engine: step not written", zap.String("execution_arn", d.run.arn), zap.NamedError("error_message", err))
	}
}
