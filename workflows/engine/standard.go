package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// driver holds a Standard execution in memory: while a task is pending, or while
// a step is taken. Its lock is the order in which things happen to the execution.
type driver struct {
	engine *Engine

	mu     turn
	run    *run
	record Record
	// gone says that the driver was let go: whoever waited for the lock takes the
	// execution from the store again.
	gone bool

	task   int64 // the id of the task that was invoked, 0: none
	cancel context.CancelFunc
	timer  Timer
}

// turn is a lock that is waited for on a channel: a writer may hold it through a
// long absence of the store, and the fake time of synctest passes while others wait
// on a channel, not while they wait on a sync.Mutex.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

func (t turn) Lock()   { t <- struct{}{} }
func (t turn) Unlock() { <-t }

// wait returns when whoever has the lock now has given it back.
func (t turn) wait() {
	t.Lock()
	defer t.Unlock()
}

// startStandard begins an execution: its record and first events are one write.
func (e *Engine) startStandard(ctx context.Context, program *program, in StartInput, input *document) (StartOutput, error) {
	if err := e.open(); err != nil {
		return StartOutput{}, within("start execution", err)
	}
	arn := e.executionARN(program.machine.Name, in.Name)
	d := &driver{engine: e, mu: newTurn(), run: newRun(program, arn, in.Name, e.config.Jitter)}
	d.mu.Lock()
	if !e.adopt(arn, d) {
		d.mu.Unlock()
		return e.startAgain(ctx, arn, in)
	}
	defer d.mu.Unlock()
	d.record = Record{
		Execution: Execution{
			ARN: arn, StateMachineARN: program.machine.ARN, Name: in.Name, Input: in.Input, TraceHeader: in.TraceHeader,
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
		return StartOutput{}, within("start execution "+arn, err)
	}
	return StartOutput{ExecutionARN: arn, StartDate: started}, nil
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

// drop lets the driver go. Its lock is held.
func (d *driver) drop() {
	d.gone = true
	d.stopTask()
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
			d = &driver{engine: e, mu: newTurn(), run: &run{arn: arn}}
			d.mu.Lock()
			e.drivers[arn] = d
			e.mu.Unlock()
			if err := d.load(ctx); err != nil {
				d.drop()
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
		err := do(d)
		if !d.gone && d.task == 0 {
			d.drop() // nothing was done: it waits, or is closed
		}
		d.mu.Unlock()
		return err
	}
}

// load reads the execution and folds its history.
func (d *driver) load(ctx context.Context) error {
	e, arn := d.engine, d.run.arn
	record, err := e.lookup(ctx, arn)
	if err != nil {
		return err
	}
	events, err := e.config.Store.Events(ctx, EventQuery{ExecutionARN: arn})
	if err != nil {
		return fmt.Errorf("read history of %s: %w", arn, err)
	}
	program, err := e.programs.revision(ctx, record.StateMachineARN, record.Revision)
	if err != nil {
		return err
	}
	r := newRun(program, arn, record.Name, e.config.Jitter)
	if err := fold(r, events, record.Timers); err != nil {
		return fmt.Errorf("fold history of %s: %w", arn, err)
	}
	d.run, d.record = r, record
	return nil
}

// settle writes what the run recorded and then does what it stands at. The lock
// is held. On an error the driver is gone: what is in memory is not what is
// stored.
func (d *driver) settle() error {
	e, r := d.engine, d.run
	for {
		if err := d.write(); err != nil {
			d.drop()
			return err
		}
		if !r.runnable() {
			break
		}
		now := e.now()
		if due := r.due(); !due.IsZero() && !now.Before(due) {
			d.wakeUp(now)
		} else if !d.endOfMachine(now) {
			r.advance(now)
		}
	}
	id, task, call := r.pendingTask()
	switch {
	case id == 0:
		due := r.due()
		d.drop()
		if r.status == Running {
			e.wakes.add(r.arn, due)
		}
	case id != d.task:
		d.stopTask()
		if !e.enter() {
			d.drop() // closing: the next engine invokes it
			return nil
		}
		d.invoke(id, task, call)
	}
	return nil
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
	for i := range recorded {
		write.Events[i] = recorded[i].wire(e.config.Region, true)
	}
	write.Changes = d.changes(before)
	seq, err := e.commits.commit(write)
	if err != nil {
		return err
	}
	d.record.Seq = seq
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
		if id, _, _ := r.pendingTask(); id == 0 {
			record.WakeAt = ptr(r.due())
		}
	} else {
		// Timers stay: a redrive of a wait goes on with its first due time.
		record.StopDate = ptr(r.closed)
	}
}

// invoke runs the pending task in the background. The lock is held.
func (d *driver) invoke(id int64, task Integration, call TaskCall) {
	e := d.engine
	ctx, cancel := context.WithCancel(e.root)
	d.task, d.cancel = id, cancel
	if due := d.run.due(); !due.IsZero() {
		d.timer = e.clock.AfterFunc(due.Sub(e.clock.Now()), func() { d.wake(id) })
	}
	go func() {
		defer e.active.Done()
		out := e.attempt(ctx, task, call)
		if e.root.Err() != nil {
			return // an answer to an engine that ended is no answer
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.gone || d.task != id {
			return
		}
		if now := e.now(); !d.endOfMachine(now) {
			d.run.answer(now, id, out.result, out.fault)
		}
		d.settled()
	}()
}

// wake is the pending task's timer: it, or the whole execution, timed out.
func (d *driver) wake(id int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone || d.task != id || d.engine.root.Err() != nil {
		return
	}
	d.wakeUp(d.engine.now())
	d.settled()
}

// settled settles where nobody is there to take the error.
func (d *driver) settled() {
	if err := d.settle(); err != nil {
		d.engine.log.Error("Engine: step not written", zap.String("execution_arn", d.run.arn), zap.NamedError("error_message", err))
	}
}

func (d *driver) stopTask() {
	if d.task == 0 {
		return
	}
	d.task = 0
	d.cancel()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// resume looks at an execution whose time has come, or whose task was pending
// when the engine started.
func (e *Engine) resume(arn string) {
	err := e.with(e.root, arn, func(d *driver) error {
		d.wakeUp(e.now())
		return d.settle()
	})
	if err != nil && !errors.Is(err, ErrClosed) && e.root.Err() == nil {
		e.log.Error("Engine: execution not resumed", zap.String("execution_arn", arn), zap.NamedError("error_message", err))
		e.wakes.add(arn, e.now().Add(resumePause))
	}
}

// resumePause is the wait before an execution that could not be read is tried
// again.
const resumePause = 30 * time.Second
