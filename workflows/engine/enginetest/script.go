package enginetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Answer is what a task answers to one attempt. The zero value is the result null.
type Answer struct {
	// Result is the answer as JSON text: of a lambda:invoke task the function's
	// payload, of any other the whole result. Empty: null.
	Result string
	// Error and Cause fail the attempt instead. For a lambda:invoke task Cause is
	// the errorMessage of the function's error document.
	Error string
	Cause string
	// Call says that Error is of the call, not of the function: Lambda.ServiceException.
	Call bool
	// Delay passes before the answer.
	Delay time.Duration
	// Hang never answers; the attempt ends with its timeout or its execution.
	Hang bool
	// Panic panics instead of answering.
	Panic bool
}

// Call is one attempt that a script answered.
type Call struct {
	engine.TaskCall
	Function string // of a lambda:invoke task
	Payload  string // the payload, or the arguments of any other task
}

// Script answers tasks by the name of their state: the first attempt gets the
// first answer, and so on; the last answer is given to all later attempts. A state
// without answers fails with Script.NoAnswer.
type Script struct {
	answers map[string][]Answer

	mu    sync.Mutex
	given map[string]int
	calls []Call
}

// NewScript returns a script.
func NewScript(answers map[string][]Answer) *Script {
	return &Script{answers: answers, given: map[string]int{}}
}

// Calls are the attempts so far, in the order in which they began.
func (s *Script) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Answers replaces the answers of a state and begins with the first of them.
func (s *Script) Answers(state string, answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers == nil {
		s.answers = map[string][]Answer{}
	}
	s.answers[state] = answers
	s.given[state] = 0
}

func (s *Script) next(call Call) Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
	answers := s.answers[call.State]
	if len(answers) == 0 {
		return Answer{Error: "Script.NoAnswer", Cause: "no answer for " + call.State}
	}
	n := s.given[call.State]
	s.given[call.State]++
	return answers[min(n, len(answers)-1)]
}

// wait lets the answer's delay pass; the error is the context's.
func (a Answer) wait(ctx context.Context) error {
	if a.Panic {
		panic("scripted")
	}
	if a.Hang {
		<-ctx.Done()
		return ctx.Err()
	}
	if a.Delay == 0 {
		return nil
	}
	timer := time.NewTimer(a.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Invoke implements engine.Invoker.
func (s *Script) Invoke(ctx context.Context, function string, payload []byte) (engine.Result, error) {
	task, _ := engine.TaskOf(ctx)
	answer := s.next(Call{TaskCall: task, Function: function, Payload: string(payload)})
	if err := answer.wait(ctx); err != nil {
		return engine.Result{}, fmt.Errorf("invoke %s: %w", function, err)
	}
	switch {
	case answer.Error != "" && answer.Call:
		return engine.Result{}, &engine.InvokeError{Name: answer.Error, Cause: answer.Cause}
	case answer.Error != "":
		document := asl.NewObject(2)
		document.Set("errorMessage", answer.Cause)
		document.Set("errorType", answer.Error)
		return engine.Result{StatusCode: 200, FunctionError: "Unhandled", Payload: asl.AppendJSON(nil, document)}, nil
	case answer.Result == "":
		return engine.Result{StatusCode: 200, Payload: []byte("null")}, nil
	}
	return engine.Result{StatusCode: 200, Payload: []byte(answer.Result), RequestID: "00000000-0000-4000-8000-000000000000"}, nil
}

// Task stands in for an integration other than lambda:invoke: put it into
// engine.Config.Integrations under the Resource.
func (s *Script) Task() engine.Integration { return scriptedTask{s} }

type scriptedTask struct{ script *Script }

// Run implements engine.Integration.
func (t scriptedTask) Run(ctx context.Context, task engine.TaskCall) (any, error) {
	answer := t.script.next(Call{TaskCall: task, Payload: string(asl.AppendJSON(nil, task.Arguments))})
	if err := answer.wait(ctx); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, &engine.TaskError{Name: answer.Error, Cause: answer.Cause}
	}
	if answer.Result == "" {
		return nil, nil
	}
	return asl.ParseJSON(answer.Result)
}
