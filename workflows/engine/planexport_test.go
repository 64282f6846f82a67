package engine

import (
	"testing"
	"time"
)

// Plan lets the tests of the drivers run what FuzzMachine runs with the core alone.
type Plan struct{ *plan }

// NewPlan makes a plan whose execution nobody stops or redrives.
func NewPlan(faces []byte) Plan {
	p := newPlan(faces)
	p.stops, p.redrives, p.apart = [maxRedrives + 1]time.Duration{}, 0, true
	return Plan{p}
}

// Definition, Input and Jobs are those of the plan.
func (p Plan) Definition() string { return p.definition }

// Input is the execution's.
func (p Plan) Input() string { return p.input }

// Jobs says that Express cannot run it.
func (p Plan) Jobs() bool { return p.jobs }

// Respond answers a task; nil and false: never.
func (p Plan) Respond(task TaskCall, submitted bool) (result any, fault *TaskError, after time.Duration, ok bool) {
	c := call{id: task.ID, TaskCall: task}
	if submitted {
		c.submitted = newDocument(nil)
	}
	result, failed, after, ok := p.respond(c)
	if failed != nil {
		fault = &TaskError{Name: failed.name(), Cause: *failed.cause}
	}
	return result, fault, after, ok
}

// Events are those of the core alone, from the start at a time on.
func (p Plan) Events(t testing.TB, kind MachineType, at time.Time) []Event {
	t.Helper()
	s := p.begin(t, p.program(t, kind), at)
	s.finish()
	return s.events
}
