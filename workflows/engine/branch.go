package engine

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// phase is where a branch stands in its state.
type phase int

const (
	between   phase = iota // before the first state, or after a state's exit
	entered                // the state's work is to be done
	scheduled              // a task was scheduled but not yet started
	pending                // at rest: a task was started, its answer is awaited
	succeeded              // a result is at hand
	failed                 // an error is at hand
	pausing                // at rest: before a retry
	waiting                // at rest: in a Wait
	forked                 // in a Parallel or Map, whose branches go their own ways
	conceded               // a Parallel or Map that no retry is left for was recorded as failed
	catching               // in a catcher, whose own errors end the branch
	doomed                 // a catcher's own error is at hand
	done                   // a branch of a Parallel or Map that has come to its end
)

// branch is one line of control: the execution's own, one through a branch of a
// Parallel, or one through an iteration of a Map.
type branch struct {
	flow   *asl.Flow
	parent *branch     // in whose Parallel or Map state this one is; nil: the execution's own
	index  int         // among its siblings
	path   string      // the indices from the execution's own, "" of that one
	item   *asl.Object // Map of the context object; nil: not in a Map

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
	context  *asl.Object // the context object, nil: to be made
	task     pendingTask
	result   *document
	failure  failure
	due      time.Time // of a pause or a wait

	fork fork // of a Parallel or Map
	// over and cut say which events of its being ended with its siblings are
	// recorded: that of the iteration, and that of the state.
	over, cut bool
	// told is what a Parallel or Map followed when it was recorded as failed.
	told int64
}

// pendingTask is the attempt of a task that was scheduled.
type pendingTask struct {
	id        int64 // of the started event
	started   time.Time
	arguments *document
	timeout   int64
	submitted *document // what a job was submitted as, nil: it was not yet
	repeated  bool      // an engine ended while the attempt was running
}

// inherit gives the child at an index of a Parallel or Map: it sees the variables
// and the item of where it stands.
func (b *branch) inherit(flow *asl.Flow, index int) *branch {
	child := &branch{flow: flow, parent: b, index: index, item: b.item, vars: b.vars, next: flow.StartAt}
	child.path = strconv.Itoa(index)
	if b.path != "" {
		child.path = b.path + "." + child.path
	}
	return child
}

// leaves yields the branches that stand in a state of their own, those of a Parallel
// or Map in place of the one that waits for them.
func (b *branch) leaves(yield func(*branch) bool) bool {
	if b.phase != forked {
		return yield(b)
	}
	if b.fork.broken != nil {
		return true
	}
	for _, child := range b.fork.live {
		if !child.leaves(yield) {
			return false
		}
	}
	return true
}

// at answers the branch at a path; nil: there is none.
func (b *branch) at(path string) *branch {
	for path != "" {
		var step string
		step, path, _ = strings.Cut(path, ".")
		index, err := strconv.Atoi(step)
		if err != nil || index < 0 || index >= len(b.fork.children) || b.fork.children[index] == nil {
			return nil
		}
		b = b.fork.children[index]
	}
	return b
}

// find answers the branch whose task was called under an id.
func (b *branch) find(call int64) *branch {
	var found *branch
	b.leaves(func(leaf *branch) bool {
		if leaf.phase == pending && leaf.lastID == call {
			found = leaf
		}
		return found == nil
	})
	return found
}

// wakes is when something happens by itself: a wait or a pause is over, a task times
// out. Zero: never.
func (b *branch) wakes() time.Time {
	switch b.phase {
	case waiting, pausing:
		return b.due
	case pending:
		if b.task.timeout > 0 {
			return b.task.started.Add(time.Duration(b.task.timeout) * time.Second)
		}
	}
	return time.Time{}
}

// rests says that the branch stands still until something happens.
func (b *branch) rests() bool {
	switch b.phase {
	case pending, pausing, waiting:
		return true
	case forked:
		return b.fork.rests()
	}
	return false
}

// resetAttempts gives the state its whole retry budget: on entering and on redrive.
func (b *branch) resetAttempts() {
	b.attempts = nil
	if n := len(b.state.Retry); n > 0 {
		b.attempts = make([]int64, n)
	}
	b.retries = 0
	b.context = nil
}

// countAttempt notices that an event belongs to another attempt than the failure
// before it.
func (b *branch) countAttempt() {
	if b.phase == failed {
		b.retries++
		b.context = nil
	}
}

// variables answers the variables with those assigned.
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
