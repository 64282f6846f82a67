package engine

import (
	"context"
	"time"
)

// Store keeps machines, Standard executions with their histories, and the status
// changes not yet published. Package history implements it on PostgreSQL,
// enginetest in memory; storetest is the suite that both pass.
//
// Exactly one engine writes to a store at a time. Acquire gives it an epoch, and
// what writes for an engine refuses any other epoch with ErrFenced, changing
// nothing.
type Store interface {
	// Acquire takes the lease, with an epoch greater than every one before, and
	// keeps it until it is released. It refuses with ErrLeaseHeld while another
	// holder is alive; a holder that stalled for longer than the lease lasts is put
	// out and fenced off.
	Acquire(ctx context.Context) (*Lease, error)

	// CreateMachine stores a machine, or answers the stored one of that ARN and
	// false.
	CreateMachine(ctx context.Context, epoch int64, machine StateMachine) (stored StateMachine, created bool, err error)
	// UpdateMachine makes the machine's RevisionID, which must be new, its current
	// revision. Executions keep theirs. False: there is no such machine, or it is
	// being deleted.
	UpdateMachine(ctx context.Context, epoch int64, machine StateMachine) (bool, error)
	// DeleteMachine gives a machine the status Deleting, since the given time; one
	// that has it, or is not there, stays as it is.
	DeleteMachine(ctx context.Context, epoch int64, arn string, at time.Time) error
	// Deleting lists the machines that are being deleted. Held are those of which an
	// execution runs, or closed since the given time and the deletion.
	Deleting(ctx context.Context, since time.Time) ([]Deletion, error)
	// RemoveMachine removes closed executions of a machine that is being deleted,
	// with their events, about limit events at a time, and with the last execution
	// the machine itself and its revisions. Running executions hold it up.
	RemoveMachine(ctx context.Context, epoch int64, arn string, limit int) (Removal, error)
	// Machine answers the current form of a machine; nil when there is none.
	Machine(ctx context.Context, arn string) (*StateMachine, error)
	// Revision answers a machine as an execution pinned it; nil when there is none.
	Revision(ctx context.Context, arn, revision string) (*StateMachine, error)
	// Machines lists by name, those after the given name.
	Machines(ctx context.Context, after string, limit int) ([]StateMachine, error)

	// Commit applies the writes in one transaction, durable when it returns. A
	// start whose ARN is taken, or a write whose Expect is not the stored last
	// event, is left out: its Applied is false. Everything else is applied. What
	// the store can never take is ErrRejected, and then nothing is applied.
	Commit(ctx context.Context, epoch int64, writes []Write) ([]Applied, error)

	// Records answers the stored executions of the given ARNs, absent ones left
	// out, in no order.
	Records(ctx context.Context, arns []string) ([]Record, error)
	// Executions lists the records of one machine, newest first.
	Executions(ctx context.Context, query ExecutionQuery) ([]Record, error)
	// Running lists the wake-ups of running executions whose Seq is greater than
	// after, ascending.
	Running(ctx context.Context, after int64, limit int) ([]Wake, error)
	// Events answers events of one execution.
	Events(ctx context.Context, query EventQuery) ([]Event, error)
	// Histories answers all events of each of many executions, in their order, by
	// the execution's Seq.
	Histories(ctx context.Context, executions []int64) (map[int64][]Event, error)

	// Prune removes executions that closed before the given time, with their
	// events, the oldest first and about limit events at a time.
	Prune(ctx context.Context, epoch int64, before time.Time, limit int) (Pruned, error)
	// PruneRevisions removes revisions that are no longer current since the given
	// time, and that no execution is pinned to.
	PruneRevisions(ctx context.Context, epoch int64, before time.Time) error

	// Changes lists status changes not yet published, oldest first, those after
	// the given position.
	Changes(ctx context.Context, after int64, limit int) ([]PendingChange, error)
	// Published removes status changes.
	Published(ctx context.Context, positions []int64) error
}

// Lease is the right to write to a store.
type Lease struct {
	Epoch int64
	// Lost is closed when another holder has taken the lease.
	Lost <-chan struct{}
	// Release gives the lease back, for another engine to take at once.
	Release func(ctx context.Context) error
}

// Record is an execution as stored: its description and what only the engine
// needs. The redrive status is not stored; it depends on the time of asking.
type Record struct {
	Execution

	// Seq is given by the store, ascending in the order of starts.
	Seq int64
	// Revision is the machine's revision that the execution is pinned to.
	Revision string
	RoleARN  string
	// LastEventID is the id of the newest event.
	LastEventID int64
	// Timers are the due times that no event tells: of a Wait, and of a retry's
	// pause, whose length may be random. The key is the event with which the state
	// that waits was entered.
	Timers map[int64]time.Time
	// WakeAt is when a waiting execution must be looked at; nil when a task is
	// pending or the execution is closed.
	WakeAt *time.Time
	// Redrives are the client tokens of the newest redrives, ten at most.
	Redrives []RedriveToken
}

// RedriveToken is the client token of a redrive that was carried out.
type RedriveToken struct {
	Token string    `json:"token"`
	Date  time.Time `json:"date"`
}

// Write is one step of one execution: the record as it is after the step, and
// the events and status changes of the step.
type Write struct {
	Record Record
	// Expect is the last event id that the store must hold; 0 starts the
	// execution.
	Expect  int64
	Events  []Event
	Changes []StatusChange
}

// Applied says what became of a write.
type Applied struct {
	OK  bool
	Seq int64
}

// ExecutionQuery selects executions of a machine with Seq below Before (0: all).
type ExecutionQuery struct {
	StateMachineARN string
	Status          Status
	Before          int64
	Limit           int
}

// EventQuery selects events with an id beyond From, in the direction asked: From
// 0 begins at the first, or the newest when Reverse. Limit 0 is no limit.
type EventQuery struct {
	ExecutionARN string
	From         int64
	Limit        int
	Reverse      bool
}

// Wake is a running execution at rest. At nil: a task is pending.
type Wake struct {
	Seq int64
	ARN string
	At  *time.Time
}

// Deletion is a machine that is being deleted.
type Deletion struct {
	ARN  string
	Held bool
}

// Removal says what RemoveMachine removed.
type Removal struct {
	Executions int
	Machine    bool
}

// Pruned says how many executions Prune removed, and when the oldest of the closed
// ones that are left closed; nil when there is none.
type Pruned struct {
	Executions int
	Oldest     *time.Time
}

// PendingChange is a status change and its place in the order of writing.
type PendingChange struct {
	Position int64
	Change   StatusChange
}
