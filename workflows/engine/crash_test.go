package engine_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// travel takes the world's voyage to its end, through as many processes as it takes,
// each with its fault. It answers the processes.
func (w *world) travel(t *testing.T, faults ...fault) []*process {
	t.Helper()
	var processes []*process
	for number := 0; ; number++ {
		f := fault{}
		if number < len(faults) {
			f = faults[number]
		}
		p := w.boot(t, number, f)
		processes = append(processes, p)
		go func() {
			select {
			case <-p.over:
				if f.kind == death {
					p.bury()
				}
			case <-p.Done():
			}
		}()
		err := w.operate(t, p)
		if err == nil {
			err = w.quiet(t, p)
		}
		// A publication goes on beside everything else: it may be over when another
		// process begins. So does the operator's repetition of a start that is stored
		// already: it asks for a write only where it comes before the process has read
		// the execution.
		if f.place != "" && !p.isOver() && f.kind != failure && (number == 0 || !f.publishes() && !f.repeats(faults[0])) {
			t.Errorf("%s did not come about", f)
		}
		switch {
		case err == nil:
			for _, p := range processes {
				p.bury()
			}
			synctest.Wait()
			return processes
		case !p.isOver():
			p.bury()
			t.Fatalf("%s: the operator: %v", f, err)
		case f.kind == death:
			<-p.Done()
		}
		synctest.Wait()
	}
}

// arrived holds the outcome against the voyage's.
func (w *world) arrived(t *testing.T) {
	t.Helper()
	records, err := w.store.Records(t.Context(), []string{mainARN})
	if err != nil || len(records) != 1 {
		t.Fatalf("the execution: %v, %v", records, err)
	}
	got := records[0]
	if got.Status != w.voyage.status || (got.Output == nil) != (w.voyage.output == "") || got.Output != nil && *got.Output != w.voyage.output {
		t.Errorf("outcome: got %s %s, want %s %s", got.Status, textOr(got.Output), w.voyage.status, w.voyage.output)
	}
}

func textOr(text *string) string {
	if text == nil {
		return "(none)"
	}
	return *text
}

// operate does what is left to do.
func (w *world) operate(t *testing.T, p *process) error {
	t.Helper()
	for name, definition := range w.voyage.machines {
		if p.number > 0 {
			break // they are there
		}
		if _, err := p.CreateStateMachine(t.Context(), engine.CreateInput{
			Name: name, Definition: definition, RoleARN: "arn:aws:iam::000000000000:role/" + name,
		}); err != nil {
			return err
		}
	}
	for w.done < len(w.voyage.deeds) {
		if err := w.voyage.deeds[w.done](p); err != nil {
			return err
		}
		w.done++
	}
	return nil
}

// quiet waits until every execution has closed and every change is published.
func (w *world) quiet(t *testing.T, p *process) error {
	t.Helper()
	for {
		synctest.Wait()
		running, err := w.store.Running(t.Context(), 0, 1)
		changes, failed := w.store.Changes(t.Context(), 0, 1)
		if err := errors.Join(err, failed); err != nil {
			t.Fatal(err)
		}
		if len(running) == 0 && len(changes) == 0 {
			return nil
		}
		if err := p.sleep(5 * time.Second); err != nil {
			return err
		}
	}
}

// undisturbed is a voyage without a fault: what every other one is held against.
type undisturbed struct {
	histories map[string][]string
	changes   []string // of all executions, sorted
	attempts  map[string]int
	places    []string
}

func sail(t *testing.T, v voyage) undisturbed {
	t.Helper()
	var want undisturbed
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(v)
		want.places = w.travel(t)[0].places
		w.arrived(t)
		want.histories, want.changes, want.attempts = w.histories(t), w.changes(t), w.attempts()
		if len(want.histories) != v.executions || len(want.attempts) != v.attempts {
			t.Fatalf("%d executions and %d attempts, want %d and %d", len(want.histories), len(want.attempts), v.executions, v.attempts)
		}
		w.usedOnce(t)
		for attempt, calls := range want.attempts {
			if calls != 1 {
				t.Errorf("%s: %d calls", attempt, calls)
			}
		}
	})
	return want
}

// attempts counts the calls of each.
func (w *world) attempts() map[string]int {
	attempts := map[string]int{}
	for _, call := range w.calls {
		attempts[call.attempt]++
	}
	return attempts
}

// usedOnce holds that of the answers to an attempt one is in the history that has its
// end, and none in another; of an attempt that was cut off, none.
func (w *world) usedOnce(t *testing.T) {
	t.Helper()
	used := map[string]int{} // by token
	attempts := w.attempts()
	for _, record := range w.records(t) {
		for _, event := range w.events(t, record) {
			if !slices.Contains([]string{"TaskSucceeded", "TaskFailed", "LambdaFunctionSucceeded", "LambdaFunctionFailed"}, event.Type) {
				continue
			}
			attempt := record.Name + "#" + strconv.FormatInt(event.PreviousID, 10)
			n := 0
			for _, call := range w.calls {
				if strings.HasPrefix(call.attempt, record.Name+"#") && strings.Contains(string(event.Details), call.token) {
					used[call.token]++
					n++
					if call.attempt != attempt {
						t.Errorf("%s ends with the answer to %s", attempt, call.attempt)
					}
				}
			}
			if called := attempts[attempt] > 0; called != (n == 1) || n > 1 {
				t.Errorf("%s: %d answers used, called %v", attempt, n, called)
			}
		}
	}
	for token, n := range used {
		if n != 1 {
			t.Errorf("answer %s: used %d times", token, n)
		}
	}
}

