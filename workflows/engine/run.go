package engine

import (
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
	variables  map[string][]string // that its states name
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
	context     *executionContext // nil: to be made
	bind        asl.Bindings      // see bindings
	reading     *branch           // whose expressions are evaluated
	makeContext func() any        // of that branch
	root        branch
	transitions int // in this step
	held        int // bytes of variables, from above

	// recorded are the events since the last take. Their places are used again, so that
	// nobody may keep a pointer to one.
	recorded []event
}

func newRun(p *program, arn, name string, jitter func() float64) *run {
	r := &run{program: p, arn: arn, name: name, jitter: jitter, status: Running}
	r.root.flow, r.root.next = &p.definition.Flow, p.definition.StartAt
	return r
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
	r.root.leaves(func(b *branch) bool {
		if own := b.wakes(); due.IsZero() || (!own.IsZero() && own.Before(due)) {
			due = own
		}
		return true
	})
	return due
}

// A call is what a pending task asks of its integration.
type call struct {
	id   int64 // under which answer takes what comes back
	task Integration
	TaskCall
	submitted *document // of a job that is to be awaited; nil: it is to be run
}

// calls yields the calls of all pending tasks.
func (r *run) calls(yield func(call) bool) {
	if r.status != Running {
		return
	}
	r.root.leaves(func(b *branch) bool {
		if b.phase != pending {
			return true
		}
		return yield(call{
			id: b.lastID, task: r.program.tasks[b.state.Resource], submitted: b.task.submitted,
			TaskCall: TaskCall{
				ExecutionARN: r.arn,
				State:        b.state.Name,
				RetryCount:   b.retries,
				RedriveCount: r.redrives,
				Arguments:    b.task.arguments.value,
				ID:           b.task.id,
				Started:      b.task.started,
				Repeated:     b.task.repeated,
			},
		})
	})
}

// runnable says that the run stands in the middle: to let time be read and events
// be written, or because the stored history ends there. advance goes on.
func (r *run) runnable() bool { return r.status == Running && !r.root.rests() }

// start begins the execution.
func (r *run) start(now time.Time, input *document) {
	r.record(now, &r.root, event{kind: executionStarted, data: input, roleARN: r.program.machine.RoleARN})
	r.advance(now)
}

// answer takes what came back from a call: a value, or how it failed. An answer that
// is not awaited, or no longer, changes nothing.
func (r *run) answer(now time.Time, id int64, result any, fault *failure) {
	b := r.root.find(id)
	if r.status != Running || b == nil {
		return
	}
	r.receive(now, b, newDocument(result), fault)
	r.advance(now)
}

// expire ends a task that is over its time.
func (r *run) expire(now time.Time, b *branch) {
	r.record(now, b, event{
		kind: familyOf(b.state.Resource).timedOut, resource: b.state.Resource, err: ptr(errorTimeout), prev: b.lastID,
	})
}

func (r *run) receive(now time.Time, b *branch, result *document, fault *failure) {
	kinds := familyOf(b.state.Resource)
	ev := event{kind: kinds.succeeded, resource: b.state.Resource, data: result, prev: b.lastID}
	_, job := r.program.tasks[b.state.Resource].(Job)
	switch {
	case fault != nil:
		ev.kind, ev.data, ev.err, ev.cause = kinds.failed, nil, fault.err, fault.cause
	case result.tooLarge():
		over := dataLimit(limitOwner(b.state.Resource))
		ev.kind, ev.data, ev.err, ev.cause = kinds.failed, nil, over.err, over.cause
	case job && b.task.submitted == nil:
		ev.kind = taskSubmitted
	}
	r.record(now, b, ev)
}

// wake does what is due first: waits and pauses are over, tasks or the whole execution
// have timed out. What was due at different times happens in that order, however late
// it is.
func (r *run) wake(now time.Time) {
	due := r.due()
	if due.IsZero() || now.Before(due) {
		return
	}
	if due.Equal(r.deadline()) {
		name := errorTimeout
		r.record(now, &r.root, event{kind: executionTimedOut, err: &name})
		return
	}
	r.transitions = 0
	for _, b := range r.wokenAt(due) {
		if r.status != Running {
			break
		}
		switch b.phase {
		case pending:
			r.expire(now, b)
		case waiting:
			r.leave(now, b, b.state.Output, b.state.Assign, nil, nil, b.state.Next)
		case pausing:
			b.retries++
			b.context = nil
			b.phase = entered
			r.attempt(now, b, b.lastID)
		}
	}
	r.proceed(now)
}

// wokenAt are the branches that wake at a time.
func (r *run) wokenAt(due time.Time) []*branch {
	var woken []*branch
	r.root.leaves(func(b *branch) bool {
		if b.wakes().Equal(due) {
			woken = append(woken, b)
		}
		return true
	})
	return woken
}

// stop ends the execution as StopExecution does.
func (r *run) stop(now time.Time, f failure) {
	if r.status == Running {
		r.record(now, &r.root, event{kind: executionAborted, err: f.err, cause: f.cause})
	}
}

// redrive resumes a closed execution in the states it stopped in.
func (r *run) redrive(now time.Time) {
	r.record(now, &r.root, event{kind: executionRedriven, redrives: r.redrives + 1, prev: r.lastID})
	r.advance(now)
}

// eventsAtOnce is how many events there mostly are at a time: from one task's answer
// to the next task.
const eventsAtOnce = 12

// record gives an event of a branch its id and time, keeps it, and applies it.
func (r *run) record(now time.Time, b *branch, ev event) {
	if r.full() && !ev.closes() {
		f := failing(errorRuntime, "The execution reached the maximum number of history events (25000).")
		ev = event{kind: executionFailed, err: f.err, cause: f.cause, prev: b.lastID}
	}
	f := failure{err: ev.err, cause: ev.cause}.clip()
	ev.err, ev.cause = f.err, f.cause
	ev.path = b.path
	ev.id = r.lastID + 1
	ev.at = now
	if r.recorded == nil {
		r.recorded = make([]event, 0, eventsAtOnce)
	}
	r.recorded = append(r.recorded, ev)
	// Only a stored history can hold an event that does not apply.
	_ = r.apply(b, &r.recorded[len(r.recorded)-1])
}

// full says that only a closing event has room.
func (r *run) full() bool {
	return r.program.machine.Type == Standard && r.lastID >= historyLimit-1
}

func ptr[T any](value T) *T { return &value }
