package engine

import (
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
	taskFailed         eventType = "TaskFailed"
	taskTimedOut       eventType = "TaskTimedOut"
	evaluationFailed   eventType = "EvaluationFailed"

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
)

// enteredType and exitedType name the events of a state. A Fail has no exit.
func enteredType(t asl.StateType) eventType {
	switch t {
	case asl.Task:
		return taskStateEntered
	case asl.Choice:
		return choiceStateEntered
	case asl.Pass:
		return passStateEntered
	case asl.Wait:
		return waitStateEntered
	case asl.Succeed:
		return succeedStateEntered
	case asl.Fail:
		return failStateEntered
	}
	return eventType(t) + "StateEntered"
}

func exitedType(t asl.StateType) eventType {
	switch t {
	case asl.Task:
		return taskStateExited
	case asl.Choice:
		return choiceStateExited
	case asl.Pass:
		return passStateExited
	case asl.Wait:
		return waitStateExited
	case asl.Succeed:
		return succeedStateExited
	}
	return eventType(t) + "StateExited"
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

func (f failure) name() string {
	if f.err == nil {
		return ""
	}
	return *f.err
}
