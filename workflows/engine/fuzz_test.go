package engine

import (
	"testing"
	"time"
)

// FuzzMachine takes small machines of any kind through failures, stops and redrives.
// Nothing panics; an execution ends, or waits; its history is well formed and the same
// whatever event it is resumed at; what a write leaves is enough to go on as if nothing
// had been; and an Express execution has the events of a Standard one.
func FuzzMachine(f *testing.F) {
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, faces []byte) { checkPlan(t, newPlan(faces)) })
}

func checkPlan(t *testing.T, p *plan) {
	t.Helper()
	program := p.program(t, Standard)
	s := p.begin(t, program)
	if !s.finish() {
		t.Fatalf("does not end after %d events\n%s", len(s.events), p)
	}
	if err := wellFormed(s.events, s.run.status); err != nil {
		t.Fatalf("%v\n%s\n%s", err, p, brief(s.events))
	}
	checkCuts(t, s, program)
	if !p.jobs {
		checkExpress(t, p, program)
	}
}

// mostApplied bounds how many events are taken in for one plan: at how many places a
// long history is resumed.
const mostApplied = 6_000

// checkCuts resumes the history at every event, and compares what was written there
// with what it is read as.
func checkCuts(t *testing.T, s *simulation, program *program) {
	t.Helper()
	want := text(s.events)
	written := map[int]stored{}
	for _, w := range s.writes {
		written[w.events] = w
	}
	stride := 1 + len(s.events)*len(s.events)/mostApplied
	for cut := 1 + int(s.plan.seed%uint64(stride)); cut <= len(s.events); cut += stride {
		resumed, err := s.resume(program, cut, s.timersAt(cut))
		if err != nil {
			t.Fatalf("resumed at event %d: %v\n%s\n%s", cut, err, s.plan, brief(s.events))
		}
		if w, ok := written[cut]; ok {
			if resumed.run.runnable() && !w.runnable {
				resumed.run.advance(resumed.now) // no event says that a branch of a Parallel is done
			}
			if got := where(resumed.run); got != w.where || len(resumed.run.recorded) > 0 {
				t.Fatalf("resumed at event %d:\n got %s, %d new events\nwant %s\n%s\n%s", cut, got, len(resumed.run.recorded), w.where, s.plan, brief(s.events))
			}
		}
		if resumed.finish(); text(resumed.events) != want {
			t.Fatalf("resumed at event %d: %s\n%s\n%s", cut, diff(text(resumed.events), want), s.plan, brief(s.events))
		}
	}
}

// checkExpress compares the events of both types for as long as an Express execution
// may run.
func checkExpress(t *testing.T, p *plan, program *program) {
	t.Helper()
	undisturbed := *p
	undisturbed.stops, undisturbed.redrives = [maxRedrives + 1]time.Duration{}, 0
	standard := undisturbed.begin(t, program)
	express := undisturbed.begin(t, undisturbed.program(t, Express))
	standard.finish()
	express.finish()
	if express.run.status == Running {
		t.Fatalf("an Express execution does not end\n%s", p)
	}
	early := func(events []Event) string {
		for i, ev := range events {
			if ev.Timestamp.Sub(epoch) >= expressLimit*time.Second {
				return text(events[:i])
			}
		}
		return text(events)
	}
	if got, want := early(express.events), early(standard.events); got != want {
		t.Fatalf("Express against Standard: %s\n%s", diff(got, want), p)
	}
}
