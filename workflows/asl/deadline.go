package asl

import (
	"sync"
	"time"
)

// deadline cuts short an evaluation that takes too long. It counts steps, not the time
// on the wall: a host that stood still, or was too busy with others to run this process,
// costs one of them, however long it took, and an evaluation that would have been done
// in a millisecond does not fail its execution.
type deadline struct {
	cut  func()
	step time.Duration

	mu    sync.Mutex
	timer *time.Timer
	left  int
	over  bool // it was cut short
	done  bool
}

// deadlineSteps is how many steps a bound has.
const deadlineSteps = 20

func newDeadline(bound time.Duration, cut func()) *deadline {
	d := &deadline{cut: cut, step: bound / deadlineSteps, left: deadlineSteps}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.timer = time.AfterFunc(d.step, d.tick)
	return d
}

func (d *deadline) tick() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.done {
		return
	}
	if d.left--; d.left > 0 {
		d.timer.Reset(d.step)
		return
	}
	d.over = true
	d.cut()
}

// end says whether the evaluation was cut short; it is not, after this.
func (d *deadline) end() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = true
	d.timer.Stop()
	return d.over
}
