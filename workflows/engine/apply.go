package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// apply changes the run as the event of a branch says. Live events and stored ones
// take the same way, so that a folded run is the run that recorded them.
func (r *run) apply(b *branch, ev *event) error {
	r.lastID = ev.id
	switch ev.kind {
	case executionStarted:
		r.input, r.started, r.since = ev.data, ev.at, ev.at
		b.output = ev.data
		// The first state's previous event is 0, not 1 (recording): lastID stays.
		return nil
	case executionSucceeded, executionFailed, executionAborted, executionTimedOut:
		// The branches stay as they stood, for a redrive.
		r.close(ev)
		return nil
	case executionRedriven:
		r.reopen(ev)
		return nil
	case taskScheduled, lambdaFunctionScheduled:
		b.countAttempt()
		b.task = pendingTask{arguments: ev.data, timeout: ev.timeout}
		b.phase = scheduled
	case taskStarted, lambdaFunctionStarted:
		b.task.id, b.task.started = ev.id, ev.at
		b.phase = pending
	case taskSubmitted:
		b.task.submitted = ev.data
	case taskSucceeded, lambdaFunctionSucceeded:
		b.result = ev.data
		b.phase = succeeded
	case taskFailed, taskTimedOut, lambdaFunctionFailed, lambdaFunctionTimedOut, evaluationFailed:
		b.fails(ev)
	default:
		return r.applyState(b, ev)
	}
	b.lastID = ev.id
	return nil
}

// fails takes in an error that an event tells.
func (b *branch) fails(ev *event) {
	f := failure{err: ev.err, cause: ev.cause}
	if b.phase == forked { // of an ItemSelector: what runs is ended first
		b.fork.broken = &breakage{failure: f, id: ev.id}
		return
	}
	b.countAttempt()
	b.failure = f
	if ev.kind == evaluationFailed && strings.HasPrefix(ev.location, catchLocation) {
		b.retrier, b.phase = nil, doomed
		return
	}
	b.retrier = b.chooseRetrier()
	b.phase = failed
}

// catchLocation begins the location of an expression in a catcher: its errors are
// neither retried nor caught.
const catchLocation = "Catch["

// applyState is apply for the events of states, Parallel and Map in particular.
func (r *run) applyState(b *branch, ev *event) error {
	switch ev.kind {
	case parallelStateStarted, mapStateStarted:
		b.brokenBy(ev)
		b.countAttempt()
		b.divide(ev)
	case mapIterationStarted:
		b.iterate(ev)
	case mapIterationSucceeded:
		b.parent.fork.retire(b)
		b.parent.lastID = ev.id
		return nil
	case mapIterationFailed, mapIterationAborted:
		b.over = true
		b.parent.brokenBy(ev)
		return nil
	case taskStateAborted, waitStateAborted, parallelStateAborted, mapStateAborted:
		b.cut = true
		if b.parent != nil {
			b.parent.brokenBy(ev)
		}
		return nil
	case parallelStateSucceeded, mapStateSucceeded:
		for _, child := range b.fork.children {
			b.fork.retire(child)
		}
		b.result = newDocument(b.fork.results())
		b.fork.ended = ev.id
		b.phase = succeeded
		b.lastID = ev.prev // the exit follows what this event followed (recording)
		return nil
	case parallelStateFailed, mapStateFailed:
		b.brokenBy(ev)
		switch {
		case b.phase == forked:
			b.breaks()
		case b.phase == succeeded && ev.failing != nil: // its Output was too large
			b.failure = *ev.failing
		}
		b.told = ev.prev
		if b.phase == doomed {
			b.told = ev.id // that is all there is to tell
		} else {
			b.phase = conceded
		}
	case failStateEntered, taskStateEntered, choiceStateEntered, passStateEntered, waitStateEntered,
		succeedStateEntered, parallelStateEntered, mapStateEntered:
		state := b.flow.States[ev.name]
		if state == nil {
			return fmt.Errorf("event %d: there is no state %q", ev.id, ev.name)
		}
		b.enter(state, ev)
	case taskStateExited, choiceStateExited, passStateExited, waitStateExited, succeedStateExited,
		parallelStateExited, mapStateExited:
		b.next = b.state.Next
		if ev.detour {
			b.next = ev.next
		}
		b.output = ev.data
		if ev.assigned != nil {
			b.vars = b.variables(ev.assigned)
			r.held += bound(ev.assigned)
		}
		b.phase = between
		b.fork = fork{}
	default:
		return fmt.Errorf("event %d: type %s is not known", ev.id, ev.kind)
	}
	b.lastID = ev.id
	return nil
}

func (b *branch) enter(state *asl.State, ev *event) {
	b.state = state
	b.input = ev.data
	b.entered.id, b.entered.prev, b.entered.at = ev.id, ev.prev, ev.at
	b.phase = entered
	b.told, b.due = 0, time.Time{}
	b.resetAttempts()
}

// brokenBy takes in why a Parallel or Map failed from an event that follows from it,
// which a stored history may end with.
func (b *branch) brokenBy(ev *event) {
	if b.phase != forked || ev.failing == nil {
		return
	}
	if b.fork.broken == nil {
		b.fork.broken = &breakage{failure: *ev.failing, id: ev.prev}
	}
	if ev.kind == parallelStateStarted || ev.kind == mapStateStarted {
		b.breaks() // it was retried
	}
}

func (r *run) close(ev *event) {
	r.closed = ev.at
	r.failure = failure{err: ev.err, cause: ev.cause}
	switch ev.kind {
	case executionSucceeded:
		r.status, r.output = Succeeded, ev.data
	case executionAborted:
		r.status = Aborted
	case executionTimedOut:
		// DescribeExecution shows neither error nor cause of a timeout (recording).
		r.status, r.failure = TimedOut, failure{}
	default:
		r.status = Failed
	}
}

func (r *run) reopen(ev *event) {
	r.status, r.failure, r.output = Running, failure{}, nil
	r.redrives, r.redriven, r.since = ev.redrives, ptr(ev.at), ev.at
	r.context = nil
	r.root.revive(ev.id)
}

// revive puts a branch back to the beginning of the state it stopped in, with the
// whole retry budget. In a Parallel or Map, the branches that did not come to their
// end are revived, and what the others gave is kept; where their results together
// were too large, all run again (Developer Guide, "Restarting state machine
// executions with redrive").
func (b *branch) revive(redriven int64) {
	b.over, b.cut, b.context = false, false, nil
	if b.state == nil || b.phase == between || b.phase == done {
		return
	}
	whole := b.phase != forked && b.failure.name() == errorDataLimit
	b.resetAttempts()
	b.failure = failure{}
	b.told = 0
	switch {
	case len(b.fork.children) > 0 && !whole:
		f := &b.fork
		f.broken = nil
		for _, child := range f.live {
			child.revive(redriven)
		}
		b.phase = forked
		if len(f.live) == 0 && f.begun == len(f.children) {
			b.phase = succeeded // only its Output failed
		}
		return
	case b.state.Type == asl.Fail:
		b.lastID = redriven // it fails again, after the redrive (recording)
	default:
		b.lastID = b.entered.id
	}
	b.phase = entered
	b.fork = fork{}
}
