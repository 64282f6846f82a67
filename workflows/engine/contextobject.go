package engine

import (
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// bindings is what the expressions of the branch's state can read now, until the next
// call of it. The context object is made for those that read it: most do not.
func (r *run) bindings(now time.Time, b *branch, result, errorOutput *document) *asl.Bindings {
	r.reading = b
	if r.makeContext == nil {
		r.makeContext = func() any { return r.contextObject(r.reading) }
	}
	r.bind = asl.Bindings{Input: b.input.value, MakeContext: r.makeContext, Vars: b.vars, Now: now}
	bind := &r.bind
	if result != nil {
		bind.Result = result.value
	}
	if errorOutput != nil {
		bind.ErrorOutput = errorOutput.value
	}
	return bind
}

// contextObject is $states.context in the branch's state, made once per attempt.
func (r *run) contextObject(b *branch) *asl.Object {
	if b.context == nil {
		b.context = r.contextOf(b, b.item)
	}
	return b.context
}

// contextOf makes the context object of the branch's state with an item of a Map, its
// members in AWS's order (recording). RetryCount is there in states that can be retried.
func (r *run) contextOf(b *branch, item *asl.Object) *asl.Object {
	if r.context == nil {
		r.context = r.executionContext()
	}
	var state *asl.Object
	name, at := b.state.Name, timestamp(b.entered.at)
	switch b.state.Type {
	case asl.Task, asl.Parallel, asl.Map:
		state = retriedState.Object(name, at, float64(b.retries))
	default:
		state = plainState.Object(name, at)
	}
	if item == nil {
		return stateContext.Object(r.context.execution, r.context.machine, state)
	}
	return itemContext.Object(r.context.execution, r.context.machine, state, item)
}

// The context object and its State; see contextOf.
var (
	stateContext = asl.NewShape("Execution", "StateMachine", "State")
	itemContext  = asl.NewShape("Execution", "StateMachine", "State", "Map")
	plainState   = asl.NewShape("Name", "EnteredTime")
	retriedState = asl.NewShape("Name", "EnteredTime", "RetryCount")
)

// executionContext is the part of the context object that stays the same until a
// redrive.
type executionContext struct{ execution, machine *asl.Object }

func (r *run) executionContext() *executionContext {
	execution := asl.NewObject(7)
	execution.Set("Id", r.arn)
	execution.Set("Input", r.input.value)
	execution.Set("StartTime", timestamp(r.started))
	execution.Set("Name", r.name)
	execution.Set("RoleArn", r.program.machine.RoleARN)
	if !r.sync {
		execution.Set("RedriveCount", float64(r.redrives))
	}
	if r.redriven != nil {
		execution.Set("RedriveTime", timestamp(*r.redriven))
	}
	machine := asl.NewObject(2)
	machine.Set("Id", r.program.machine.ARN)
	machine.Set("Name", r.program.machine.Name)
	return &executionContext{execution, machine}
}

// timestamp writes a time as AWS does: UTC, milliseconds, no trailing zeros.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }
