// Package engine runs executions of state machines the way AWS Step Functions
// does, event by event.
//
// # Parts
//
// The core (run.go and what it calls) is the state machine of one execution. It
// does no input or output, reads no clock and starts no goroutine. It is told
// what happened (a task's answer, a timer, a stop, a redrive), records history
// events and names the effects it now waits for. A recorded event changes the
// core only through apply, so folding a stored history gives the state that the
// run had when it was stored: that is how an execution is resumed and redriven.
//
// The drivers give the core its effects. Express runs in memory in the caller's
// goroutine; its events go to the LogSink. Standard appends the events of every
// step and the new status to the Store in one transaction before it acts on
// them. The step that a crash interrupted left no trace; a task that was pending
// is invoked again and its answer continues the same history.
//
// # Standard executions at rest
//
// Between two steps a Standard execution stands at a pending task, at a wait or
// a retry's pause, or it is closed. A pending task keeps a goroutine. A waiting
// execution keeps nothing but its due time in a heap: when that comes, the
// history is read and folded again.
//
// # One engine per store
//
// Start takes the store's lease and gets an epoch. Every write carries it. An
// engine that lost the lease has its writes refused with ErrFenced and stops.
//
// # Status changes
//
// A status change is written with the events that caused it and published
// afterwards, at least once: it is removed only when the Bus has taken it.
//
// # Where the facts about AWS come from
//
// A comment names its source: "Developer Guide" and "API Reference" are those of
// AWS Step Functions (docs.aws.amazon.com/step-functions), "recording" is an answer
// of the service that was written down: the snapshots in LocalStack's test suite and
// in github.com/radkawar/stackd. Known differences: workflows/DIVERGENCES.md.
package engine
