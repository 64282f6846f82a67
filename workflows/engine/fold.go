package engine

import (
	"fmt"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// fold rebuilds the run that recorded the events. Timers are the due times that
// were stored with them.
func fold(r *run, events []Event, timers map[int64]time.Time) error {
	var last time.Time
	for i := range events {
		ev, err := unwire(events[i])
		if err != nil {
			return err
		}
		if ev.data != nil {
			// The execution's input is the caller's own text wherever it is handed on.
			ev.data.raw = r.input == nil || ev.data.text == r.input.text
		}
		if ev.id != r.lastID+1 {
			return fmt.Errorf("event %d follows event %d", ev.id, r.lastID)
		}
		b := r.root.at(ev.path)
		if b == nil {
			return fmt.Errorf("event %d: there is no branch %s", ev.id, ev.path)
		}
		if err := r.apply(b, &ev); err != nil {
			return err
		}
		last = ev.at
	}
	return r.rest(&r.root, timers, last, r.status == Running)
}

// rest puts a branch and those in it where they stood: a due time is no event, and
// neither is that a running task was called. Lives says that the execution runs and
// that nothing has failed around the branch.
func (r *run) rest(b *branch, timers map[int64]time.Time, now time.Time, lives bool) error {
	due, ok := timers[b.entered.id]
	switch {
	case b.phase == pending:
		b.task.repeated = true
	case ok && b.phase == entered && b.state.Type == asl.Wait:
		b.phase, b.due = waiting, due
	case ok && b.phase == failed && b.retrier != nil:
		b.phase, b.due = pausing, due
	case ok && b.phase == forked && lives:
		// No event says that it pauses before a retry. What led to that is in its
		// branches, and recorded all that it had to.
		for b.phase != pausing {
			next := b.turn()
			if next == nil || len(r.recorded) > 0 {
				return fmt.Errorf("the state entered with event %d does not pause", b.entered.id)
			}
			r.act(now, next)
		}
		b.due = due
	}
	if b.phase != forked {
		return nil
	}
	for _, child := range b.fork.live {
		if err := r.rest(child, timers, now, lives && b.fork.broken == nil); err != nil {
			return err
		}
	}
	return nil
}

// timers are the due times to store, by the entries of the states that wait.
func (r *run) timers() map[int64]time.Time {
	var timers map[int64]time.Time
	r.root.leaves(func(b *branch) bool {
		if b.phase == waiting || b.phase == pausing {
			if timers == nil {
				timers = map[int64]time.Time{}
			}
			timers[b.entered.id] = b.due
		}
		return true
	})
	return timers
}
