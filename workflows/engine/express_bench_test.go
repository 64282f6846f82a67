package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// intake has ten states: five tasks with three-field Arguments and an Output
// expression each, three choices, two passes with Assign.
const intake = `
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"request": "{% $states.input %}", "startedAt": "{% $states.context.Execution.StartTime %}", "state": "{% $states.context.State.Name %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "A?"},
	"A?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.outcome = 'other' %}", "Next": "E"}, {"Condition": "{% $states.input.outcome = 'valid' %}", "Next": "Keep"}], "Default": "E"},
	"Keep": {"Type": "Pass", "Assign": {"submission": "{% $states.input.submission %}"}, "Next": "B"},
	"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $states.input.submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $states.input.outcome %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "B?"},
	"B?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.outcome = 'valid' %}", "Next": "C"}], "Default": "E"},
	"C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $states.input.outcome %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "C?"},
	"C?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.outcome = 'valid' %}", "Next": "Note"}], "Default": "E"},
	"Note": {"Type": "Pass", "Assign": {"outcome": "{% $states.input.outcome %}"}, "Next": "D"},
	"D": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $outcome %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "E"},
	"E": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $states.input.submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $states.input.outcome %}"}},
		"Output": "{% $states.result.Payload %}", "End": true}`

// echo answers the same two kilobytes every time.
type echo struct{ answer []byte }

func (e echo) Invoke(context.Context, string, []byte) (engine.Result, error) {
	return engine.Result{Payload: e.answer, RequestID: "r"}, nil
}

// discard takes events and keeps none.
type discard struct{}

func (discard) Record(*engine.StateMachine, string, engine.Event) {}

// The measure of transitions in memory: ten states each, input two kilobytes; with
// all events written out, and as lead_intake runs, with errors only and no data.
func BenchmarkExpress(b *testing.B) {
	message := `{"outcome":"valid","submission":{"name":"Ana O'Brien","email":"ana@example.com","message":"` + strings.Repeat("words ", 300) + `"}}`
	for _, c := range []struct {
		name    string
		logging engine.Logging
	}{
		{"events", engine.Logging{Level: engine.LogAll, IncludeExecutionData: true}},
		{"errors", engine.Logging{Level: engine.LogError}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx := b.Context()
			e, err := engine.New(engine.Config{
				Region: "us-east-1", Account: "000000000000", Store: enginetest.NewStore(), Invoker: echo{[]byte(message)}, Logs: discard{},
			})
			if err != nil {
				b.Fatal(err)
			}
			if err := e.Start(ctx); err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = e.Close(context.WithoutCancel(ctx)) })
			machine, err := e.CreateStateMachine(ctx, engine.CreateInput{
				Name: "m", Type: engine.Express, Definition: states(intake), RoleARN: "r", Logging: c.logging,
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				out, err := e.StartSyncExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN, Name: "x", Input: message})
				if err != nil || out.Status != engine.Succeeded {
					b.Fatal(out.Status, err)
				}
			}
			b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "transitions/s")
		})
	}
}
