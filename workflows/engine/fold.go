package engine

import (
	"fmt"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// fold rebuilds the run that recorded the events. Timers are the due times that
// were stored with them.
func fold(r *run, events []Event, timers map[int64]time.Time) error {
	for i := range events {
		ev, err := unwire(events[i])
		if err != nil {
			return err
		}
		if r.input != nil && ev.data != nil {
			ev.data.raw = ev.data.text == r.input.text // it is handed on as it is
		}
		if ev.id != r.lastID+1 {
			return fmt.Errorf("event %d follows event %d", ev.id, r.lastID)
		}
		if err := r.apply(&ev); err != nil {
			return err
		}
	}
	return r.rest(timers)
}

// rest puts the branches where they stood: a due time is no event, and neither is
// that a running task was called.
func (r *run) rest(timers map[int64]time.Time) error {
	left := len(timers)
	r.root.leaves(func(b *branch) bool {
		due, ok := timers[b.lastID]
		switch {
		case b.phase == pending:
			b.task.repeated = true
		case !ok:
		case b.phase == entered && b.state.Type == asl.Wait:
			b.phase, b.due = waiting, due
			left--
		case b.phase == failed && b.retrier != nil:
			b.phase, b.due = pausing, due
			left--
		}
		return true
	})
	if left == 0 || r.status != Running {
		return nil
	}
	// A Parallel or Map that pauses before a retry has no event that says so. The
	// step that led to it recorded all it had to, and ends there again.
	r.advance(r.closed)
	r.root.leaves(func(b *branch) bool {
		if due, ok := timers[b.lastID]; ok && b.phase == pausing {
			b.due = due
		}
		return true
	})
	if len(r.recorded) > 0 {
		return fmt.Errorf("the history ends with event %d, not at rest", r.recorded[0].id-1)
	}
	return nil
}

// timers are the due times to store: what rest needs.
func (r *run) timers() map[int64]time.Time {
	var timers map[int64]time.Time
	r.root.leaves(func(b *branch) bool {
		if b.phase == waiting || b.phase == pausing {
			if timers == nil {
				timers = map[int64]time.Time{}
			}
			timers[b.lastID] = b.due
		}
		return true
	})
	return timers
}
