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

// attempt makes one call and waits for its end. Whatever the integration does, a
// panic included, the outcome is a result or a failure with a name.
func (e *Engine) attempt(ctx context.Context, c call) (out outcome) {
	defer func() {
		if thrown := recover(); thrown != nil {
			// The value may quote what it choked on: only its type is told.
			e.log.Error("Engine: integration panicked", zap.String("execution_arn", c.ExecutionARN),
				zap.String("state", c.State), zap.String("panic_type", fmt.Sprintf("%T", thrown)), zap.Stack("stack"))
			f := failing(errorRuntime, "The task's integration panicked.")
			out = outcome{fault: &f}
		}
	}()
	result, err := c.make(ctx)
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

// make asks the integration to run the task, or to await a job that it submitted.
func (c call) make(ctx context.Context) (any, error) {
	if job, ok := c.task.(Job); ok && c.submitted != nil {
		return job.Await(ctx, c.TaskCall, c.submitted.value)
	}
	return c.task.Run(ctx, c.TaskCall)
}
