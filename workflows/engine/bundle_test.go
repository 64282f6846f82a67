package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// testBundle is an engine on a store, with a scripted invoker and a bus.
type testBundle struct {
	*engine.Engine
	store  *enginetest.Store
	script *enginetest.Script
	bus    *bus
	config engine.Config
}

// inBubble runs a test in fake time.
func inBubble(t *testing.T, run func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, run)
}

// setup starts an engine; it is closed when the test ends.
func setup(t *testing.T, answers map[string][]enginetest.Answer) *testBundle {
	t.Helper()
	return startOn(t, enginetest.NewStore(), enginetest.NewScript(answers), &bus{})
}

func startOn(t *testing.T, store *enginetest.Store, script *enginetest.Script, bus *bus) *testBundle {
	t.Helper()
	b := startWith(t, store, script, bus)
	b.script = script
	return b
}

func startWith(t *testing.T, store *enginetest.Store, invoker engine.Invoker, bus *bus) *testBundle {
	t.Helper()
	b := &testBundle{store: store, bus: bus}
	ids := 0
	var mu sync.Mutex
	b.config = engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: store, Invoker: invoker, Bus: bus,
		Jitter: func() float64 { return 0.5 },
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return fmt.Sprintf("00000000-0000-4000-8000-%012d", ids)
		},
	}
	e, err := engine.New(b.config)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.Engine = e
	t.Cleanup(func() { b.kill() })
	return b
}

// kill ends the engine as a crash does: nothing more is written, running tasks
// are given up.
func (b *testBundle) kill() {
	b.store.Crash()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = b.Close(ctx)
}

func (b *testBundle) create(t *testing.T, name string, kind engine.MachineType, definition string) string {
	t.Helper()
	machine, err := b.CreateStateMachine(t.Context(), engine.CreateInput{
		Name: name, Type: kind, Definition: definition, RoleARN: "arn:aws:iam::000000000000:role/" + name,
	})
	if err != nil {
		t.Fatal(err)
	}
	return machine.ARN
}

func (b *testBundle) start(t *testing.T, machine, name, input string) string {
	t.Helper()
	out, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: name, Input: input})
	if err != nil {
		t.Fatal(err)
	}
	return out.ExecutionARN
}

func (b *testBundle) settle(t *testing.T, arn string) engine.Execution {
	t.Helper()
	return enginetest.Settle(t.Context(), t, b.Engine, arn)
}

func (b *testBundle) history(t *testing.T, arn string) []engine.Event {
	t.Helper()
	return enginetest.History(t.Context(), t, b.Engine, arn)
}

// refusedWith fails the test unless the error is a refusal of that type and text.
func refusedWith(t *testing.T, err error, kind, message string) {
	t.Helper()
	var refused *engine.APIError
	if !errors.As(err, &refused) || refused.Type != kind || (message != "" && refused.Message != message) {
		t.Errorf("refusal:\n got %v\nwant %s: %s", err, kind, message)
	}
}

// bus is an engine.Bus that keeps what it takes and refuses on demand.
type bus struct {
	mu      sync.Mutex
	taken   []engine.StatusChange
	refuse  func(engine.StatusChange) error
	before  func(engine.StatusChange) // may block
	offered int
}

func (b *bus) Publish(_ context.Context, change engine.StatusChange) error {
	if b.before != nil {
		b.before(change)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.offered++
	if b.refuse != nil {
		if err := b.refuse(change); err != nil {
			return err
		}
	}
	b.taken = append(b.taken, change)
	return nil
}

func (b *bus) changes() []engine.StatusChange {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]engine.StatusChange(nil), b.taken...)
}
