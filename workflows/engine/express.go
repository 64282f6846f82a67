package engine

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// StartSyncExecution runs an Express execution to its end, in the caller's
// goroutine. An execution that fails or times out is an answer; the error is for
// a refusal. The run does not end with the context: its caller may have gone, the
// execution goes on, as in AWS.
func (e *Engine) StartSyncExecution(ctx context.Context, in StartInput) (SyncOutput, error) {
	program, input, err := e.prepare(ctx, &in)
	if err != nil {
		return SyncOutput{}, err
	}
	if program.machine.Type != Express {
		return SyncOutput{}, typeNotSupported()
	}
	if !e.enter() {
		return SyncOutput{}, ErrClosed
	}
	defer e.active.Done()
	r := e.newExpress(program, in.Name, true)
	if err := e.runExpress(context.WithoutCancel(ctx), r, input); err != nil {
		return SyncOutput{}, within("run "+r.arn, err)
	}
	out := SyncOutput{
		ExecutionARN:    r.arn,
		StateMachineARN: program.machine.ARN,
		Name:            in.Name,
		StartDate:       r.started,
		StopDate:        r.closed,
		Status:          r.status,
		Input:           in.Input,
		Error:           r.failure.err,
		Cause:           r.failure.cause,
	}
	if r.output != nil {
		out.Output = r.output.String()
	}
	return out, nil
}

// startExpress runs an Express execution in the background. Two of one name run
// side by side (Developer Guide, "Execution guarantees").
func (e *Engine) startExpress(program *program, name string, input *document) (StartOutput, error) {
	if !e.enter() {
		return StartOutput{}, ErrClosed
	}
	r := e.newExpress(program, name, false)
	out := StartOutput{ExecutionARN: r.arn, StartDate: e.now()}
	go func() {
		defer e.active.Done()
		if err := e.runExpress(e.root, r, input); err != nil {
			e.log.Warn("Engine: express execution given up", zap.String("execution_arn", r.arn), zap.NamedError("error_message", err))
		}
	}()
	return out, nil
}

// enter counts one more piece of work, unless the engine is closing.
func (e *Engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == closing || e.state == ended {
		return false
	}
	e.active.Add(1)
	return true
}

func (e *Engine) newExpress(program *program, name string, sync bool) *run {
	arn := e.expressARN(program.machine.Name, name, e.config.NewID())
	r := newRun(program, arn, name, e.config.Jitter)
	r.sync = sync
	return r
}

// runExpress takes a run to its end. The only error is that the engine ended.
func (e *Engine) runExpress(ctx context.Context, r *run, input *document) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.start(e.now(), input)
	e.report(r)
	for r.status == Running {
		due := r.due() // never zero: an Express execution has a longest time to run
		id, task, call := r.pendingTask()
		switch {
		case r.runnable() && e.now().Before(due):
			r.advance(e.now())
		case id != 0:
			out, answered, err := e.await(ctx, due, task, call)
			if err != nil {
				return err
			}
			if now := e.now(); answered && now.Before(due) {
				r.answer(now, id, out.result, out.fault)
			} else {
				r.wake(now)
			}
		default:
			if !e.pause(due.Sub(e.clock.Now())) {
				return ErrClosed
			}
			r.wake(e.now())
		}
		e.report(r)
	}
	return nil
}

// await runs an attempt until it answers or is due; false: it is due.
func (e *Engine) await(ctx context.Context, due time.Time, task Integration, call TaskCall) (outcome, bool, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answer := make(chan outcome, 1)
	over := make(chan struct{})
	timer := e.clock.AfterFunc(due.Sub(e.clock.Now()), func() { close(over) })
	defer timer.Stop()
	go func() { answer <- e.attempt(ctx, task, call) }()
	select {
	case out := <-answer:
		return out, true, nil
	case <-over:
		return outcome{}, false, nil
	case <-e.root.Done():
		return outcome{}, false, ErrClosed
	}
}

// report hands the recorded events to the log sink, those of the machine's level.
func (e *Engine) report(r *run) {
	logging := r.program.machine.Logging
	if e.config.Logs != nil && logging.Level != LogOff && logging.Level != "" {
		for i := range r.recorded {
			if ev := &r.recorded[i]; logging.Level.holds(ev.kind) {
				e.config.Logs.Record(&r.program.machine, r.arn, ev.wire(e.config.Region, logging.IncludeExecutionData))
			}
		}
	}
	r.recorded = r.recorded[:0]
}

// holds says whether events of a type are logged at the level (Developer Guide,
// "Using CloudWatch Logs").
func (l LogLevel) holds(kind eventType) bool {
	switch kind {
	case executionFailed, executionAborted, executionTimedOut:
		return true
	case taskFailed, taskTimedOut, failStateEntered, evaluationFailed:
		return l == LogError || l == LogAll
	}
	return l == LogAll
}
