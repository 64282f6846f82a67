package engine

import (
	"context"

	"go.uber.org/zap"
)

// StartSyncExecution runs an Express execution to its end. An execution that fails
// or times out is an answer; the error is for a refusal. The run does not end with
// the context: its caller may have gone, the execution goes on, as in AWS.
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

func (e *Engine) newExpress(program *program, name string, sync bool) *run {
	arn := e.expressARN(program.machine.Name, name, e.config.NewID())
	r := newRun(program, arn, name, e.config.Jitter)
	r.sync = sync
	return r
}

// runExpress takes a run to its end. The only error is that the engine ended.
func (e *Engine) runExpress(ctx context.Context, r *run, input *document) error {
	r.start(e.now(), input)
	e.report(r)
	if r.status != Running {
		return nil
	}
	c := newCarrier(ctx, e, r)
	go c.carry()
	select {
	case err := <-c.ended:
		return err
	case <-e.root.Done():
		if c.seize() {
			c.end(context.Cause(e.root))
		}
		return <-c.ended
	}
}

// report hands the recorded events to the log sink, those of the machine's level.
func (e *Engine) report(r *run) {
	logging := r.program.machine.Logging
	if e.config.Logs != nil && logging.Level != LogOff && logging.Level != "" {
		s := newSlate()
		for i := range r.recorded {
			if ev := &r.recorded[i]; logging.Level.holds(ev.kind) {
				e.config.Logs.Record(&r.program.machine, r.arn, ev.wire(s, e.config.Region, logging.IncludeExecutionData))
			}
		}
		slates.Put(s)
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
