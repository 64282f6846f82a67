package engine

import (
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// eventType is AWS's HistoryEventType.
type eventType string

const (
	executionStarted   eventType = "ExecutionStarted"
	executionSucceeded eventType = "ExecutionSucceeded"
	executionFailed    eventType = "ExecutionFailed"
	executionAborted   eventType = "ExecutionAborted"
	executionTimedOut  eventType = "ExecutionTimedOut"
	executionRedriven  eventType = "ExecutionRedriven"
	taskScheduled      eventType = "TaskScheduled"
	taskStarted        eventType = "TaskStarted"
	taskSucceeded      eventType = "TaskSucceeded"
	taskSubmitted      eventType = "TaskSubmitted"
	taskFailed         eventType = "TaskFailed"
	taskTimedOut       eventType = "TaskTimedOut"
	evaluationFailed   eventType = "EvaluationFailed"

	lambdaFunctionScheduled eventType = "LambdaFunctionScheduled"
	lambdaFunctionStarted   eventType = "LambdaFunctionStarted"
	lambdaFunctionSucceeded eventType = "LambdaFunctionSucceeded"
	lambdaFunctionFailed    eventType = "LambdaFunctionFailed"
	lambdaFunctionTimedOut  eventType = "LambdaFunctionTimedOut"

	parallelStateStarted   eventType = "ParallelStateStarted"
	parallelStateSucceeded eventType = "ParallelStateSucceeded"
	parallelStateFailed    eventType = "ParallelStateFailed"
	mapStateStarted        eventType = "MapStateStarted"
	mapStateSucceeded      eventType = "MapStateSucceeded"
	mapStateFailed         eventType = "MapStateFailed"
	mapIterationStarted    eventType = "MapIterationStarted"
	mapIterationSucceeded  eventType = "MapIterationSucceeded"
	mapIterationFailed     eventType = "MapIterationFailed"
	mapIterationAborted    eventType = "MapIterationAborted"

	taskStateAborted     eventType = "TaskStateAborted"
	waitStateAborted     eventType = "WaitStateAborted"
	parallelStateAborted eventType = "ParallelStateAborted"
	mapStateAborted      eventType = "MapStateAborted"

	taskStateEntered    eventType = "TaskStateEntered"
	taskStateExited     eventType = "TaskStateExited"
	choiceStateEntered  eventType = "ChoiceStateEntered"
	choiceStateExited   eventType = "ChoiceStateExited"
	passStateEntered    eventType = "PassStateEntered"
	passStateExited     eventType = "PassStateExited"
	waitStateEntered    eventType = "WaitStateEntered"
	waitStateExited     eventType = "WaitStateExited"
	succeedStateEntered eventType = "SucceedStateEntered"
	succeedStateExited  eventType = "SucceedStateExited"
	failStateEntered    eventType = "FailStateEntered"

	parallelStateEntered eventType = "ParallelStateEntered"
	parallelStateExited  eventType = "ParallelStateExited"
	mapStateEntered      eventType = "MapStateEntered"
	mapStateExited       eventType = "MapStateExited"
)

// family names the events of a task. A function's ARN as the Resource, which is the
// one that was admitted without the common prefix, has a family of its own.
type family struct {
	scheduled, started, succeeded, failed, timedOut eventType
}

func familyOf(resource string) family {
	if !strings.HasPrefix(resource, resourcePrefix) {
		return family{lambdaFunctionScheduled, lambdaFunctionStarted, lambdaFunctionSucceeded, lambdaFunctionFailed, lambdaFunctionTimedOut}
	}
	return family{taskScheduled, taskStarted, taskSucceeded, taskFailed, taskTimedOut}
}

// stateEvents names the events of a state. A Fail has no exit, only a Parallel and a
// Map have an event of their failure, and only states that take time one of being
// ended with their siblings.
type stateEvents struct {
	entered, exited, failed, aborted eventType
}

func eventsOf(t asl.StateType) stateEvents {
	switch t {
	case asl.Task:
		return stateEvents{entered: taskStateEntered, exited: taskStateExited, aborted: taskStateAborted}
	case asl.Choice:
		return stateEvents{entered: choiceStateEntered, exited: choiceStateExited}
	case asl.Pass:
		return stateEvents{entered: passStateEntered, exited: passStateExited}
	case asl.Wait:
		return stateEvents{entered: waitStateEntered, exited: waitStateExited, aborted: waitStateAborted}
	case asl.Succeed:
		return stateEvents{entered: succeedStateEntered, exited: succeedStateExited}
	case asl.Fail:
		return stateEvents{entered: failStateEntered}
	case asl.Parallel:
		return stateEvents{parallelStateEntered, parallelStateExited, parallelStateFailed, parallelStateAborted}
	case asl.Map:
		return stateEvents{mapStateEntered, mapStateExited, mapStateFailed, mapStateAborted}
	}
	return stateEvents{}
}

// event is a history event as the core records it: values stay values until a
// store or a sink wants their text.
type event struct {
	id, prev int64
	at       time.Time
	kind     eventType

	name     string      // of the state
	data     *document   // input, output or parameters
	assigned *asl.Object // variables by name, nil: none
	resource string      // the Resource of a task
	timeout  int64       // seconds of a scheduled task, 0: none
	beat     int64       // heartbeat seconds of a scheduled task, 0: none
	err      *string
	cause    *string
	location string // of a failed evaluation
	roleARN  string
	redrives int
	index    int // of an iteration

	// The rest is in no event of AWS: see private.
	path    string   // of the branch
	next    string   // the state that an exit leads to
	detour  bool     // it is not the state's Next
	items   []any    // of a Map that starts
	limit   int      // how many of its iterations may run at a time
	failing *failure // why a Parallel or Map fails, of what follows from it
}

// closes says whether the event ends the execution.
func (ev *event) closes() bool {
	switch ev.kind {
	case executionSucceeded, executionFailed, executionAborted, executionTimedOut:
		return true
	}
	return false
}

// failure is an error as machines see it. Nil is absent, which is not empty.
type failure struct {
	err, cause *string
}

func failing(name, cause string) failure { return failure{err: &name, cause: &cause} }

// clip cuts what AWS's types have no room for, in characters.
func (f failure) clip() failure {
	return failure{err: clip(f.err, maxError), cause: clip(f.cause, maxCause)}
}

func clip(text *string, most int) *string {
	if text == nil || len(*text) <= most {
		return text
	}
	left := most
	for i := range *text {
		if left == 0 {
			return ptr((*text)[:i])
		}
		left--
	}
	return text
}

func (f failure) name() string {
	if f.err == nil {
		return ""
	}
	return *f.err
}
