package engine

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// simulation takes an execution of a plan through time: the core alone, driven as the
// drivers drive it.
type simulation struct {
	plan   *plan
	run    *run
	now    time.Time
	events []Event
	writes []stored
}

// stored is what a write leaves besides the events.
type stored struct {
	events   int
	timers   map[int64]time.Time
	where    string
	runnable bool
}

// program compiles the plan's machine. Tasks of jobs are those of a Job.
func (p *plan) program(t testing.TB, kind MachineType) *program {
	t.Helper()
	compiled, problems, err := newPrograms(nil, func(resource string) (Integration, bool) {
		if resource == jobResource {
			return struct{ Job }{}, true
		}
		return struct{ Integration }{}, true
	}).examine(StateMachine{
		ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Name: "m", Type: kind, RoleARN: "role", Definition: p.definition,
	})
	if err != nil || len(problems) > 0 {
		t.Fatalf("the machine is refused: %v %v\n%s", err, problems, p.definition)
	}
	return compiled
}

// begin starts an execution.
func (p *plan) begin(t testing.TB, program *program, at time.Time) *simulation {
	t.Helper()
	input, err := parseDocument(p.input)
	if err != nil {
		t.Fatal(err)
	}
	s := &simulation{plan: p, run: newTestRun(program), now: at}
	s.run.start(s.now, input)
	return s
}

// resume goes on with what was stored: as many events, and the timers.
func (s *simulation) resume(program *program, events int, timers map[int64]time.Time) (*simulation, error) {
	resumed := &simulation{plan: s.plan, now: s.events[events-1].Timestamp, events: slices.Clone(s.events[:events])}
	resumed.writes = []stored{{events: events, timers: timers}}
	return resumed, resumed.read(program, timers)
}

// read takes the run from what was stored.
func (s *simulation) read(program *program, timers map[int64]time.Time) error {
	s.run = newTestRun(program)
	s.run.jitter = func() float64 { return 0.99 } // what is stored is not drawn again
	err := fold(s.run, s.events, timers)
	s.run.jitter = func() float64 { return 0.5 }
	return err
}

// maxTurns bounds a simulation: a machine's flows lead forward, and loops count.
const maxTurns = 20_000

// finish takes the execution to where nothing more happens: it has closed for good,
// or waits for an answer that never comes. False: it does not come to an end.
func (s *simulation) finish() bool {
	for range maxTurns {
		s.write()
		if !s.turn() {
			return true
		}
	}
	return false
}

func (s *simulation) write() {
	recorded := s.run.take()
	if len(recorded) == 0 {
		return
	}
	for i := range recorded {
		s.events = append(s.events, recorded[i].stored(new(slate), "us-east-1"))
	}
	w := stored{events: len(s.events), timers: s.run.timers(), where: where(s.run), runnable: s.run.runnable()}
	if s.run.status != Running && len(s.writes) > 0 {
		w.timers = s.writes[len(s.writes)-1].timers
	}
	s.writes = append(s.writes, w)
}

// turn lets the next thing happen; false: there is none.
func (s *simulation) turn() bool {
	r := s.run
	if r.status != Running {
		if r.status == Succeeded || r.redrives >= s.plan.redrives || r.lastID >= historyLimit-1 {
			return false
		}
		pauses := [...]time.Duration{0, 10 * time.Second, time.Hour}
		s.now = r.closed.Add(pauses[(s.plan.seed>>8+uint64(r.redrives))%3])
		// A closed execution is not kept in memory.
		if err := s.read(r.program, s.writes[len(s.writes)-1].timers); err != nil {
			panic(err)
		}
		s.run.redrive(s.now)
		return true
	}
	due := r.due()
	switch {
	case !due.IsZero() && !s.now.Before(due):
		r.wake(s.now)
		return true
	case r.runnable():
		r.advance(s.now)
		return true
	}
	first, next := time.Time{}, func() {}
	offer := func(at time.Time, do func()) {
		if at.Before(s.now) {
			at = s.now
		}
		if first.IsZero() || at.Before(first) {
			first, next = at, do
		}
	}
	if !due.IsZero() {
		offer(due, func() { r.wake(s.now) })
	}
	r.calls(func(c call) bool {
		if result, fault, after, ok := s.plan.respond(c); ok {
			offer(c.Started.Add(after), func() { r.answer(s.now, c.id, result, fault) })
		}
		return true
	})
	if stop := s.plan.stops[r.redrives]; stop > 0 {
		offer(r.since.Add(stop), func() { r.stop(s.now, failure{}) })
	}
	if first.IsZero() {
		return false
	}
	s.now = first
	next()
	return true
}

// timersAt are the timers to store after any event, also in the middle of a step:
// those of the last write, without those of branches that have gone on.
func (s *simulation) timersAt(events int) map[int64]time.Time {
	var last stored
	for _, w := range s.writes {
		if w.events <= events {
			last = w
		}
	}
	timers := maps.Clone(last.timers)
	for id := range timers {
		waits := s.branchOf(id)
		for later := last.events + 1; later <= events; later++ {
			moved := s.branchOf(int64(later))
			around := moved == "" || strings.HasPrefix(waits+".", moved+".")
			if around && s.events[later-1].Type != string(mapIterationStarted) {
				delete(timers, id)
			}
		}
	}
	return timers
}

// branchOf reads which branch an event belongs to.
func (s *simulation) branchOf(id int64) string {
	ev, err := unwire(s.events[id-1])
	if err != nil {
		panic(err)
	}
	return ev.path
}

// where is what a run that was resumed must agree on with the one that was stored.
func where(r *run) string {
	var b strings.Builder
	if r.status != Running {
		return string(r.status)
	}
	fmt.Fprintf(&b, "%s, due %s, timers %v, calls", r.status, r.due().Format(time.RFC3339Nano), r.timers())
	r.calls(func(c call) bool {
		b.WriteString(" " + c.State + "#" + strconv.FormatInt(c.id, 10))
		return true
	})
	return b.String()
}

// brief writes a history for whoever must find out why it is wrong.
func brief(events []Event) string {
	var b strings.Builder
	for _, stored := range events {
		ev, _ := unwire(stored)
		fmt.Fprintf(&b, "%4d p%-4d %8s  %-10s %s %s\n", ev.id, ev.prev, ev.at.Sub(epoch), ev.path, ev.kind, ev.name)
	}
	return b.String()
}
