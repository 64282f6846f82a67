package engine

import (
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// bindings is what the state's expressions can read now.
func (r *run) bindings(now time.Time, result, errorOutput *document) *asl.Bindings {
	b := &r.branch
	bind := &asl.Bindings{Input: b.input.value, Context: r.contextObject(), Vars: b.vars, Now: now}
	if result != nil {
		bind.Result = result.value
	}
	if errorOutput != nil {
		bind.ErrorOutput = errorOutput.value
	}
	return bind
}

// contextObject is $states.context, its members in AWS's order (recording). It
// is made once per attempt.
func (r *run) contextObject() *asl.Object {
	b := &r.branch
	if b.context != nil {
		return b.context
	}
	if r.context == nil {
		r.context = r.executionContext()
	}
	state := asl.NewObject(3)
	state.Set("Name", b.state.Name)
	state.Set("EnteredTime", timestamp(b.entered.at))
	if b.state.Type == asl.Task {
		state.Set("RetryCount", float64(b.retries))
	}
	b.context = r.context.Clone()
	b.context.Set("State", state)
	return b.context
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
