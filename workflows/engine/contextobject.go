package engine

import (
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// bindings is what the expressions of the branch's state can read now.
func (r *run) bindings(now time.Time, b *branch, result, errorOutput *document) *asl.Bindings {
	bind := &asl.Bindings{Input: b.input.value, Context: r.contextObject(b), Vars: b.vars, Now: now}
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
	state := asl.NewObject(3)
	state.Set("Name", b.state.Name)
	state.Set("EnteredTime", timestamp(b.entered.at))
	switch b.state.Type {
	case asl.Task, asl.Parallel, asl.Map:
		state.Set("RetryCount", float64(b.retries))
	}
	context := r.context.Clone()
	context.Set("State", state)
	if item != nil {
		context.Set("Map", item)
	}
	return context
}

// executionContext is the part of the context object that stays the same until a
// redrive.
func (r *run) executionContext() *asl.Object {
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
	context := asl.NewObject(3)
	context.Set("Execution", execution)
	context.Set("StateMachine", machine)
	return context
}

// timestamp writes a time as AWS does: UTC, milliseconds, no trailing zeros.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }
