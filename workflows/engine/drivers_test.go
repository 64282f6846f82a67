package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// planned carries out the tasks of a plan.
type planned struct{ engine.Plan }

// Run implements engine.Integration.
func (p planned) Run(ctx context.Context, task engine.TaskCall) (any, error) {
	return p.respond(ctx, task, false)
}

// Await implements engine.Job.
func (p planned) Await(ctx context.Context, task engine.TaskCall, _ any) (any, error) {
	return p.respond(ctx, task, true)
}

func (p planned) respond(ctx context.Context, task engine.TaskCall, submitted bool) (any, error) {
	result, fault, after, ok := p.Respond(task, submitted)
	if !ok {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	over := time.NewTimer(time.Until(task.Started.Add(after)))
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if fault != nil {
		return nil, fault
	}
	return result, nil
}

// plain is an Integration that is no Job.
type plain struct{ engine.Integration }

// The drivers add nothing to the core and leave nothing out: the events of the plans that
// seed the fuzzer are those of the core alone, from the store of a Standard execution and
// from the log of an Express one.
func TestDrivers_GiveTheEventsOfTheCore(t *testing.T) {
	t.Parallel()
	seeds, err := filepath.Glob("testdata/fuzz/FuzzMachine/*")
	if err != nil || len(seeds) == 0 {
		t.Fatalf("seeds: %v, %v", seeds, err)
	}
	for _, seed := range seeds {
		text, err := os.ReadFile(seed)
		if err != nil {
			t.Fatal(err)
		}
		_, literal, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n[]byte("))
		faces, err := strconv.Unquote(string(bytes.TrimSuffix(literal, []byte(")"))))
		if err != nil {
			t.Fatalf("%s: %v", seed, err)
		}
		plan := engine.NewPlan([]byte(faces))
		for _, kind := range []engine.MachineType{engine.Standard, engine.Express} {
			if kind == engine.Express && plan.Jobs() {
				continue
			}
			t.Run(filepath.Base(seed)+" "+string(kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { drive(t, plan, kind) })
			})
		}
	}
}

func drive(t *testing.T, plan engine.Plan, kind engine.MachineType) {
	t.Helper()
	want := plan.Events(t, kind, time.Now().UTC())
	logs := &enginetest.Log{}
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: enginetest.NewScript(nil), Logs: logs,
		Jitter: func() float64 { return 0.5 },
		Integrations: map[string]engine.Integration{
			"arn:aws:states:::lambda:invoke":                   plain{planned{plan}},
			"arn:aws:lambda:us-east-1:000000000000:function:f": plain{planned{plan}},
			"arn:aws:states:::states:startExecution.sync:2":    planned{plan},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		_ = e.Close(gone)
	}()
	machine, err := e.CreateStateMachine(t.Context(), engine.CreateInput{
		Name: "m", Type: kind, Definition: plan.Definition(), RoleARN: "role",
		Logging: engine.Logging{Level: engine.LogAll, IncludeExecutionData: true, Destinations: []string{"arn:aws:logs:us-east-1:000000000000:log-group:g:*"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := e.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine.ARN, Name: "x", Input: plan.Input()})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(want[len(want)-1].Timestamp.Sub(want[0].Timestamp) + time.Hour)
	synctest.Wait()
	got := logs.Events(started.ExecutionARN)
	if kind == engine.Standard {
		got = enginetest.History(t.Context(), t, e, started.ExecutionARN)
	}
	for i := range max(len(got), len(want)) {
		g, w := "(none)", "(none)"
		if i < len(got) {
			g = timed(got[i])
		}
		if i < len(want) {
			w = timed(want[i])
		}
		if g != w {
			t.Fatalf("event %d:\n got %s\nwant %s\n%s", i+1, g, w, plan)
		}
	}
}

func timed(event engine.Event) string {
	return fmt.Sprintf("%d p%d %s %s %s", event.ID, event.PreviousID, event.Timestamp.Format(time.RFC3339Nano), event.Type, event.Details)
}
