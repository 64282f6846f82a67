package engine

import (
	"errors"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// sliceTransitions is how many states a run may enter before it rests, so that a
// machine that loops without a task is written down and meets its timeout.
const sliceTransitions = 256

// advance takes the execution on until it is at rest, or until it has entered as
// many states as one step may.
func (r *run) advance(now time.Time) {
	r.transitions = 0
	r.drive(now, &r.root)
}

// spent says that the step is long enough to be written down.
func (r *run) spent() bool { return r.transitions >= sliceTransitions }

// drive takes a branch on until it is at rest, or at its end.
func (r *run) drive(now time.Time, b *branch) {
	for r.status == Running && !r.spent() && !b.halted() {
		switch b.phase {
		case between:
			if b.next == "" && b.parent != nil {
				r.finish(now, b)
				return
			}
			r.transit(now, b)
		case entered:
			r.work(now, b)
		case scheduled:
			r.record(now, b, event{kind: familyOf(b.state.Resource).started, resource: b.state.Resource, prev: b.lastID})
		case forked:
			if !r.join(now, b) {
				return
			}
		case waiting:
			if now.Before(b.due) {
				return
			}
			r.leave(now, b, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
		case succeeded:
			r.leave(now, b, b.state.Output, b.state.Assign, b.result, nil, b.state.Next)
		case failed:
			r.handle(now, b)
		case conceded:
			r.catch(now, b)
		default:
			return
		}
	}
}

// transit enters the next state, or ends the execution after the last.
func (r *run) transit(now time.Time, b *branch) {
	if b.next == "" {
		r.record(now, b, event{kind: executionSucceeded, data: b.output, prev: b.lastID})
		return
	}
	state := b.flow.States[b.next]
	r.record(now, b, event{kind: enteredType(state.Type), name: state.Name, data: b.output, prev: b.lastID})
	r.transitions++
}

// work does what the entered state is there for.
func (r *run) work(now time.Time, b *branch) {
	switch b.state.Type {
	case asl.Task, asl.Parallel, asl.Map:
		r.attempt(now, b, b.entered.id)
	case asl.Choice:
		r.choose(now, b)
	case asl.Pass:
		r.leave(now, b, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
	case asl.Succeed:
		r.leave(now, b, b.state.Output, nil, nil, nil, "")
	case asl.Wait:
		r.wait(now, b)
	case asl.Fail:
		r.failState(now, b)
	}
}

// attempt begins an attempt of a state that can be retried. prev is the event it
// follows: the state's entry, on a redrive too, or the failure that is retried.
func (r *run) attempt(now time.Time, b *branch, prev int64) {
	if b.state.Type == asl.Task {
		r.schedule(now, b, prev)
		return
	}
	r.open(now, b, prev)
}

func (r *run) schedule(now time.Time, b *branch, prev int64) {
	bind := r.bindings(now, b, nil, nil)
	arguments, err := r.eval(b.state.Arguments, bind, b.input)
	if err != nil {
		r.misevaluated(now, b, err, b.entered.prev)
		return
	}
	timeout, err := seconds(b.state.TimeoutSeconds, bind)
	if err != nil {
		r.misevaluated(now, b, err, b.entered.prev)
		return
	}
	beat, err := seconds(b.state.HeartbeatSeconds, bind)
	if err != nil {
		r.misevaluated(now, b, err, b.entered.prev)
		return
	}
	if arguments.tooLarge() {
		r.fail(now, b, dataLimit(b.state.Name))
		return
	}
	r.record(now, b, event{
		kind: familyOf(b.state.Resource).scheduled, resource: b.state.Resource,
		data: arguments, timeout: timeout, beat: beat, prev: prev,
	})
}

func seconds(template *asl.Template, bind *asl.Bindings) (int64, error) {
	if template == nil {
		return 0, nil
	}
	return template.EvalSeconds(bind)
}

func (r *run) choose(now time.Time, b *branch) {
	bind := r.bindings(now, b, nil, nil)
	for i := range b.state.Choices {
		rule := &b.state.Choices[i]
		matched, err := rule.Condition.EvalBool(bind)
		if err != nil {
			r.misevaluated(now, b, err, b.entered.prev)
			return
		}
		if matched {
			r.leave(now, b, rule.Output, rule.Assign, nil, nil, rule.Next)
			return
		}
	}
	if b.state.Default == "" {
		// AWS calls this States.Runtime, whatever the list of error names says.
		r.fail(now, b, r.during(b, errorRuntime, "Failed to transition out of the state. The state does not point to a next state."))
		return
	}
	r.leave(now, b, b.state.Output, b.state.Assign, nil, nil, b.state.Default)
}

func (r *run) wait(now time.Time, b *branch) {
	bind := r.bindings(now, b, nil, nil)
	if b.state.Timestamp != nil {
		until, err := b.state.Timestamp.EvalTimestamp(bind)
		if err != nil {
			// The one evaluation whose event follows the entry (recording).
			r.misevaluated(now, b, err, b.entered.id)
			return
		}
		b.due = until
	} else {
		seconds, err := b.state.Seconds.EvalSeconds(bind)
		if err != nil {
			r.misevaluated(now, b, err, b.entered.prev)
			return
		}
		b.due = b.entered.at.Add(time.Duration(seconds) * time.Second)
	}
	b.phase = waiting
}

func (r *run) failState(now time.Time, b *branch) {
	bind := r.bindings(now, b, nil, nil)
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
			r.misevaluated(now, b, err, b.entered.prev)
			return
		}
		*field.into = &text
	}
	r.fail(now, b, f)
}

// leave evaluates Output and Assign with the values at entry and records the
// exit. Result and errorOutput are what the state offers to the two besides its
// input. An absent Output is the result, else the error output, else the input.
func (r *run) leave(now time.Time, b *branch, output, assign *asl.Template, result, errorOutput *document, next string) {
	bind := r.bindings(now, b, result, errorOutput)
	fallback := b.input
	switch {
	case errorOutput != nil:
		fallback = errorOutput
	case result != nil:
		fallback = result
	}
	out, err := r.eval(output, bind, fallback)
	if err != nil {
		r.misevaluated(now, b, err, b.entered.prev)
		return
	}
	if out != fallback && out.tooLarge() {
		r.overflow(now, b)
		return
	}
	var assigned *asl.Object
	if assign != nil {
		value, err := assign.Eval(bind)
		if err != nil {
			r.misevaluated(now, b, err, b.entered.prev)
			return
		}
		assigned, _ = value.(*asl.Object)
	}
	r.record(now, b, event{
		kind: exitedType(b.state.Type), name: b.state.Name, data: out, assigned: assigned,
		next: next, detour: next != b.state.Next, prev: b.lastID,
	})
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
func (r *run) misevaluated(now time.Time, b *branch, err error, prev int64) {
	var bad *asl.EvalError
	if !errors.As(err, &bad) {
		r.fail(now, b, r.during(b, errorRuntime, err.Error()))
		return
	}
	f := r.during(b, errorEvaluation, bad.Cause())
	r.record(now, b, event{
		kind: evaluationFailed, name: b.state.Name, location: bad.Field, err: f.err, cause: f.cause, prev: prev,
	})
}

// fail ends the branch: the execution's own with the execution, another with the
// Parallel or Map it is in. States.Runtime ends the execution wherever it occurs
// (recording).
func (r *run) fail(now time.Time, b *branch, f failure) {
	if b.parent == nil || f.name() == errorRuntime {
		r.record(now, b, event{kind: executionFailed, err: f.err, cause: f.cause, prev: b.lastID})
		return
	}
	b.parent.fork.broken = &breakage{failure: f, id: b.lastID}
}
