// Package engine runs executions of state machines the way AWS Step Functions
// does, event by event.
//
// # Parts
//
// The core is the state machine of one execution. It does no input or output, reads
// no clock and starts no goroutine. It is told what happened (run.go: a task's answer,
// a timer, a stop, a redrive), does what follows (advance.go; retry.go after an error,
// fork.go in a Parallel or Map), records history events, and names the calls and due
// times that it now waits for. What an event changes, apply.go says, for one just
// recorded and for a stored one. So folding a stored history (fold.go) gives the state
// that the run had when it was stored: that is how an execution is resumed and
// redriven.
//
// The drivers give the core its effects. Express (express.go, carrier.go) runs in
// memory, carried by one goroutine at a time; its events go to the LogSink. Standard
// (standard.go) appends the events of every step (wire.go, private.go) and the new
// status to the Store in one transaction before it acts on them. The step that a crash
// interrupted left no trace; a task that was pending is called again and its answer
// continues the same history.
//
// The rest of the engine: machines ready to run (programs.go), integrations
// (integration.go), and what works in the background: committer, wakeQueue, publisher
// and keeper.
//
// # Branches
//
// An execution is a tree of branches: its own line of control, and below a Parallel
// or Map state one for each branch or iteration. AWS's events do not say which branch
// they belong to, nor all that a branch goes on with; stored events carry that beside
// AWS's form, in Private.
//
// AWS runs branches side by side. Here they take turns in one fixed order: a state
// each, in the order in which they left the last one, tasks starting when nobody else
// can act (see proceed). Every recording that we know has that order, so that the
// same machine with the same answers gives the same history, event by event.
//
// # Standard executions at rest
//
// Between two steps a Standard execution stands at pending tasks, at waits or
// retries' pauses, or it is closed. A pending task keeps a goroutine, and its
// execution in memory. An execution that only waits keeps nothing but its due time in
// a heap: when that comes, the history is read and folded again.
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
