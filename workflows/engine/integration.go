package engine

import (
	"context"
	"strings"
)

// Integration carries out the tasks of one Resource.
type Integration interface {
	// Run makes one call and answers the task's result, a value as package asl
	// defines it. *TaskError fails the task under that name; any other error is a
	// States.Runtime, which nothing in a machine can catch. The context ends when
	// the task times out or its execution ends; what Run answers later is dropped.
	Run(ctx context.Context, task TaskCall) (any, error)
}

// TaskCall is one attempt of a Task state.
type TaskCall struct {
	ExecutionARN string
	State        string
	RetryCount   int64
	RedriveCount int
	Arguments    any
}

// TaskError fails a task under a name that Retry and Catch can match.
type TaskError struct {
	Name  string
	Cause string
}

func (e *TaskError) Error() string { return e.Name + ": " + e.Cause }

const resourcePrefix = "arn:aws:states:::"

// builtin are the integrations that every engine has.
func (e *Engine) builtin() map[string]Integration {
	return map[string]Integration{
		resourcePrefix + "lambda:invoke":         lambdaInvoke{invoker: e.config.Invoker, newID: e.config.NewID},
		resourcePrefix + "states:startExecution": startExecution{engine: e},
	}
}

// splitResource answers how history events name a Resource: the service and the
// action of an optimised integration.
func splitResource(arn string) (resourceType, action string) {
	resourceType, action, _ = strings.Cut(strings.TrimPrefix(arn, resourcePrefix), ":")
	return resourceType, action
}

type taskKey struct{}

// TaskOf answers the attempt on whose behalf an Invoker is called. An Invoker that
// answers by attempt, such as the scripts of package enginetest, needs it.
func TaskOf(ctx context.Context) (TaskCall, bool) {
	task, ok := ctx.Value(taskKey{}).(TaskCall)
	return task, ok
}
