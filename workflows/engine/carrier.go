package engine

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"
)

// carrier takes one Express execution to its end. One goroutine at a time carries
// the run. It makes a call itself when no other is pending: to hand one to another
// goroutine and be woken by it costs more than many functions do. When the
// call is not back by the time that the run is due, the timer's goroutine seizes the
// run and carries it on; the one in the call then only brings the answer, which nobody
// may want any more.
type carrier struct {
	engine *Engine
	run    *run
	ctx    context.Context //nolint:containedctx // the execution's own lifetime
	ended  chan error      // nil: the run is closed

	// inCall is the call that the carrying goroutine is in; 0: it is in none. Whoever
	// sets it back to 0 is the one that carries the run.
	inCall atomic.Int64

	// The rest belongs to the goroutine that carries the run.
	pending []call
	running map[int64]context.CancelCauseFunc
	answers chan expressAnswer
	timer   Timer
	due     time.Time     // of the timer
	expired chan struct{} // closed by the timer
}

// expressAnswer is what came back from a call.
type expressAnswer struct {
	id int64 // 0: none came, the run is due
	outcome
}

// errSeized says that another goroutine carries the run.
var errSeized = errors.New("the run was seized")

func newCarrier(ctx context.Context, e *Engine, r *run) *carrier {
	return &carrier{
		engine: e, run: r, ctx: ctx, ended: make(chan error, 1),
		running: map[int64]context.CancelCauseFunc{}, answers: make(chan expressAnswer),
	}
}

// seize takes the run from the goroutine that carries it; false: it is in no call, and
// goes on by itself.
func (c *carrier) seize() bool {
	id := c.inCall.Load()
	return id != 0 && c.inCall.CompareAndSwap(id, 0)
}

// carry takes the run on to its end, or until it is seized.
func (c *carrier) carry() {
	e, r := c.engine, c.run
	for r.status == Running {
		due := r.due() // never zero: an Express execution has a longest time to run
		switch now := e.now(); {
		case !now.Before(due):
			r.wake(now)
		case r.runnable():
			r.advance(now)
		default:
			answer, err := c.await(due)
			switch {
			case errors.Is(err, errSeized):
				return
			case err != nil:
				c.end(err)
				return
			}
			c.answered(due, answer)
		}
		e.report(r)
	}
	c.end(nil)
}

// answered takes an answer, unless it comes when the run is due.
func (c *carrier) answered(due time.Time, answer expressAnswer) {
	now := c.engine.now()
	if answer.id == 0 || !now.Before(due) {
		c.run.wake(now)
		return
	}
	c.run.answer(now, answer.id, answer.result, answer.fault)
}

// await makes the calls of the tasks that are pending and waits for the first
// answer, or until the run is due.
func (c *carrier) await(due time.Time) (expressAnswer, error) {
	c.pending = c.pending[:0]
	c.run.calls(func(pending call) bool {
		c.pending = append(c.pending, pending)
		return true
	})
	c.setTimer(due)
	if len(c.pending) == 1 && c.running[c.pending[0].id] == nil {
		c.forgetOthers()
		return c.makeItself(c.pending[0])
	}
	for i := range c.pending {
		if c.running[c.pending[i].id] == nil {
			c.make(c.pending[i])
		}
	}
	if len(c.pending) < len(c.running) {
		c.forgetOthers()
	}
	select {
	case answer := <-c.answers:
		c.forget(answer.id)
		return answer, nil
	case <-c.expired:
		c.due = time.Time{}
		return expressAnswer{}, nil
	case <-c.engine.root.Done():
		return expressAnswer{}, context.Cause(c.engine.root)
	}
}

// makeItself makes a call in this goroutine.
func (c *carrier) makeItself(pending call) (expressAnswer, error) {
	ctx, expired := c.begin(pending.id), c.expired
	c.inCall.Store(pending.id)
	// What seizes a run that is in a call may have come before it was in one.
	select {
	case <-expired:
		if c.leave(pending.id) {
			c.forget(pending.id)
			c.due = time.Time{}
			return expressAnswer{}, nil
		}
	case <-c.engine.root.Done():
		if c.leave(pending.id) {
			return expressAnswer{}, context.Cause(c.engine.root)
		}
	default:
	}
	answer := expressAnswer{id: pending.id, outcome: c.engine.attempt(ctx, pending)}
	if !c.leave(pending.id) {
		c.bring(ctx, answer)
		return expressAnswer{}, errSeized
	}
	c.forget(pending.id)
	return answer, nil
}

// leave ends being in a call; false: the run was seized.
func (c *carrier) leave(id int64) bool { return c.inCall.CompareAndSwap(id, 0) }

// make makes a call in a goroutine of its own.
func (c *carrier) make(pending call) {
	ctx := c.begin(pending.id)
	go func() {
		c.bring(ctx, expressAnswer{id: pending.id, outcome: c.engine.attempt(ctx, pending)})
	}()
}

// bring hands an answer to who carries the run, unless nobody waits for it.
func (c *carrier) bring(ctx context.Context, answer expressAnswer) {
	select {
	case c.answers <- answer:
	case <-ctx.Done():
	}
}

func (c *carrier) begin(id int64) context.Context {
	ctx, cancel := context.WithCancelCause(c.ctx)
	c.running[id] = cancel
	return ctx
}

func (c *carrier) forget(id int64) {
	if cancel := c.running[id]; cancel != nil {
		cancel(ErrTaskEnded)
		delete(c.running, id)
	}
}

// forgetOthers ends the calls of tasks that are not pending any more.
func (c *carrier) forgetOthers() {
	for id := range c.running {
		if !slices.ContainsFunc(c.pending, func(pending call) bool { return pending.id == id }) {
			c.forget(id)
		}
	}
}

func (c *carrier) setTimer(due time.Time) {
	if due.Equal(c.due) {
		return
	}
	c.stopTimer()
	expired := make(chan struct{})
	clock := c.engine.clock
	c.due, c.expired = due, expired
	c.timer = clock.AfterFunc(due.Sub(clock.Now()), func() {
		close(expired)
		if c.seize() {
			c.due = time.Time{} // it is used up, or another timer's time is still to come
			c.carry()
		}
	})
}

func (c *carrier) stopTimer() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

// end lets everything go and says how it ended.
func (c *carrier) end(err error) {
	for id := range c.running {
		c.forget(id)
	}
	c.stopTimer()
	c.ended <- err
}
