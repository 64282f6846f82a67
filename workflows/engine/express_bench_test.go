package engine_test

import (
	"context"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// echo answers the same every time.
type echo struct{ answer []byte }

func (e echo) Invoke(context.Context, string, []byte) (engine.Result, error) {
	return engine.Result{Payload: e.answer, RequestID: "r"}, nil
}

// discard takes events and keeps none.
type discard struct{}

func (discard) Record(*engine.StateMachine, string, engine.Event) {}

// One execution of ten states after the other, for a profile: with all events written
// out, and as lead_intake runs, with errors only and no data. What counts is measured
// by tests/bench.
func BenchmarkExpress(b *testing.B) {
	for _, c := range []struct {
		name    string
		logging engine.Logging
	}{
		{"events", engine.Logging{Level: engine.LogAll, IncludeExecutionData: true}},
		{"errors", engine.Logging{Level: engine.LogError}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx := b.Context()
			input := enginetest.TenStatesInput()
			e, err := engine.New(engine.Config{
				Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: echo{[]byte(input)}, Logs: discard{},
			})
			if err != nil {
				b.Fatal(err)
			}
			if err := e.Start(ctx); err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = e.Close(context.WithoutCancel(ctx)) })
			machine, err := e.CreateStateMachine(ctx, engine.CreateInput{
				Name: "m", Type: engine.Express, Definition: enginetest.TenStates, RoleARN: "r", Logging: c.logging,
			})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				out, err := e.StartSyncExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN, Name: "x", Input: input})
				if err != nil || out.Status != engine.Succeeded {
					b.Fatal(out.Status, err)
				}
			}
			b.ReportMetric(10*float64(b.N)/b.Elapsed().Seconds(), "transitions/s")
		})
	}
}
