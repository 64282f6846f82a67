package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// script is the engine's Invoker: it answers calls as the case says and keeps them.
type script struct {
	mu     sync.Mutex
	tasks  tasks
	calls  []string
	faults []string // calls that no answer was left for
}

// requestID is that of every answer; ${id} in a case.
const requestID = "00000000-0000-4000-8000-000000000000"

// play replaces the answers and says which of the old ones were never used.
func (s *script) play(next tasks) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unused []string
	for state, answers := range s.tasks {
		for i, a := range answers {
			if a.Times > 0 {
				unused = append(unused, fmt.Sprintf("%s: answer %d is not used, %d times", state, i+1, a.Times))
			}
		}
	}
	s.tasks = tasks{}
	for state, answers := range next {
		s.tasks[state] = slices.Clone(answers)
	}
	return unused
}

// Invoke implements engine.Invoker.
func (s *script) Invoke(ctx context.Context, function string, payload []byte) (engine.Result, error) {
	task, _ := engine.TaskOf(ctx)
	a, ok := s.next(task.State, function, payload)
	if !ok {
		return engine.Result{}, &engine.InvokeError{Name: "Script.NoAnswer", Cause: "no answer is left for " + task.State}
	}
	if err := a.wait(ctx); err != nil {
		return engine.Result{}, fmt.Errorf("invoke %s: %w", function, err)
	}
	out := engine.Result{StatusCode: 200, RequestID: requestID}
	switch {
	case a.Fault != "":
		return engine.Result{}, &engine.InvokeError{Name: a.Fault, Cause: a.Cause}
	case a.Error != "":
		out.FunctionError = "Unhandled"
		out.Payload = []byte(fmt.Sprintf(`{"errorMessage":%s,"errorType":%s}`, quote(a.Cause), quote(a.Error)))
	case a.Raw != nil:
		out.FunctionError, out.Payload = "Unhandled", []byte(*a.Raw)
	default:
		out.Payload = a.Result
	}
	return out, nil
}

func quote(text string) string {
	raw, _ := json.Marshal(text) // a text always encodes
	return string(raw)
}

func (s *script) next(state, function string, payload []byte) (answer, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, function+" "+string(payload))
	for i := range s.tasks[state] {
		a := &s.tasks[state][i]
		if a.Times > 0 && (a.When == nil || string(a.When) == string(payload)) {
			a.Times--
			return *a, true
		}
	}
	s.faults = append(s.faults, fmt.Sprintf("%s: no answer is left for %s %s", state, function, payload))
	return answer{}, false
}

// wait lets the answer's delay pass; the error is the context's.
func (a answer) wait(ctx context.Context) error {
	if a.Hang {
		<-ctx.Done()
		return ctx.Err()
	}
	timer := time.NewTimer(time.Duration(a.Delay))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// draws is the engine's Jitter.
type draws struct {
	mu     sync.Mutex
	values []float64
	missed int
}

func (d *draws) next() float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.values) == 0 {
		d.missed++
		return 0
	}
	value := d.values[0]
	d.values = d.values[1:]
	return value
}
