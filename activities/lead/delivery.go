package lead

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// AttemptKey is the identity of one attempt to deliver, taken from the context
// object: the same task repeated by Lambda or after a crash has the same key and
// leaves one row.
type AttemptKey struct {
	Execution    string
	RedriveCount int
	RetryCount   int
}

// Dispatch is what one attempt sends, and what is known of this very attempt.
type Dispatch struct {
	EventID uuid.UUID // webhook-id is "msg_" and this
	Lead    Record
	Earlier *Attempt // the row under the same AttemptKey: it was made before, its answer got lost
}

// Attempt is one call of Fibonacci, as webhook_logs keeps it. No field quotes
// the event that was sent.
type Attempt struct {
	AttemptKey
	LeadID      ID
	EventID     uuid.UUID
	Number      int // 1 + earlier attempts of the same event; given by the store
	Success     bool
	StatusCode  int           // 0: no answer
	Error       string        // "" or the name out of Errors
	Cause       Cause         // "" for a success
	Message     string        // our words on what went wrong, without personal data; cut at 1,000 characters
	Answer      string        // the beginning of the receiver's answer, masked, at most 4 KiB; cut at a character
	Fingerprint string        // of a failure's answer: equal for answers that differ in ids, numbers and times only
	RetryAfter  time.Duration // what the receiver asked for; 0: nothing
	StartedAt   time.Time
	Duration    time.Duration
}

// StatusChange is a change of a Standard execution's status, as Step Functions
// publishes it: at least once, late, out of order, or never.
type StatusChange struct {
	Execution    string
	LeadID       ID        // from the execution's input or its name
	EventID      uuid.UUID // from the execution's input; uuid.Nil when it was left out
	Status       ExecutionStatus
	StartedAt    time.Time // of the execution: a fresh one outranks an older one
	StoppedAt    time.Time // zero while it runs
	RedriveCount int
	Outcome      Status // with SUCCEEDED, what its output says: delivered or withheld; empty: not told
	Error        string // the name, when it failed
}

// OutcomeOf reads what the output of a fibonacci_delivery execution says: delivered
// or withheld; empty when it says neither.
func OutcomeOf(output string) Status {
	var said struct {
		Outcome Status `json:"outcome"`
	}
	if json.Unmarshal([]byte(output), &said) != nil {
		return ""
	}
	switch said.Outcome {
	case StatusDelivered, StatusWithheld:
		return said.Outcome
	default:
		return ""
	}
}

// ExecutionStatus is the status of an execution in AWS's spelling.
type ExecutionStatus string

// The statuses of an execution.
const (
	ExecutionRunning   ExecutionStatus = "RUNNING"
	ExecutionSucceeded ExecutionStatus = "SUCCEEDED"
	ExecutionFailed    ExecutionStatus = "FAILED"
	ExecutionTimedOut  ExecutionStatus = "TIMED_OUT"
	ExecutionAborted   ExecutionStatus = "ABORTED"
)

// Closed tells whether an execution with this status has ended.
func (s ExecutionStatus) Closed() bool {
	switch s {
	case ExecutionSucceeded, ExecutionFailed, ExecutionTimedOut, ExecutionAborted:
		return true
	case ExecutionRunning:
	}
	return false
}

// Tracked is what a status change did.
type Tracked struct {
	Known    bool   // a delivery belongs to it
	Applied  bool   // false: repeated or overtaken by a later one
	Delivery string // status of the delivery afterwards, when Applied: running, delivered, failed or withheld
	Status   Status // of the lead afterwards, when Applied: delivered once an attempt succeeded
}
