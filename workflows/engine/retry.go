package engine

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// The error names that the engine itself gives (Developer Guide, "Handling errors").
const (
	errorAll        = "States.ALL"
	errorTaskFailed = "States.TaskFailed"
	errorTimeout    = "States.Timeout"
	errorRuntime    = "States.Runtime"
	errorDataLimit  = "States.DataLimitExceeded"
	errorEvaluation = "States.QueryEvaluationError"
)

// matches says whether one of the names in ErrorEquals means the error.
// States.Runtime is meant by none; States.TaskFailed means all but States.Timeout and
// States.QueryEvaluationError, which is no error of the task (iwamot/sfnx measured it,
// 2026-09).
//
// States.ALL means States.DataLimitExceeded too: the Developer Guide says no, a
// recording says yes.
func matches(equals []string, name string) bool {
	if name == errorRuntime {
		return false
	}
	return slices.ContainsFunc(equals, func(want string) bool {
		return want == name || want == errorAll || (want == errorTaskFailed && name != errorTimeout && name != errorEvaluation)
	})
}

// chooseRetrier takes one attempt from the retrier that means the branch's
// failure and answers it; nil when none does or the one is spent. The first that
// means the error is the only one asked (states-language.net, "Errors").
func (b *branch) chooseRetrier() *asl.Retrier {
	for i := range b.state.Retry {
		retrier := &b.state.Retry[i]
		if matches(retrier.ErrorEquals, b.failure.name()) {
			if b.attempts[i] >= retrier.MaxAttempts {
				return nil
			}
			b.attempts[i]++
			b.attempt = b.attempts[i]
			return retrier
		}
	}
	return nil
}

// handle decides what follows an error: a pause and another attempt, or a catcher's
// way, or the end. A Parallel or Map first says that it failed.
func (r *run) handle(now time.Time, b *branch) {
	if b.retrier != nil {
		b.due = now.Add(r.pause(b.retrier, b.attempt))
		b.phase = pausing
		return
	}
	if kind := eventsOf(b.state.Type).failed; kind != "" {
		r.record(now, b, event{kind: kind, failing: ptr(b.failure), prev: b.lastID})
		return
	}
	r.catch(now, b)
}

func (r *run) catch(now time.Time, b *branch) {
	catcher := b.catcher()
	if catcher == nil {
		r.fail(now, b, b.failure)
		return
	}
	b.phase = catching
	r.leave(now, b, catcher.Output, catcher.Assign, nil, errorOutput(b.failure), catcher.Next)
}

// succumb ends a branch whose catcher failed. A Parallel or Map says once more that
// it failed.
func (r *run) succumb(now time.Time, b *branch) {
	if kind := eventsOf(b.state.Type).failed; kind != "" && b.told != b.lastID {
		r.record(now, b, event{kind: kind, failing: ptr(b.failure), prev: b.lastID})
		return
	}
	r.fail(now, b, b.failure)
}

// catcher answers the first catcher that means the branch's failure.
func (b *branch) catcher() *asl.Catcher {
	for i := range b.state.Catch {
		if matches(b.state.Catch[i].ErrorEquals, b.failure.name()) {
			return &b.state.Catch[i]
		}
	}
	return nil
}

// pause is the wait before retry n, from 1: interval × rate^(n-1), at most the retrier's
// cap, and with full jitter anything from 0 to that.
func (r *run) pause(retrier *asl.Retrier, n int64) time.Duration {
	seconds := float64(retrier.IntervalSeconds) * math.Pow(retrier.BackoffRate, float64(n-1))
	limit := float64(asl.MaxSeconds)
	if retrier.MaxDelaySeconds > 0 {
		limit = float64(retrier.MaxDelaySeconds)
	}
	seconds = min(seconds, limit)
	if retrier.FullJitter {
		seconds *= r.jitter()
	}
	return time.Duration(seconds * float64(time.Second)).Truncate(time.Millisecond)
}

// errorOutput is $states.errorOutput, and what a catcher without Output hands on:
// both members are always there.
func errorOutput(f failure) *document {
	object := asl.NewObject(2)
	object.Set("Error", f.name())
	cause := ""
	if f.cause != nil {
		cause = *f.cause
	}
	object.Set("Cause", cause)
	return newDocument(object)
}

// during puts AWS's sentence about the state before a cause.
func (r *run) during(b *branch, name, cause string) failure {
	return failing(name, "An error occurred while executing the state '"+b.state.Name+
		"' (entered at the event id #"+strconv.FormatInt(b.entered.id, 10)+"). "+cause)
}

// dataLimit has AWS's text of States.DataLimitExceeded. Of a task's result the
// owner is the service, of an Output the state.
func dataLimit(owner string) failure {
	return failing(errorDataLimit,
		"The state/task '"+owner+"' returned a result with a size exceeding the maximum number of bytes service limit.")
}

// overflow handles an Output that is too large: a state with Catch may take it,
// others end.
func (r *run) overflow(now time.Time, b *branch) {
	b.failure, b.retrier = dataLimit(b.state.Name), nil
	if b.phase == catching {
		r.fail(now, b, b.failure)
		return
	}
	r.handle(now, b)
}
