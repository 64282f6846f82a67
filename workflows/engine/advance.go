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
	r.proceed(now)
}

// proceed lets branches act one after the other. Those that go on to another state
// take turns, a state each, in the order in which they left the last one; a state,
// once entered, is worked on without a break, and what ends a branch is told at once.
// Scheduled tasks start when nobody else can act. That is the order of every
// recording in which branches run side by side.
func (r *run) proceed(now time.Time) {
	for r.status == Running && r.transitions < sliceTransitions {
		b := r.root.turn()
		if b == nil {
			return
		}
		r.act(now, b)
	}
}

// turn answers which branch acts next, this one or one that it waits for; nil: all are
// at rest.
func (b *branch) turn() *branch {
	if b.phase != forked {
		if b.rests() {
			return nil
		}
		return b
	}
	var next turns
	b.queue(&next)
	for _, first := range next {
		if first != nil {
			return first
		}
	}
	return nil
}

// turns holds the first branch of each urgency: at work in a state, about to enter
// one, about to start a task.
type turns [3]*branch

// queue offers the branch, or those it waits for.
func (b *branch) queue(next *turns) {
	urgency := 0
	switch {
	case b.phase == forked && !b.fork.acts():
		for _, child := range b.fork.live {
			child.queue(next)
		}
		return
	case b.phase == scheduled:
		urgency = 2
	case b.phase == between && b.next != "":
		urgency = 1
	case b.rests():
		return
	}
	if first := next[urgency]; first == nil || b.since() < first.since() {
		next[urgency] = b
	}
}

// since is the event that the branch waits for its turn from. A Parallel or Map goes on
// with what it has begun.
func (b *branch) since() int64 {
	if b.phase == forked {
		return b.fork.started
	}
	return b.lastID
}

// act does the next thing in the branch's state.
func (r *run) act(now time.Time, b *branch) {
	switch b.phase {
	case between:
		r.transit(now, b)
	case entered:
		r.work(now, b)
	case scheduled:
		r.record(now, b, event{kind: familyOf(b.state.Resource).started, resource: b.state.Resource, prev: b.lastID})
	case forked:
		r.join(now, b)
	case succeeded:
		r.leave(now, b, b.state.Output, b.state.Assign, b.result, nil, b.state.Next)
	case failed:
		r.handle(now, b)
	case conceded:
		r.catch(now, b)
	case doomed:
		r.succumb(now, b)
	}
}

// transit enters the next state, or ends the branch after the last.
func (r *run) transit(now time.Time, b *branch) {
	switch {
	case b.next == "" && b.parent != nil:
		r.finish(now, b)
		return
	case b.next == "":
		r.record(now, b, event{kind: executionSucceeded, data: b.output, prev: b.lastID})
		return
	}
	state := b.flow.States[b.next]
	r.record(now, b, event{kind: eventsOf(state.Type).entered, name: state.Name, data: b.output, prev: b.lastID})
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
	switch b.state.Type {
	case asl.Task:
		r.schedule(now, b, prev)
	case asl.Parallel:
		r.openParallel(now, b, prev)
	case asl.Map:
		r.openMap(now, b, prev)
	}
}

func (r *run) schedule(now time.Time, b *branch, prev int64) {
	bind := r.bindings(now, b, nil, nil)
	arguments, err := r.eval(b.state.Arguments, bind, b.input)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return
	}
	timeout, err := seconds(b.state.TimeoutSeconds, bind)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return
	}
	beat, err := seconds(b.state.HeartbeatSeconds, bind)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return
	}
	if arguments.tooLarge() {
		r.fail(now, b, dataLimit(b.state.Name))
		return
	}
	if text := refusedArguments(r.program.tasks[b.state.Resource], arguments.value); text != "" {
		r.fail(now, b, r.during(b, errorRuntime, text))
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
			r.misevaluated(now, b, err, b.precedes())
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
	if b.due.IsZero() && !r.setDue(now, b) {
		return
	}
	b.phase = waiting
	if !now.Before(b.due) {
		r.leave(now, b, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
	}
}

// setDue evaluates until when a Wait waits; false: it failed. A redriven one does not
// ask again.
func (r *run) setDue(now time.Time, b *branch) bool {
	bind := r.bindings(now, b, nil, nil)
	if b.state.Timestamp != nil {
		until, err := b.state.Timestamp.EvalTimestamp(bind)
		if err != nil {
			// The one evaluation whose event follows the entry (recording).
			r.misevaluated(now, b, err, b.entered.id)
			return false
		}
		b.due = until
		return true
	}
	seconds, err := b.state.Seconds.EvalSeconds(bind)
	if err != nil {
		r.misevaluated(now, b, err, b.precedes())
		return false
	}
	b.due = b.entered.at.Add(time.Duration(seconds) * time.Second)
	return true
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
			r.misevaluated(now, b, err, b.precedes())
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
		r.misevaluated(now, b, err, b.precedes())
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
			r.misevaluated(now, b, err, b.precedes())
			return
		}
		assigned, _ = value.(*asl.Object)
		if over := r.unassignable(b, assigned); over != nil {
			r.misassigned(now, b, *over)
			return
		}
	}
	r.record(now, b, event{
		kind: eventsOf(b.state.Type).exited, name: b.state.Name, data: out, assigned: assigned,
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

// misevaluated records a failed expression. prev is the event it follows.
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

// precedes is the event that a failed expression follows: the newest of the branch,
// but where that is the state's entry, the one before it (recording). The failure of a
// Parallel or Map does not count as its newest, its success does for its own Output.
func (b *branch) precedes() int64 {
	switch {
	case b.phase == catching && b.told != 0:
		return b.told
	case b.phase == succeeded && b.fork.ended != 0:
		return b.fork.ended
	case b.lastID == b.entered.id:
		return b.entered.prev
	}
	return b.lastID
}

// fail ends the branch: the execution's own with the execution, another with the
// Parallel or Map it is in. States.Runtime ends the execution wherever it occurs
// (recording).
func (r *run) fail(now time.Time, b *branch, f failure) {
	f = f.clip()
	if b.parent == nil || f.name() == errorRuntime {
		r.record(now, b, event{kind: executionFailed, err: f.err, cause: f.cause, prev: b.lastID})
		return
	}
	b.parent.fork.broken = &breakage{failure: f, id: b.lastID}
}
