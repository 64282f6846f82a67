package engine

import (
	"fmt"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// apply changes the run as the event says. Live events and stored ones take the
// same way, so that a folded run is the run that recorded them.
func (r *run) apply(ev *event) error {
	b := &r.branch
	r.lastID = ev.id
	switch ev.kind {
	case executionStarted:
		r.input, r.started, r.since = ev.data, ev.at, ev.at
		b.output = ev.data
		b.next = r.program.definition.StartAt
		// The first state's previous event is 0, not 1 (recording): lastID stays.
		return nil
	case executionSucceeded, executionFailed, executionAborted, executionTimedOut:
		// The branch stays as it stood, for a redrive.
		r.close(ev)
		return nil
	case executionRedriven:
		r.reopen(ev)
		return nil
	case taskScheduled:
		b.countAttempt()
		b.task.arguments, b.task.timeout = ev.data, ev.timeout
		b.phase = scheduled
	case taskStarted:
		b.task.id, b.task.started = ev.id, ev.at
		b.phase = pending
	case taskSucceeded:
		b.result = ev.data
		b.phase = succeeded
	case taskFailed, taskTimedOut, evaluationFailed:
		b.countAttempt()
		b.failure = failure{err: ev.err, cause: ev.cause}
		b.retrier = b.chooseRetrier()
		b.phase = failed
	case failStateEntered, taskStateEntered, choiceStateEntered, passStateEntered, waitStateEntered, succeedStateEntered:
		state := r.program.definition.States[ev.name]
		if state == nil {
			return fmt.Errorf("event %d: the machine has no state %q", ev.id, ev.name)
		}
		r.enter(state, ev)
	case taskStateExited, choiceStateExited, passStateExited, waitStateExited, succeedStateExited:
		if r.folding {
			b.next = r.nextOf(ev)
		}
		b.output = ev.data
		b.vars = b.variables(ev.assigned)
		b.phase = between
	default:
		return fmt.Errorf("event %d: type %s is not known", ev.id, ev.kind)
	}
	b.lastID = ev.id
	return nil
}

func (r *run) enter(state *asl.State, ev *event) {
	b := &r.branch
	b.state = state
	b.input = ev.data
	b.entered.id, b.entered.prev, b.entered.at = ev.id, ev.prev, ev.at
	b.phase = entered
	r.resetAttempts()
}

// resetAttempts gives the state its whole retry budget: on entering and on redrive.
func (r *run) resetAttempts() {
	b := &r.branch
	b.attempts = nil
	if n := len(b.state.Retry); n > 0 {
		b.attempts = make([]int64, n)
	}
	b.retries = 0
	b.context = nil
}

// nextOf finds where a stored exit leads: no event says it.
func (r *run) nextOf(ev *event) string {
	b := &r.branch
	switch {
	case b.phase == failed:
		if catcher := b.catcher(); catcher != nil {
			return catcher.Next
		}
	case b.state.Type == asl.Choice:
		bind := r.bindings(ev.at, nil, nil)
		for i := range b.state.Choices {
			if matched, err := b.state.Choices[i].Condition.EvalBool(bind); err == nil && matched {
				return b.state.Choices[i].Next
			}
		}
		return b.state.Default
	}
	return b.state.Next
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
	b := &r.branch
	r.status, r.failure, r.output = Running, failure{}, nil
	r.redrives, r.redriven, r.since = ev.redrives, &ev.at, ev.at
	r.context = nil
	r.resetAttempts()
	if b.state.Type == asl.Fail {
		b.lastID = ev.id // it fails again, after the redrive (recording)
	} else {
		b.lastID = b.entered.id
	}
	if b.phase != waiting {
		b.phase = entered
	}
}

// countAttempt notices that a stored event belongs to another attempt than the
// failure before it. A live run has left the failed phase by then.
func (b *branch) countAttempt() {
	if b.phase == failed {
		b.retries++
		b.context = nil
	}
}
