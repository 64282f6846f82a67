package engine

import (
	"context"
	"errors"
	"fmt"

	"go.uber.org/zap"
)

// outcome is how one attempt of a task ended.
type outcome struct {
	result any
	fault  *failure
}

// attempt runs one attempt to its end; of a Job, until it is submitted. Whatever
// the integration does, a panic included, the outcome is a result or a failure with
// a name.
func (e *Engine) attempt(ctx context.Context, task Integration, call TaskCall) outcome {
	return e.outcome(call, func() (any, error) { return task.Run(ctx, call) })
}

// awaitJob waits for the end of a submitted job, see attempt.
func (e *Engine) awaitJob(ctx context.Context, job Job, call TaskCall, submitted any) outcome {
	return e.outcome(call, func() (any, error) { return job.Await(ctx, call, submitted) })
}

func (e *Engine) outcome(call TaskCall, run func() (any, error)) (out outcome) {
	defer func() {
		if thrown := recover(); thrown != nil {
			// The value may quote what it choked on: only its type is told.
			e.log.Error("Engine: integration panicked", zap.String("execution_arn", call.ExecutionARN),
				zap.String("state", call.State), zap.String("panic_type", fmt.Sprintf("%T", thrown)), zap.Stack("stack"))
			f := failing(errorRuntime, "The task's integration panicked.")
			out = outcome{fault: &f}
		}
	}()
	result, err := run()
	if err == nil {
		return outcome{result: result}
	}
	var named *TaskError
	f := failing(errorRuntime, err.Error())
	if errors.As(err, &named) {
		f = failing(named.Name, named.Cause)
	}
	return outcome{fault: &f}
}
