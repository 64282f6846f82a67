package engine

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Integration carries out the tasks of one Resource.
type Integration interface {
	// Run makes one call and answers the task's result, a value as package asl
	// defines it. *TaskError fails the task under that name; any other error is a
	// States.Runtime, which nothing in a machine can catch. The context ends when
	// the task times out or its execution ends; what Run answers later is dropped.
	Run(ctx context.Context, task TaskCall) (any, error)
}

// Job is an Integration of the pattern "Run a Job" (.sync). Run submits the job;
// what it answers is recorded in a TaskSubmitted event. Await then waits for the
// job's end and answers the task's result, or fails the task as Run does.
//
// The engine calls Await again after a restart, with what Run answered. When the
// task timed out or its execution ended, the context ends with ErrTaskEnded as its
// cause, and Await ends the job as well as it can. When the engine ends, the cause
// is another one, and the job goes on.
type Job interface {
	Integration
	Await(ctx context.Context, task TaskCall, submitted any) (any, error)
}

// ErrTaskEnded is the cause of a task's context once nobody waits for its answer:
// the task timed out, or its execution ended.
var ErrTaskEnded = errors.New("the task has ended")

// TaskCall is one attempt of a Task state.
type TaskCall struct {
	ExecutionARN string
	State        string
	RetryCount   int64
	RedriveCount int
	Arguments    any

	// ID is that of the attempt's started event, so that an execution has one
	// attempt of an ID. Started is the time of that event.
	ID      int64
	Started time.Time
	// Repeated says that an engine ended while it ran this attempt: the call may
	// have been made already.
	Repeated bool
}

// TaskError fails a task under a name that Retry and Catch can match.
type TaskError struct {
	Name  string
	Cause string
}

func (e *TaskError) Error() string { return e.Name + ": " + e.Cause }

// builtin are the integrations that every engine has.
func (e *Engine) builtin() map[string]Integration {
	call, nested := lambdaCall{e}, nestedStart{e}
	all := map[string]Integration{
		resourcePrefix + "lambda:invoke":                      lambdaInvoke{arguments: lambdaArguments(), lambdaCall: call},
		resourcePrefix + "states:startExecution":              startExecution{arguments: startArguments(), nestedStart: nested},
		resourcePrefix + "states:startExecution" + syncSuffix: startExecutionSync{arguments: startArguments(), nestedStart: nested},
	}
	for action, run := range sdkActions(e) {
		all[resourcePrefix+sdkPrefix+"sfn:"+action] = run
	}
	if e.config.Events != nil {
		all[resourcePrefix+"events:putEvents"] = newPutEvents(e)
	}
	return all
}

// integrationOf finds who carries out the tasks of a Resource; false: nobody. The
// ARN of a function is a Resource too.
func (e *Engine) integrationOf(resource string) (Integration, bool) {
	if integration, ok := e.integrations[resource]; ok {
		return integration, true
	}
	if isLambdaARN(resource) {
		return lambdaFunction{lambdaCall{e}, resource}, true
	}
	return nil, false
}

// attemptID answers an id that belongs to the attempt: what the attempt made is
// made under the same id when the attempt is repeated after a restart.
func (e *Engine) attemptID(task TaskCall, part string) string {
	if task.ID == 0 {
		return e.config.NewID()
	}
	name := task.ExecutionARN + " " + strconv.FormatInt(task.ID, 10) + " " + part
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(name)).String()
}

type taskKey struct{}

// TaskOf answers the attempt on whose behalf an Invoker is called. An Invoker that
// answers by attempt, such as the scripts of package enginetest, needs it.
func TaskOf(ctx context.Context) (TaskCall, bool) {
	task, ok := ctx.Value(taskKey{}).(TaskCall)
	return task, ok
}
