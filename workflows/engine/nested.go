package engine

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// syncSuffix is the pattern "Run a Job" whose result is JSON, not text.
const syncSuffix = ".sync:2"

// startExecutionSync is arn:aws:states:::states:startExecution.sync:2: it starts
// another execution and waits for its end. It implements Job.
type startExecutionSync struct {
	*arguments
	nestedStart
}

// Run implements Integration. A child that was started for nobody is stopped.
func (s startExecutionSync) Run(ctx context.Context, task TaskCall) (any, error) {
	submitted, err := s.submit(ctx, task, s.arguments)
	if err == nil && errors.Is(context.Cause(ctx), ErrTaskEnded) {
		s.engine.stopChild(ctx, task, childOf(submitted))
	}
	return submitted, err
}

// childOf is the execution that submit started.
func childOf(submitted any) string {
	arn, _ := stringMember(members(submitted), "ExecutionArn")
	return arn
}

// Await implements Job. A child that did not succeed fails the task with
// States.TaskFailed, whatever its own error (recording).
func (s startExecutionSync) Await(ctx context.Context, task TaskCall, submitted any) (any, error) {
	arn := childOf(submitted)
	record, err := s.engine.closing(ctx, arn)
	if err == nil {
		return s.engine.childResult(record)
	}
	if errors.Is(context.Cause(ctx), ErrTaskEnded) {
		s.engine.stopChild(ctx, task, arn)
	}
	return nil, optimisedError(err, s.engine.config.NewID())
}

// closing waits until a Standard execution has closed and answers its record. The
// error is a refusal, or says that the context ended.
func (e *Engine) closing(ctx context.Context, arn string) (Record, error) {
	waiter := e.waiters.add(arn)
	defer e.waiters.remove(arn, waiter)
	for {
		record, err := e.lookup(ctx, arn)
		var refused *APIError
		switch {
		case err == nil && record.Status != Running:
			return record, nil
		case errors.As(err, &refused):
			return Record{}, refused
		}
		again := make(chan struct{})
		var retry Timer
		if err != nil { // the store is away
			retry = e.clock.AfterFunc(lastPause, func() { close(again) })
		}
		select {
		case record = <-waiter.ended:
			return record, nil
		case <-again:
		case <-ctx.Done():
			if retry != nil {
				retry.Stop()
			}
			return Record{}, context.Cause(ctx)
		}
	}
}

// childResult is what a closed child gives its parent: its description, or a
// failure with the description as cause, in which input and output stay texts
// (recordings).
func (e *Engine) childResult(record Record) (any, error) {
	if record.Status != Succeeded {
		return nil, &TaskError{
			Name:  errorTaskFailed,
			Cause: string(asl.AppendJSON(nil, e.sdkExecution(record, epochMillis, textOf))),
		}
	}
	return e.sdkExecution(record, epochMillis, valueOf), nil
}

// stopChild stops the child of a task that nobody waits for any more. It is best
// effort, as in AWS: the engine may end before it is done. The cause is AWS's, measured
// for a branch that was ended with its siblings (floci-io/floci, 2026-09).
func (e *Engine) stopChild(ctx context.Context, task TaskCall, arn string) {
	ctx = context.WithoutCancel(ctx)
	cause := "The Task state in AWS Step Functions execution [" + task.ExecutionARN + "] which was managing this resource was aborted"
	for {
		_, err := e.StopExecution(ctx, StopInput{ExecutionARN: arn, Cause: &cause})
		var refused *APIError
		if err == nil || errors.As(err, &refused) || errors.Is(err, ErrClosed) || e.root.Err() != nil {
			return
		}
		e.log.Warn("Engine: nested execution not stopped, trying again",
			zap.String("execution_arn", arn), zap.String("parent_arn", task.ExecutionARN), zap.NamedError("error_message", err))
		if !e.pause(lastPause) {
			return
		}
	}
}

// sdkExecution is DescribeExecution's answer as AWS's SDK for Java shows it: names
// with a capital, in alphabetical order, absent members left out (recordings).
func (e *Engine) sdkExecution(record Record, date func(time.Time) any, data func(string) any) *asl.Object {
	x := e.describe(record)
	out := asl.NewObject(16)
	setText(out, "Cause", x.Cause)
	setText(out, "Error", x.Error)
	out.Set("ExecutionArn", x.ARN)
	out.Set("Input", data(x.Input))
	out.Set("InputDetails", sdkIncluded())
	out.Set("Name", x.Name)
	if x.Output != nil {
		out.Set("Output", data(*x.Output))
		out.Set("OutputDetails", sdkIncluded())
	}
	out.Set("RedriveCount", float64(x.RedriveCount))
	setDate(out, "RedriveDate", x.RedriveDate, date)
	out.Set("RedriveStatus", x.RedriveStatus)
	setText(out, "RedriveStatusReason", x.RedriveStatusReason)
	out.Set("StartDate", date(x.StartDate))
	out.Set("StateMachineArn", x.StateMachineARN)
	out.Set("Status", string(x.Status))
	setDate(out, "StopDate", x.StopDate, date)
	if record.TraceHeader != "" {
		out.Set("TraceHeader", record.TraceHeader)
	}
	return out
}

func sdkIncluded() *asl.Object {
	out := asl.NewObject(1)
	out.Set("Included", true)
	return out
}

func setText(object *asl.Object, key string, value *string) {
	if value != nil {
		object.Set(key, *value)
	}
}

func setDate(object *asl.Object, key string, value *time.Time, date func(time.Time) any) {
	if value != nil {
		object.Set(key, date(*value))
	}
}

func textOf(text string) any { return text }

// valueOf reads the JSON text of an input or output, which was read before.
func valueOf(text string) any {
	value, err := asl.ParseJSON(text)
	if err != nil {
		return text
	}
	return value
}
