package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
	"github.com/alquimista-ai/nigredo/workflows/sfn"
)

// stage is an engine in fake time with the case's functions, and a door to it.
type stage struct {
	door
	engine *engine.Engine
	script *script
	draws  *draws
	watch  *watch
	began  time.Time
}

// head start puts the beginning at a time whose fraction ends in a zero.
const headStart = 120 * time.Millisecond

func newStage(t *testing.T, c *testCase, mode string) *stage {
	t.Helper()
	time.Sleep(headStart)
	s := &stage{
		script: &script{}, draws: &draws{values: slices.Clone(c.Jitter)},
		watch: &watch{changed: make(chan struct{}), logged: map[string][]any{}, statuses: map[string][]string{}},
		began: time.Now(),
	}
	s.script.play(c.Tasks)
	ids := 0
	var mu sync.Mutex
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(),
		Invoker: s.script, Bus: s.watch, Events: s.watch, Logs: s.watch, Jitter: s.draws.next,
		NewID: func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return fmt.Sprintf("00000000-0000-4000-8000-%012d", ids)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.engine = e
	handler := sfn.New(e, zap.NewNop())
	if mode == inProcess {
		s.door = direct{handler}
	} else {
		s.door = serve(t, handler)
	}
	t.Cleanup(func() {
		s.close()
		// What still waits for an answer is given up.
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = e.Close(ctx)
	})
	return s
}

// watch is the engine's Bus, EventBus and LogSink: it keeps what they are given, as AWS
// would write it, and tells when an execution closes.
type watch struct {
	mu       sync.Mutex
	changed  chan struct{}
	statuses map[string][]string // published, by execution
	logged   map[string][]any    // events, by execution
	put      []any               // events of events:putEvents
}

// Publish implements engine.Bus.
func (w *watch) Publish(_ context.Context, change engine.StatusChange) error {
	var body struct {
		Detail struct {
			ExecutionARN string `json:"executionArn"`
			Status       string `json:"status"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(change.Body, &body); err != nil {
		return err
	}
	w.note(func() {
		w.statuses[body.Detail.ExecutionARN] = append(w.statuses[body.Detail.ExecutionARN], body.Detail.Status)
	})
	return nil
}

// PutEvents implements engine.EventBus.
func (w *watch) PutEvents(_ context.Context, entries []engine.EventEntry) ([]engine.EventResult, error) {
	for _, entry := range entries {
		var body any
		if err := json.Unmarshal(entry.Body, &body); err != nil {
			return nil, err
		}
		w.note(func() { w.put = append(w.put, body) })
	}
	return make([]engine.EventResult, len(entries)), nil
}

// Record implements engine.LogSink.
func (w *watch) Record(_ *engine.StateMachine, arn string, event engine.Event) {
	wire := map[string]any{
		"id": float64(event.ID), "previousEventId": float64(event.PreviousID),
		"timestamp": float64(event.Timestamp.UnixMilli()) / 1000, "type": event.Type,
	}
	if event.Details != nil {
		var details any
		if err := json.Unmarshal(event.Details, &details); err != nil {
			details = err.Error()
		}
		wire[event.DetailsKey] = details
	}
	w.note(func() { w.logged[arn] = append(w.logged[arn], wire) })
}

func (w *watch) note(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	close(w.changed)
	w.changed = make(chan struct{})
}

// statusOf is the newest status that was published, or that the log shows; empty: the
// execution is not known.
func (w *watch) statusOf(arn string) (status string, changed <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if all := w.statuses[arn]; len(all) > 0 {
		return all[len(all)-1], w.changed
	}
	if events := w.logged[arn]; len(events) > 0 {
		last, _ := events[len(events)-1].(map[string]any)
		if status, closed := closing[fmt.Sprint(last["type"])]; closed {
			return status, w.changed
		}
		return "RUNNING", w.changed
	}
	return "", w.changed
}

// closing are the statuses that events end an execution with.
var closing = map[string]string{
	"ExecutionSucceeded": "SUCCEEDED", "ExecutionFailed": "FAILED",
	"ExecutionAborted": "ABORTED", "ExecutionTimedOut": "TIMED_OUT",
}

// executions are the ARNs that were seen.
func (w *watch) executions() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Concat(slices.Collect(maps.Keys(w.statuses)), slices.Collect(maps.Keys(w.logged)))
}

func (w *watch) events(arn string) []any {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.logged[arn])
}

// life is longer than any execution.
const life = 100 * 365 * 24 * time.Hour

// settle lets time pass until the execution has closed.
func (s *stage) settle(t *testing.T, arn string) {
	t.Helper()
	over := time.NewTimer(life)
	defer over.Stop()
	for {
		synctest.Wait()
		status, changed := s.watch.statusOf(arn)
		if status != "RUNNING" {
			return
		}
		select {
		case <-changed:
		case <-over.C:
			t.Fatalf("%s does not end", arn)
		}
	}
}

// passed is the time since the beginning.
func (s *stage) passed() time.Duration { return time.Since(s.began) }
