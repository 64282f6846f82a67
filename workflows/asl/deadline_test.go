package asl

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestDeadline_CutsAfterItsBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		cut := make(chan time.Duration, 1)
		d := newDeadline(time.Second, func() { cut <- time.Since(began) })
		if took := <-cut; took != time.Second {
			t.Errorf("cut after %s, want 1s", took)
		}
		if !d.end() {
			t.Error("the end does not say that it was cut short")
		}
	})
}

func TestDeadline_IsOverWithTheEvaluation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDeadline(time.Second, func() { t.Error("cut short after its end") })
		time.Sleep(time.Second - time.Millisecond)
		if d.end() {
			t.Error("cut short before its bound")
		}
		d.tick() // had begun when it ended
		time.Sleep(time.Minute)
	})
}

// A host that stood still for an hour and goes on finds one timer due.
func TestDeadline_StandstillIsOneStep(t *testing.T) {
	t.Parallel()
	cut := false
	d := newDeadline(time.Hour*deadlineSteps, func() { cut = true })
	for range deadlineSteps - 1 {
		d.tick()
	}
	if cut {
		t.Error("cut short by fewer steps than the bound has")
	}
	if d.tick(); !cut || !d.end() {
		t.Error("not cut short by all steps of the bound")
	}
}
