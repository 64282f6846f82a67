package engine_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// world is what is left when an engine's process dies: the store, the functions that
// tasks call, the buses, and the operator, who goes on with what he was about.
type world struct {
	voyage voyage
	store  *enginetest.Store
	began  time.Time
	done   int // of the operator's deeds

	mu        sync.Mutex
	ids       int
	draws     int
	calls     []worldCall
	reached   map[string]int64 // the last events when a process was replaced, by name
	put       map[string]int   // events of machines, by id
	published []engine.StatusChange
}

// worldCall is a call that left an engine.
type worldCall struct {
	process int
	task    engine.TaskCall
	attempt string // the execution's name and the id of its started event
	token   string // that its answer carries
}

// voyage is a machine, what its tasks meet, and what an operator does.
type voyage struct {
	name     string
	machines map[string]string // definitions; an execution of "main" is started
	deeds    []deed
	answer   func(engine.TaskCall) answer
	status   engine.Status
	output   string
	// executions and attempts are how many there are in an undisturbed run, at least.
	executions, attempts int
}

// answer is what a task gets, after how long since it was started for the first time:
// a repeated call has the answer when the first would have had it.
type answer struct {
	err   string // empty: it succeeds
	after time.Duration
	never bool
}

// deed is something that an operator does and, if the engine dies meanwhile, does
// again.
type deed func(*process) error

func newWorld(v voyage) *world {
	return &world{voyage: v, store: enginetest.NewStore(), began: time.Now(), put: map[string]int{}}
}

func (w *world) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", w.ids)
}

// jitter is another number each time.
func (w *world) jitter() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.draws++
	_, fraction := math.Modf(float64(w.draws) * math.Phi)
	return fraction
}

func attemptOf(task engine.TaskCall) string {
	return nameOf(task.ExecutionARN) + "#" + strconv.FormatInt(task.ID, 10)
}

func nameOf(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// called notes a call and answers the token that its answer is to carry.
func (w *world) called(process int, task engine.TaskCall) string {
	token := w.newID()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, worldCall{process: process, task: task, attempt: attemptOf(task), token: token})
	return token
}

// replaced notes how far executions had come when the first process lost its lease.
func (w *world) replaced() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reached = map[string]int64{}
	for name := range w.voyage.machines {
		records, err := w.store.Executions(context.Background(), engine.ExecutionQuery{StateMachineARN: arnBase + "stateMachine:" + name, Limit: 100})
		if err != nil {
			panic(err)
		}
		for _, record := range records {
			w.reached[record.Name] = record.LastEventID
		}
	}
}

// varies is what two runs of a voyage may differ in: times, and ids that are drawn.
var varies = regexp.MustCompile(`2000-01-\d\dT[0-9:.]+Z|\w{3}, \d\d Jan 2000 [0-9:]+ GMT|Root=1-[0-9a-f-]+;Parent=[0-9a-f]+|\b946[67]\d{8}\b|00000000-0000-4000-8000-\d{12}|Content-Length\W+\d+`)

// histories are those of all executions in the store, by name, an event a line.
func (w *world) histories(t *testing.T) map[string][]string {
	t.Helper()
	histories := map[string][]string{}
	for _, record := range w.records(t) {
		histories[record.Name] = strings.Split(lines(w.events(t, record)), "\n")
	}
	return histories
}

// sameHistories compares but for what varies.
func sameHistories(t *testing.T, got, want map[string][]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		for i, line := range want[name] {
			other := "(none)"
			if i < len(got[name]) {
				other = got[name][i]
			}
			if other != line && varies.ReplaceAllString(other, "…") != varies.ReplaceAllString(line, "…") {
				t.Errorf("history of %s:\n got %s\nwant %s\nafter %s", name, other, line, strings.Join(want[name][:i], "\n"))
				break
			}
		}
		if len(got[name]) > len(want[name]) {
			t.Errorf("history of %s goes on: %s", name, got[name][len(want[name])])
		}
	}
	if len(got) != len(want) {
		t.Errorf("executions: got %v, want %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

func (w *world) records(t *testing.T) []engine.Record {
	t.Helper()
	var all []engine.Record
	for name := range w.voyage.machines {
		records, err := w.store.Executions(t.Context(), engine.ExecutionQuery{StateMachineARN: arnBase + "stateMachine:" + name, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, records...)
	}
	return all
}

func (w *world) events(t *testing.T, record engine.Record) []engine.Event {
	t.Helper()
	events, err := w.store.Events(t.Context(), engine.EventQuery{ExecutionARN: record.ARN})
	if err != nil {
		t.Fatal(err)
	}
	return events
}
