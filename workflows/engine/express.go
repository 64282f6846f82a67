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
		return SyncOutput{}, e.open()
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
		TraceHeader:     e.trace(in.TraceHeader),
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
		return StartOutput{}, e.open()
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
	calls := expressCalls{engine: e, answers: make(chan expressAnswer)}
	defer calls.end()
	calls.ctx, calls.cancel = context.WithCancelCause(ctx)
	r.start(e.now(), input)
	e.report(r)
	for r.status == Running {
		due := r.due() // never zero: an Express execution has a longest time to run
		switch now := e.now(); {
		case !now.Before(due):
			r.wake(now)
		case r.runnable():
			r.advance(now)
		default:
			answer, err := calls.await(r, due)
			switch {
			case err != nil:
				return err
			case answer.id == 0:
				r.wake(e.now())
			default:
				e.answered(r, due, answer)
			}
		}
		e.report(r)
	}
	return nil
}

// answered takes an answer, unless it comes when the run is due.
func (e *Engine) answered(r *run, due time.Time, answer expressAnswer) {
	now := e.now()
	if !now.Before(due) {
		r.wake(now)
		return
	}
	r.answer(now, answer.id, answer.result, answer.fault)
}

// expressCalls are the calls of one Express execution's pending tasks.
type expressCalls struct {
	engine  *Engine
	ctx     context.Context //nolint:containedctx // the execution's own lifetime
	cancel  context.CancelCauseFunc
	running map[int64]context.CancelCauseFunc
	answers chan expressAnswer
	timer   Timer
	due     time.Time
	over    chan struct{}
}

type expressAnswer struct {
	id int64 // 0: the run is due
	outcome
}

// await makes the calls of the tasks that are pending and waits for the first
// answer, or until the run is due.
func (c *expressCalls) await(r *run, due time.Time) (expressAnswer, error) {
	c.update(r)
	c.setTimer(due)
	select {
	case answer := <-c.answers:
		c.forget(answer.id)
		return answer, nil
	case <-c.over:
		c.due = time.Time{}
		return expressAnswer{}, nil
	case <-c.engine.root.Done():
		return expressAnswer{}, context.Cause(c.engine.root)
	}
}

func (c *expressCalls) update(r *run) {
	wanted := 0
	r.calls(func(pending call) bool {
		wanted++
		if c.running[pending.id] == nil {
			c.make(pending)
		}
		return true
	})
	if wanted == len(c.running) {
		return
	}
	still := map[int64]bool{}
	r.calls(func(pending call) bool {
		still[pending.id] = true
		return true
	})
	for id := range c.running {
		if !still[id] {
			c.forget(id)
		}
	}
}

func (c *expressCalls) make(pending call) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	if c.running == nil {
		c.running = map[int64]context.CancelCauseFunc{}
	}
	c.running[pending.id] = cancel
	go func() {
		out := c.engine.attempt(ctx, pending)
		select {
		case c.answers <- expressAnswer{id: pending.id, outcome: out}:
		case <-ctx.Done(): // nobody waits for it
		}
	}()
}

func (c *expressCalls) forget(id int64) {
	if cancel := c.running[id]; cancel != nil {
		cancel(ErrTaskEnded)
		delete(c.running, id)
	}
}

func (c *expressCalls) setTimer(due time.Time) {
	if due.Equal(c.due) {
		return
	}
	if c.timer != nil {
		c.timer.Stop()
	}
	over := make(chan struct{})
	clock := c.engine.clock
	c.due, c.over = due, over
	c.timer = clock.AfterFunc(due.Sub(clock.Now()), func() { close(over) })
}

func (c *expressCalls) end() {
	c.cancel(ErrTaskEnded)
	if c.timer != nil {
		c.timer.Stop()
	}
}

// report hands the recorded events to the log sink, those of the machine's level.
func (e *Engine) report(r *run) {
	logging := r.program.machine.Logging
	if e.config.Logs != nil && logging.Level != LogOff && logging.Level != "" {
		text, _ := texts.Get().(*[]byte)
		for i := range r.recorded {
			ev := &r.recorded[i]
			if !logging.Level.holds(ev.kind) {
				continue
			}
			out := ev.wire(*text, e.config.Region, logging.IncludeExecutionData)
			if out.Details != nil {
				*text = out.Details
			}
			e.config.Logs.Record(&r.program.machine, r.arn, out)
		}
		texts.Put(text)
	}
	r.recorded = r.recorded[:0]
}

// holds says whether events of a type are logged at the level (Developer Guide,
// "Using CloudWatch Logs").
func (l LogLevel) holds(kind eventType) bool {
	switch kind {
	case executionFailed, executionAborted, executionTimedOut:
		return true
	case taskFailed, taskTimedOut, lambdaFunctionFailed, lambdaFunctionTimedOut, failStateEntered, evaluationFailed,
		parallelStateFailed, mapStateFailed, mapIterationFailed, mapIterationAborted,
		taskStateAborted, waitStateAborted, parallelStateAborted, mapStateAborted:
		return l == LogError || l == LogAll
	}
	return l == LogAll
}
