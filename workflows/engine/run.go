package engine

import (
	"fmt"
	"maps"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// historyLimit is the most events that a Standard execution may have; the last
// one must close it (Developer Guide, "Service quotas").
const historyLimit = 25_000

// program is a machine ready to run: one revision of it.
type program struct {
	machine    StateMachine
	definition *asl.Machine
	tasks      map[string]Integration
}

// run is the core: the state machine of one execution. It is told what happened
// by start, answer, wake, stop and redrive, records the events that follow from
// it, and is then at rest: closed, or standing at a task or a due time. It is not
// safe for concurrent use.
type run struct {
	program *program
	arn     string
	name    string
	sync    bool // a synchronous Express execution: its context has no RedriveCount
	jitter  func() float64

	input       *document
	started     time.Time
	since       time.Time // of the start or the last redrive: timeouts count from here
	redrives    int
	redriven    *time.Time
	status      Status
	closed      time.Time
	output      *document
	failure     failure
	lastID      int64
	context     *asl.Object // Execution and StateMachine of the context object
	branch      branch
	transitions int // since the last rest
	folding     bool

	// recorded are the events since the last take.
	recorded []event
}

// phase is where a branch stands in its state.
type phase int

const (
	between   phase = iota // before the first state, or after a state's exit
	entered                // the state's work is to be done
	scheduled              // a task was scheduled but not yet started
	pending                // at rest: a task was started, its answer is awaited
	succeeded              // a task's result is at hand
	failed                 // an error is at hand
	pausing                // at rest: before a retry
	waiting                // at rest: in a Wait
	catching               // in a catcher, whose own errors end the execution
)

// branch is one line of control through a machine: the whole execution has one.
type branch struct {
	phase   phase
	state   *asl.State
	next    string // the state to enter, empty: the end
	input   *document
	vars    map[string]any
	lastID  int64 // the branch's newest event
	entered struct {
		id, prev int64
		at       time.Time
	}
	output *document // of the state last left

	attempts []int64      // used, by retrier
	retrier  *asl.Retrier // of the failure at hand, nil: none is left
	attempt  int64        // of that retrier, from 1
	retries  int64
	context  *asl.Object // State of the context object, nil: to be made
	task     struct {
		id        int64 // of the started event
		started   time.Time
		arguments *document
		timeout   int64
	}
	result  *document
	failure failure
	due     time.Time // of a pause or a wait
}

func newRun(p *program, arn, name string, jitter func() float64) *run {
	return &run{program: p, arn: arn, name: name, jitter: jitter, status: Running}
}

// fold rebuilds the run that recorded the events. Timers are the due times that
// were stored with them.
func fold(r *run, events []Event, timers map[int64]time.Time) error {
	r.folding = true
	defer func() { r.folding = false }()
	for i := range events {
		ev, err := unwire(events[i])
		if err != nil {
			return err
		}
		if ev.id != r.lastID+1 {
			return fmt.Errorf("event %d follows event %d", ev.id, r.lastID)
		}
		if err := r.apply(&ev); err != nil {
			return err
		}
	}
	r.rest(timers)
	return nil
}

// rest puts a folded branch where it stood: a due time is no event.
func (r *run) rest(timers map[int64]time.Time) {
	b := &r.branch
	due, ok := timers[b.lastID]
	if !ok {
		return
	}
	switch b.phase {
	case entered:
		b.phase, b.due = waiting, due
	case failed:
		b.phase, b.due = pausing, due
	}
}

// timers are the due times to store: what rest needs.
func (r *run) timers() map[int64]time.Time {
	b := &r.branch
	if b.phase != waiting && b.phase != pausing {
		return nil
	}
	return map[int64]time.Time{b.lastID: b.due}
}

// take answers the events recorded since the last take.
func (r *run) take() []event {
	events := r.recorded
	r.recorded = nil
	return events
}

// deadline is when the execution as a whole times out; zero: never.
func (r *run) deadline() time.Time {
	seconds := r.program.definition.TimeoutSeconds
	if seconds == 0 && r.program.machine.Type == Express {
		seconds = expressLimit
	}
	if seconds == 0 {
		return time.Time{}
	}
	return r.since.Add(time.Duration(seconds) * time.Second)
}

// expressLimit is the longest that an Express execution may run, in seconds.
const expressLimit = 300

// due is the next time at which wake has something to do; zero: never.
func (r *run) due() time.Time {
	if r.status != Running {
		return time.Time{}
	}
	due := r.deadline()
	b := &r.branch
	var own time.Time
	switch b.phase {
	case waiting, pausing:
		own = b.due
	case pending:
		if b.task.timeout > 0 {
			own = b.task.started.Add(time.Duration(b.task.timeout) * time.Second)
		}
	}
	if due.IsZero() || (!own.IsZero() && own.Before(due)) {
		return own
	}
	return due
}

// pendingTask answers the task whose answer is awaited, and the id under which
// answer takes it; id 0: none.
func (r *run) pendingTask() (id int64, task Integration, call TaskCall) {
	b := &r.branch
	if r.status != Running || b.phase != pending {
		return 0, nil, TaskCall{}
	}
	return b.task.id, r.program.tasks[b.state.Resource], TaskCall{
		ExecutionARN: r.arn,
		State:        b.state.Name,
		RetryCount:   b.retries,
		RedriveCount: r.redrives,
		Arguments:    b.task.arguments.value,
		ID:           b.task.id,
		Started:      b.task.started,
	}
}

// runnable says that the run stands in the middle: to let time be read and events
// be written, or because the stored history ends there. advance goes on.
func (r *run) runnable() bool {
	switch r.branch.phase {
	case pending, pausing, waiting:
		return false
	}
	return r.status == Running
}

// start begins the execution.
func (r *run) start(now time.Time, input *document) {
	r.record(now, event{kind: executionStarted, data: input, roleARN: r.program.machine.RoleARN})
	r.advance(now)
}

// answer takes the result of the task started by event id: a value, or how it
// failed. An answer that is not awaited, or no longer, changes nothing.
func (r *run) answer(now time.Time, id int64, result any, fault *failure) {
	b := &r.branch
	if r.status != Running || b.phase != pending || b.task.id != id {
		return
	}
	resource := b.state.Resource
	doc := newDocument(result)
	switch {
	case fault != nil && fault.name() == errorTimeout:
		r.record(now, event{kind: taskTimedOut, resource: resource, err: fault.err, cause: fault.cause, prev: b.lastID})
	case fault != nil:
		r.record(now, event{kind: taskFailed, resource: resource, err: fault.err, cause: fault.cause, prev: b.lastID})
	case doc.tooLarge():
		over := dataLimit(limitOwner(resource))
		r.record(now, event{kind: taskFailed, resource: resource, err: over.err, cause: over.cause, prev: b.lastID})
	default:
		r.record(now, event{kind: taskSucceeded, resource: resource, data: doc, prev: b.lastID})
	}
	r.advance(now)
}

// wake does what is due at now: a wait or a pause is over, a task or the whole
// execution has timed out.
func (r *run) wake(now time.Time) {
	due := r.due()
	if due.IsZero() || now.Before(due) {
		return
	}
	if deadline := r.deadline(); !deadline.IsZero() && !now.Before(deadline) {
		name := errorTimeout
		r.record(now, event{kind: executionTimedOut, err: &name})
		return
	}
	b := &r.branch
	switch b.phase {
	case pending:
		r.answer(now, b.task.id, nil, &failure{err: ptr(errorTimeout)})
	case waiting:
		r.leave(now, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
		r.advance(now)
	case pausing:
		b.retries++
		b.context = nil
		b.phase = entered
		r.schedule(now, b.lastID)
		r.advance(now)
	}
}

// stop ends the execution as StopExecution does.
func (r *run) stop(now time.Time, f failure) {
	if r.status == Running {
		r.record(now, event{kind: executionAborted, err: f.err, cause: f.cause})
	}
}

// redrive resumes a closed execution in the state it stopped in.
func (r *run) redrive(now time.Time) {
	r.record(now, event{kind: executionRedriven, redrives: r.redrives + 1, prev: r.lastID})
	r.advance(now)
}

// record gives an event its id and time, keeps it, and applies it.
func (r *run) record(now time.Time, ev event) {
	if r.full() && !ev.closes() {
		f := failing(errorRuntime, "The execution reached the maximum number of history events (25000).")
		ev = event{kind: executionFailed, err: f.err, cause: f.cause, prev: r.branch.lastID}
	}
	ev.id = r.lastID + 1
	ev.at = now
	r.recorded = append(r.recorded, ev)
	// Only a stored history can hold an event that does not apply.
	_ = r.apply(&ev)
}

// full says that only a closing event has room.
func (r *run) full() bool {
	return r.program.machine.Type == Standard && r.lastID >= historyLimit-1
}

// variables answers the assigned variables as a map that the caller may extend.
func (b *branch) variables(added *asl.Object) map[string]any {
	if added == nil || added.Len() == 0 {
		return b.vars
	}
	vars := make(map[string]any, len(b.vars)+added.Len())
	maps.Copy(vars, b.vars)
	for name, value := range added.All() {
		vars[name] = value
	}
	return vars
}

func ptr[T any](value T) *T { return &value }
