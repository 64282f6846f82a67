package engine

import (
	"errors"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// sliceTransitions is how many states a run may enter before it rests, so that a
// machine that loops without a task is written down and meets its timeout.
const sliceTransitions = 256

// advance takes the branch on until it is at rest.
func (r *run) advance(now time.Time) {
	r.transitions = 0
	for r.status == Running {
		b := &r.branch
		switch b.phase {
		case between:
			r.transit(now)
			if r.transitions++; r.transitions >= sliceTransitions && r.runnable() {
				return
			}
		case entered:
			r.work(now)
		case succeeded:
			r.leave(now, b.state.Output, b.state.Assign, b.result, nil, b.state.Next)
		case failed:
			r.handle(now)
		case scheduled:
			r.record(now, event{kind: taskStarted, resource: b.state.Resource, prev: b.lastID})
		default:
			return
		}
	}
}

// transit enters the next state, or ends the execution after the last.
func (r *run) transit(now time.Time) {
	b := &r.branch
	if b.next == "" {
		r.record(now, event{kind: executionSucceeded, data: b.output, prev: b.lastID})
		return
	}
	state := r.program.definition.States[b.next]
	r.record(now, event{kind: enteredType(state.Type), name: state.Name, data: b.output, prev: b.lastID})
}

// work does what the entered state is there for.
func (r *run) work(now time.Time) {
	b := &r.branch
	switch b.state.Type {
	case asl.Task:
		r.schedule(now, b.entered.id)
	case asl.Choice:
		r.choose(now)
	case asl.Pass:
		r.leave(now, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
	case asl.Succeed:
		r.leave(now, b.state.Output, nil, nil, nil, "")
	case asl.Wait:
		r.wait(now)
	case asl.Fail:
		r.failState(now)
	}
}

// schedule begins an attempt of a task. prev is the event it follows: the state's
// entry, on a redrive too, or the failure that is retried.
func (r *run) schedule(now time.Time, prev int64) {
	b := &r.branch
	bind := r.bindings(now, nil, nil)
	arguments, err := r.eval(b.state.Arguments, bind, b.input)
	if err != nil {
		r.misevaluated(now, err, b.entered.prev)
		return
	}
	timeout, err := seconds(b.state.TimeoutSeconds, bind)
	if err != nil {
		r.misevaluated(now, err, b.entered.prev)
		return
	}
	beat, err := seconds(b.state.HeartbeatSeconds, bind)
	if err != nil {
		r.misevaluated(now, err, b.entered.prev)
		return
	}
	if arguments.tooLarge() {
		r.fail(now, dataLimit(b.state.Name))
		return
	}
	if text := refusedArguments(r.program.tasks[b.state.Resource], arguments.value); text != "" {
		r.fail(now, r.during(errorRuntime, text))
		return
	}
	r.record(now, event{kind: taskScheduled, resource: b.state.Resource, data: arguments, timeout: timeout, beat: beat, prev: prev})
}

func seconds(template *asl.Template, bind *asl.Bindings) (int64, error) {
	if template == nil {
		return 0, nil
	}
	return template.EvalSeconds(bind)
}

func (r *run) choose(now time.Time) {
	b := &r.branch
	bind := r.bindings(now, nil, nil)
	for i := range b.state.Choices {
		rule := &b.state.Choices[i]
		matched, err := rule.Condition.EvalBool(bind)
		if err != nil {
			r.misevaluated(now, err, b.entered.prev)
			return
		}
		if matched {
			r.leave(now, rule.Output, rule.Assign, nil, nil, rule.Next)
			return
		}
	}
	if b.state.Default == "" {
		// AWS calls this States.Runtime, whatever the list of error names says.
		r.fail(now, r.during(errorRuntime, "Failed to transition out of the state. The state does not point to a next state."))
		return
	}
	r.leave(now, b.state.Output, b.state.Assign, nil, nil, b.state.Default)
}

func (r *run) wait(now time.Time) {
	b := &r.branch
	bind := r.bindings(now, nil, nil)
	if b.state.Timestamp != nil {
		until, err := b.state.Timestamp.EvalTimestamp(bind)
		if err != nil {
			// The one evaluation whose event follows the entry (recording).
			r.misevaluated(now, err, b.entered.id)
			return
		}
		b.due = until
	} else {
		seconds, err := b.state.Seconds.EvalSeconds(bind)
		if err != nil {
			r.misevaluated(now, err, b.entered.prev)
			return
		}
		b.due = b.entered.at.Add(time.Duration(seconds) * time.Second)
	}
	b.phase = waiting
	if !now.Before(b.due) {
		r.leave(now, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
	}
}

func (r *run) failState(now time.Time) {
	b := &r.branch
	bind := r.bindings(now, nil, nil)
	var f failure
	for _, field := range []struct {
		template *asl.Template
		into     **string
	}{{b.state.Error, &f.err}, {b.state.Cause, &f.cause}} {
		if field.template == nil {
			continue
		}
		text, err := field.template.EvalString(bind)
		if err != nil {
			r.misevaluated(now, err, b.entered.prev)
			return
		}
		*field.into = &text
	}
	r.fail(now, f)
}

// leave evaluates Output and Assign with the values at entry and records the
// exit. Result and errorOutput are what the state offers to the two besides its
// input. An absent Output is the result, else the error output, else the input.
func (r *run) leave(now time.Time, output, assign *asl.Template, result, errorOutput *document, next string) {
	b := &r.branch
	bind := r.bindings(now, result, errorOutput)
	fallback := b.input
	switch {
	case errorOutput != nil:
		fallback = errorOutput
	case result != nil:
		fallback = result
	}
	out, err := r.eval(output, bind, fallback)
	if err != nil {
		r.misevaluated(now, err, b.entered.prev)
		return
	}
	if out != fallback && out.tooLarge() {
		r.overflow(now)
		return
	}
	var assigned *asl.Object
	if assign != nil {
		value, err := assign.Eval(bind)
		if err != nil {
			r.misevaluated(now, err, b.entered.prev)
			return
		}
		assigned, _ = value.(*asl.Object)
	}
	b.next = next
	r.record(now, event{kind: exitedType(b.state.Type), name: b.state.Name, data: out, assigned: assigned, prev: b.lastID})
}

// eval evaluates a template; nil gives the fallback. A template that answers the
// fallback's own object gives the same document, so that its text is not made
// twice; the caller's own text of an input is not ours to repeat.
func (r *run) eval(template *asl.Template, bind *asl.Bindings, fallback *document) (*document, error) {
	if template == nil {
		return fallback, nil
	}
	value, err := template.Eval(bind)
	if err != nil {
		return nil, err
	}
	if object, ok := value.(*asl.Object); ok && !fallback.raw {
		if same, ok := fallback.value.(*asl.Object); ok && same == object {
			return fallback, nil
		}
	}
	return newDocument(value), nil
}

// misevaluated records a failed expression. prev is the event it follows: with
// AWS, in all places but one, that is the entry's own previous event
// (recording).
func (r *run) misevaluated(now time.Time, err error, prev int64) {
	b := &r.branch
	var bad *asl.EvalError
	if !errors.As(err, &bad) {
		r.fail(now, r.during(errorRuntime, err.Error()))
		return
	}
	f := r.during(errorEvaluation, bad.Cause())
	r.record(now, event{
		kind: evaluationFailed, name: b.state.Name, location: bad.Field, err: f.err, cause: f.cause, prev: prev,
	})
}

// fail ends the execution.
func (r *run) fail(now time.Time, f failure) {
	r.record(now, event{kind: executionFailed, err: f.err, cause: f.cause, prev: r.branch.lastID})
}
