package bench

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const (
	expressRounds = 21
	expressSlice  = 250 * time.Millisecond // of one side in one round
	states        = 10                     // that an execution of TenStates enters
	events        = 37                     // that it has
)

// side is something that runs executions of ten states for a while and answers the
// transitions per second.
type side struct {
	name   string
	metric string
	run    func(time.Duration) (float64, error)
	rates  []float64
}

// BenchmarkExpress measures transitions in memory: one execution of ten states at a
// time and as many as there are cores, with all events written out and with errors
// only, without the fast evaluator, and the npm package aws-local-stepfunctions on a
// machine of the same shape (JSONPath, one thread, no events). All sides take turns, so
// that what else the machine does hits all of them, and count with their medians.
func BenchmarkExpress(b *testing.B) {
	all := engine.Logging{Level: engine.LogAll, IncludeExecutionData: true}
	failures := engine.Logging{Level: engine.LogError}
	cores := runtime.GOMAXPROCS(0)
	sides := []*side{
		{name: "all events, one at a time", metric: "events-one", run: newMemory(b, all, false).run(1)},
		{name: fmt.Sprintf("all events, %d side by side", cores), metric: "events-all", run: newMemory(b, all, false).run(cores)},
		{name: "errors only, one at a time", metric: "errors-one", run: newMemory(b, failures, false).run(1)},
		{name: fmt.Sprintf("errors only, %d side by side", cores), metric: "errors-all", run: newMemory(b, failures, false).run(cores)},
		{name: "all events, one at a time, fast evaluator off", metric: "reference-one", run: newMemory(b, all, true).run(1)},
	}
	var npm *side
	if p, err := startPeer(b); err != nil {
		b.Logf("NOT COMPARED with npm's aws-local-stepfunctions: %v", err)
	} else {
		npm = &side{name: "npm's " + p.version, metric: "npm-one", run: p.run}
		sides = append(sides, npm)
	}
	b.Logf("%d rounds of %d sides, %s each", expressRounds, len(sides), expressSlice)
	for _, s := range sides {
		s.measure(b, expressSlice) // to warm up
	}
	for b.Loop() {
		for _, s := range sides {
			s.rates = nil
		}
		for round := range expressRounds {
			for i := range sides {
				// Whoever comes after another process has a rested one's right to the cores.
				s := sides[(i+round)%len(sides)]
				s.rates = append(s.rates, s.measure(b, expressSlice))
			}
		}
		b.Logf("medians of %d rounds, transitions per second:", expressRounds)
		for _, s := range sides {
			b.Logf("  %8.0f  %s%s", median(s.rates), s.name, s.against(npm))
			b.ReportMetric(median(s.rates), s.metric+"/s")
		}
		b.ReportMetric(0, "ns/op") // one operation is a whole comparison: its time says nothing
	}
}

func (s *side) measure(b *testing.B, slice time.Duration) float64 {
	b.Helper()
	rate, err := s.run(slice)
	if err != nil {
		b.Fatalf("%s: %v", s.name, err)
	}
	return rate
}

// against is the ratio to the peer: of the medians.
func (s *side) against(npm *side) string {
	if npm == nil || s == npm {
		return ""
	}
	return fmt.Sprintf(" (%.2f × npm)", median(s.rates)/median(npm.rates))
}

// memory is an engine with the machine of ten states, as Invoker and LogSink of
// itself: the function answers the same every time, the sink takes events and counts
// them.
type memory struct {
	engine   *engine.Engine
	machine  string
	answer   []byte
	expected int64 // events of an execution that reach the sink

	events, bytes atomic.Int64
}

func newMemory(b *testing.B, logging engine.Logging, referenceOnly bool) *memory {
	b.Helper()
	m := &memory{answer: []byte(enginetest.TenStatesInput())}
	if logging.Level == engine.LogAll {
		m.expected = events
	}
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(),
		Invoker: m, Logs: m, ReferenceOnly: referenceOnly,
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := e.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close(context.WithoutCancel(b.Context())) })
	machine, err := e.CreateStateMachine(b.Context(), engine.CreateInput{
		Name: "ten", Type: engine.Express, Definition: enginetest.TenStates, RoleARN: "role", Logging: logging,
	})
	if err != nil {
		b.Fatal(err)
	}
	m.engine, m.machine = e, machine.ARN
	return m
}

// Invoke implements engine.Invoker.
func (m *memory) Invoke(context.Context, string, []byte) (engine.Result, error) {
	return engine.Result{Payload: m.answer, RequestID: "8c1f2a9e-5d14-4f2b-9b0e-3d5c1e7a6f42"}, nil
}

// Record implements engine.LogSink.
func (m *memory) Record(_ *engine.StateMachine, _ string, event engine.Event) {
	m.events.Add(1)
	m.bytes.Add(int64(len(event.Details)))
}

// run runs so many executions at a time.
func (m *memory) run(atATime int) func(time.Duration) (float64, error) {
	return func(slice time.Duration) (float64, error) {
		m.events.Store(0)
		m.bytes.Store(0)
		var executions atomic.Int64
		errs := make([]error, atATime)
		began := time.Now()
		var group sync.WaitGroup
		for i := range atATime {
			group.Go(func() {
				for errs[i] == nil && time.Since(began) < slice {
					errs[i] = m.execute()
					executions.Add(1)
				}
			})
		}
		group.Wait()
		took := time.Since(began)
		return float64(states*executions.Load()) / took.Seconds(), errors.Join(errors.Join(errs...), m.told(executions.Load()))
	}
}

func (m *memory) execute() error {
	out, err := m.engine.StartSyncExecution(context.Background(), engine.StartInput{
		StateMachineARN: m.machine, Name: "x", Input: string(m.answer),
	})
	if err == nil && (out.Status != engine.Succeeded || len(out.Output) != len(m.answer)) {
		err = fmt.Errorf("the execution ended as %s: %.200s", out.Status, out.Output)
	}
	return err
}

// told checks that the events of all executions came, and with their data.
func (m *memory) told(executions int64) error {
	if got, want := m.events.Load(), m.expected*executions; got != want {
		return fmt.Errorf("%d events came of %d executions, want %d", got, executions, want)
	}
	if least := m.expected * executions * int64(len(m.answer)) / 2; m.bytes.Load() < least {
		return fmt.Errorf("the events are %d bytes, want more than %d", m.bytes.Load(), least)
	}
	return nil
}