// changes are the status changes that the buses took, by execution and in the order in
// which each came first. One that came again is the same.
func (w *world) changes(t *testing.T) []string {
	t.Helper()
	first := map[string]engine.StatusChange{}
	ids := map[string]string{}
	byExecution := map[string][]string{}
	for _, change := range w.published {
		key := nameOf(change.ARN) + " " + statusOf(change)
		known, again := first[key]
		switch {
		case again && (known.ID != change.ID || string(known.Body) != string(change.Body)):
			t.Errorf("%s came as %s and as %s", key, known.Body, change.Body)
		case again:
		case ids[change.ID] != "":
			t.Errorf("%s and %s have the same id", key, ids[change.ID])
		default:
			first[key], ids[change.ID] = change, key
			byExecution[change.ARN] = append(byExecution[change.ARN], key)
		}
	}
	var all []string
	for _, arn := range slices.Sorted(maps.Keys(byExecution)) {
		all = append(all, byExecution[arn]...)
	}
	return all
}

// disturbed takes a voyage through faults and holds it against the undisturbed one.
func disturbed(t *testing.T, v voyage, want undisturbed, faults ...fault) []*process {
	t.Helper()
	w := newWorld(v)
	processes := w.travel(t, faults...)
	w.arrived(t)
	w.usedOnce(t)
	sameHistories(t, w.histories(t), want.histories)
	w.calledAgain(t, want, faults)
	changes, expected := w.changes(t), slices.Clone(want.changes)
	if faults[0].kind != death { // what a bus refuses comes later than what follows
		slices.Sort(changes)
		slices.Sort(expected)
	}
	if !slices.Equal(changes, expected) {
		t.Errorf("status changes:\n got %v\nwant %v", changes, expected)
	}
	if len(w.published) > len(want.changes)*(1+len(faults)) {
		t.Errorf("%d status changes were published, of %d", len(w.published), len(want.changes))
	}
	return processes
}

// calledAgain holds that the attempts are those of the undisturbed voyage, each called
// once by a process, and again by the next only when it had been called and its answer
// was not written.
func (w *world) calledAgain(t *testing.T, want undisturbed, faults []fault) {
	t.Helper()
	inProcess := map[string]bool{}
	for _, call := range w.calls {
		key := strconv.Itoa(call.process) + " " + call.attempt
		if inProcess[key] {
			t.Errorf("%s: called twice by process %d", call.attempt, call.process)
		}
		inProcess[key] = true
		if w.reached != nil && call.process == 0 && call.task.ID > w.reached[nameOf(call.task.ExecutionARN)] {
			t.Errorf("%s: called by the process that was replaced before it began", call.attempt)
		}
	}
	attempts := w.attempts()
	for attempt, calls := range attempts {
		if want.attempts[attempt] == 0 || calls > 1+len(faults) {
			t.Errorf("%s: %d calls, %d without a fault", attempt, calls, want.attempts[attempt])
		}
	}
	if len(attempts) != len(want.attempts) {
		t.Errorf("attempts: got %v, want %v", attempts, want.attempts)
	}
	for id, times := range w.put {
		if times > 1+len(faults) {
			t.Errorf("event %s: put %d times", id, times)
		}
	}
	if len(faults) > 1 || faults[0].kind != death || !strings.HasPrefix(faults[0].place, "call of ") {
		return
	}
	words := strings.Fields(faults[0].place)
	attempt, side := words[3], words[4]
	if calls := attempts[attempt]; calls != map[string]int{"before": 1, "running": 2, "answered": 2}[side] {
		t.Errorf("%s: %d calls", attempt, calls)
	}
}

// A process dies at every place of every voyage, one after the other: before and after
// every write and every publication, before a task is called, while it runs, and when
// its answer has come. Or it loses its lease to another there, does not know it and goes
// on; and wherever that is possible, the store or a bus does what it was
// asked, or does not, and says that it failed. The next process, or the same one, goes
// on: outcome and histories are those of the undisturbed voyage.
func TestCrash_AtEveryPlaceGivesTheSameHistories(t *testing.T) {
	t.Parallel()
	for _, v := range voyages() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			want := sail(t, v)
			count := map[string]int{}
			for _, place := range want.places {
				kinds := []string{death}
				if strings.HasSuffix(place, "after") || strings.HasSuffix(place, "running") {
					kinds = append(kinds, stall) // before, it is as if it came to the place late
				}
				if !strings.HasPrefix(place, "call of ") && !strings.HasPrefix(place, "event ") {
					kinds = append(kinds, failure)
				}
				for _, kind := range kinds {
					count[kind]++
					f := fault{kind: kind, place: place}
					t.Run(f.String(), func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { disturbed(t, v, want, f) })
					})
				}
			}
			t.Logf("faults: %v", count)
		})
	}
}

// The process that goes on dies as well, at every place that it reaches.
func TestCrash_AtEveryPairOfPlacesGivesTheSameHistories(t *testing.T) {
	t.Parallel()
	v := short()
	want := sail(t, v)
	pairs := 0
	for _, place := range want.places {
		var second []string
		first := fault{kind: death, place: place}
		synctest.Test(t, func(t *testing.T) { second = disturbed(t, v, want, first)[1].places })
		for _, place := range second {
			pairs++
			t.Run(first.String()+", "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { disturbed(t, v, want, first, fault{kind: death, place: place}) })
			})
		}
	}
	t.Logf("%d pairs", pairs)
}
