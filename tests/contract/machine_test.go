package contract

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/sweep"
	"github.com/alquimista-ai/nigredo/states"
)

// machine is a state machine file as far as these tests read it. It is decoded
// here and not by the engine's parser, so that a fault of the parser cannot hide
// a fault of the file.
type machine struct {
	Comment        string
	StartAt        string
	TimeoutSeconds int
	States         map[string]*state
}

type state struct {
	Type, Comment, Resource, Next, Default string

	End            bool
	TimeoutSeconds int
	Retry          []retrier
	Catch          []struct {
		ErrorEquals []string
		Next        string
	}
	Choices []struct{ Next string }
	// Arguments is read of what starts a delivery, for what it hands on.
	Arguments json.RawMessage

	MaxConcurrency int
	ItemProcessor  *machine
}

type retrier struct {
	ErrorEquals     []string
	IntervalSeconds *int
	MaxAttempts     *int
	BackoffRate     *float64
	MaxDelaySeconds int
}

// attempts is how often the retrier may retry; 3 is the language's default.
func (r retrier) attempts() int {
	if r.MaxAttempts == nil {
		return 3
	}
	return *r.MaxAttempts
}

// longest is the time that all of its pauses take together. Jitter only shortens
// a pause, so that it does not count here.
func (r retrier) longest() time.Duration {
	interval, rate := 1.0, 2.0
	if r.IntervalSeconds != nil {
		interval = float64(*r.IntervalSeconds)
	}
	if r.BackoffRate != nil {
		rate = *r.BackoffRate
	}
	var total float64
	for n := range r.attempts() {
		pause := interval * math.Pow(rate, float64(n))
		if r.MaxDelaySeconds > 0 {
			pause = min(pause, float64(r.MaxDelaySeconds))
		}
		total += pause
	}
	return time.Duration(total * float64(time.Second))
}

// longest is the time after which the state is left at the latest: every retrier
// used up and every attempt, failed or not, as long as its timeout. Counters are
// per retrier, so that errors taking turns use up all of them.
func (s *state) longest() time.Duration {
	if s.Type == "Map" {
		return s.rounds()
	}
	if s.Type != "Task" {
		return 0
	}
	attempts, pauses := 1, time.Duration(0)
	for _, r := range s.Retry {
		attempts += r.attempts()
		pauses += r.longest()
	}
	return time.Duration(attempts)*time.Duration(s.TimeoutSeconds)*time.Second + pauses
}

// rounds is the worst case of a Map of the sweep: as many items as the sweep may
// find, MaxConcurrency at a time, each on the longest path. One without a bound
// counts as if its items came one after the other.
func (s *state) rounds() time.Duration {
	paths, err := s.ItemProcessor.paths()
	if err != nil {
		return math.MaxInt64
	}
	var item time.Duration
	for _, p := range paths {
		item = max(item, s.ItemProcessor.longest(p))
	}
	abreast := max(s.MaxConcurrency, 1)
	return time.Duration((sweep.Limit+abreast-1)/abreast) * item
}

// all gives every state, those of item processors too; where names the state.
func (m *machine) all() iter.Seq2[string, *state] {
	return func(yield func(string, *state) bool) {
		for name, s := range m.States {
			if !yield(name, s) {
				return
			}
			if s.ItemProcessor == nil {
				continue
			}
			for inner, s := range s.ItemProcessor.all() {
				if !yield(name+" > "+inner, s) {
					return
				}
			}
		}
	}
}

// follows lists the states that may come next, each once.
func (s *state) follows() []string {
	next := map[string]bool{}
	for _, n := range []string{s.Next, s.Default} {
		if n != "" {
			next[n] = true
		}
	}
	for _, c := range s.Catch {
		next[c.Next] = true
	}
	for _, c := range s.Choices {
		next[c.Next] = true
	}
	return slices.Sorted(maps.Keys(next))
}

// paths lists every way from StartAt to a final state. It refuses a machine with a
// loop: its longest path has no length.
func (m *machine) paths() ([][]string, error) {
	var all [][]string
	var walk func(path []string, name string) error
	walk = func(path []string, name string) error {
		if slices.Contains(path, name) {
			return fmt.Errorf("loop through %q", name)
		}
		s := m.States[name]
		if s == nil {
			return fmt.Errorf("no state %q", name)
		}
		path = append(slices.Clone(path), name)
		next := s.follows()
		if len(next) == 0 {
			all = append(all, path)
		}
		for _, n := range next {
			if err := walk(path, n); err != nil {
				return err
			}
		}
		return nil
	}
	return all, walk(nil, m.StartAt)
}

// longest is the worst case of one path.
func (m *machine) longest(path []string) time.Duration {
	var total time.Duration
	for _, name := range path {
		total += m.States[name].longest()
	}
	return total
}

// lambdaTasks counts the Lambda tasks of a path.
func (m *machine) lambdaTasks(path []string) int {
	n := 0
	for _, name := range path {
		if s := m.States[name]; s.Type == "Task" && strings.HasSuffix(s.Resource, ":::lambda:invoke") {
			n++
		}
	}
	return n
}

// transitions is what a run along path without a retry is billed for: the way into
// its first state, from each state to the next, and out of the last. AWS's price
// examples count a start and an end; a retry would add one.
func transitions(path []string) int { return len(path) + 1 }

// machines reads every machine file, by name.
func machines(t *testing.T) map[string]*machine {
	t.Helper()
	out := map[string]*machine{}
	for _, m := range states.Machines() {
		out[m.Name] = parse(t, definition(t, m.Name))
	}
	return out
}

func definition(t *testing.T, name string) []byte {
	t.Helper()
	text, err := states.Definition(name)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

func parse(t *testing.T, raw []byte) *machine {
	t.Helper()
	m := &machine{}
	if err := json.Unmarshal(raw, m); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLongest_CountsEveryRetrierAndEveryPause(t *testing.T) {
	t.Parallel()
	m := parse(t, []byte(`{"StartAt":"A","States":{
		"A":{"Type":"Task","TimeoutSeconds":3,"Next":"B","Retry":[
			{"ErrorEquals":["X"],"IntervalSeconds":5,"MaxAttempts":2,"BackoffRate":4},
			{"ErrorEquals":["Y"],"MaxAttempts":0},
			{"ErrorEquals":["Z"]},
			{"ErrorEquals":["W"],"IntervalSeconds":2,"MaxAttempts":3,"MaxDelaySeconds":3}]},
		"B":{"Type":"Choice","Choices":[{"Next":"C"}],"Default":"D"},
		"C":{"Type":"Task","TimeoutSeconds":1,"Next":"D","Catch":[{"ErrorEquals":["States.ALL"],"Next":"D"}]},
		"D":{"Type":"Succeed"}}}`))
	paths, err := m.paths()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]time.Duration{
		// A: nine attempts of 3 s; pauses 5+20, 1+2+4 and 2+3+3.
		"A B C D": 27*time.Second + 25*time.Second + 7*time.Second + 8*time.Second + time.Second,
		"A B D":   27*time.Second + 25*time.Second + 7*time.Second + 8*time.Second,
	}
	if len(paths) != len(want) {
		t.Fatalf("paths: %v, want %d", paths, len(want))
	}
	for _, p := range paths {
		if got := m.longest(p); got != want[strings.Join(p, " ")] {
			t.Errorf("%v: %v, want %v", p, got, want[strings.Join(p, " ")])
		}
	}
}

func TestPaths_RefuseALoop(t *testing.T) {
	t.Parallel()
	m := parse(t, []byte(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"A"}}}`))
	if _, err := m.paths(); err == nil {
		t.Error("a machine that loops has no longest path")
	}
}
