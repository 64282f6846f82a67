package engine

import (
	"context"
	"encoding/json"
	"time"
)

// MachineType is the type of a state machine; it is fixed at creation.
type MachineType string

// The two types, in AWS's spelling.
const (
	Standard MachineType = "STANDARD"
	Express  MachineType = "EXPRESS"
)

// Status is the status of an execution, in AWS's spelling.
type Status string

// The statuses of an execution.
const (
	Running   Status = "RUNNING"
	Succeeded Status = "SUCCEEDED"
	Failed    Status = "FAILED"
	TimedOut  Status = "TIMED_OUT"
	Aborted   Status = "ABORTED"
)

// APIError is an error of the Step Functions API: Type is AWS's error name
// ("ExecutionDoesNotExist"), Message its text. Package sfn puts it on the wire;
// startExecution tasks turn it into StepFunctions.<Type>Exception.
type APIError struct {
	Type    string
	Message string
}

func (e *APIError) Error() string { return e.Type + ": " + e.Message }

// MachineStatus is the status of a state machine, in AWS's spelling.
type MachineStatus string

// The statuses of a machine. One that is Deleting starts nothing; its executions
// end at their next transition, and once all have closed it is gone, they with it.
const (
	MachineActive   MachineStatus = "ACTIVE"
	MachineDeleting MachineStatus = "DELETING"
)

// StateMachine is a machine in one of its revisions: Definition, RoleARN, Logging,
// RevisionID and UpdatedAt are the revision's, the rest is the machine's.
type StateMachine struct {
	ARN        string
	Name       string
	Type       MachineType
	Status     MachineStatus
	Definition string
	RoleARN    string
	RevisionID string // empty until the first update
	CreatedAt  time.Time
	UpdatedAt  time.Time // of the revision; of the first one: CreatedAt
	Logging    Logging

	// VariableReferences are the variables that the states' expressions name, by
	// state; nil: none. A description has them, unless this program cannot read the
	// definition; they are not stored, and not to be changed.
	VariableReferences map[string][]string
}

// LogLevel says which events of an Express execution reach the LogSink. The
// levels and what they hold are those of CloudWatch Logs.
type LogLevel string

// The levels, in AWS's spelling. The empty level is LogOff.
const (
	LogOff   LogLevel = "OFF"
	LogFatal LogLevel = "FATAL"
	LogError LogLevel = "ERROR"
	LogAll   LogLevel = "ALL"
)

// Logging is the loggingConfiguration of a machine. Without execution data the
// inputs and outputs of an Express execution are never turned into text; error
// and cause stay in the record, as they do in AWS.
type Logging struct {
	Level                LogLevel
	IncludeExecutionData bool
	// Destinations are the ARNs of log groups, kept to be described: records go to
	// the LogSink. Nil and empty are told apart, as AWS does.
	Destinations []string
}

// CreateInput creates a machine. Creating one again with equal fields gives the
// first; with other fields it is StateMachineAlreadyExists.
type CreateInput struct {
	Name       string
	Type       MachineType // default Standard
	Definition string
	RoleARN    string
	Logging    Logging
}

// UpdateInput gives a machine another revision: what is nil stays as it is. One of
// the three is required, unless Tracing says that the caller gave the tracing
// configuration, which cannot be changed here.
type UpdateInput struct {
	StateMachineARN string
	Definition      *string
	RoleARN         *string
	Logging         *Logging
	Tracing         bool
}

// UpdateOutput is the current revision. When nothing changed it is the one from
// before, whose id is empty before the first update.
type UpdateOutput struct {
	UpdateDate time.Time
	RevisionID string
}

// DeleteMachineInput names the machine to delete.
type DeleteMachineInput struct {
	StateMachineARN string
}

// ValidateInput is a definition to look at.
type ValidateInput struct {
	Definition string
	Type       MachineType // default Standard
	MaxResults int         // 0: 100
}

// ValidateOutput is the verdict on a definition: it can be created when nothing is
// wrong with it. Truncated says that there was more than MaxResults.
type ValidateOutput struct {
	Diagnostics []Diagnostic
	Truncated   bool
}

// Diagnostic is one thing wrong with a definition. Location is a slash path, empty
// when there is none to point at.
type Diagnostic struct {
	Code     string
	Message  string
	Location string
}

// DescribeMachineInput names a machine.
type DescribeMachineInput struct {
	StateMachineARN string
}

// ListMachinesInput pages through the machines, by name.
type ListMachinesInput struct {
	MaxResults int // 0: 100
	NextToken  string
}

// ListMachinesOutput is a page; NextToken is empty on the last one.
type ListMachinesOutput struct {
	StateMachines []StateMachine
	NextToken     string
}

// StartInput starts an execution. Name empty: a UUID. Input empty: "{}". Of a
// TraceHeader that is no trace AWS makes one, see trace.
type StartInput struct {
	StateMachineARN string
	Name            string
	Input           string
	TraceHeader     *string
}

// StartOutput is the answer of StartExecution.
type StartOutput struct {
	ExecutionARN string
	StartDate    time.Time
}

// SyncOutput is the answer of StartSyncExecution: an execution that failed is an
// answer too, not an error.
type SyncOutput struct {
	ExecutionARN    string
	StateMachineARN string
	Name            string
	StartDate       time.Time
	StopDate        time.Time
	Status          Status
	Input           string
	Output          string // set when Status is Succeeded
	Error           *string
	Cause           *string
	TraceHeader     string
}

// Execution is the description of a Standard execution.
type Execution struct {
	ARN             string
	StateMachineARN string
	Name            string
	Status          Status
	StartDate       time.Time
	StopDate        *time.Time
	Input           string
	Output          *string
	Error           *string
	Cause           *string
	RedriveCount    int
	RedriveDate     *time.Time
	// RedriveStatus is REDRIVABLE or NOT_REDRIVABLE; Reason only with the latter.
	RedriveStatus       string
	RedriveStatusReason *string
	// TraceHeader is the trace that the caller of StartExecution named, empty: none.
	TraceHeader string
}

// StopInput ends a Standard execution as Aborted. Error and Cause nil: the
// event carries none. Stopping a closed execution answers its stop date.
type StopInput struct {
	ExecutionARN string
	Error        *string
	Cause        *string
}

// StopOutput is the answer of StopExecution.
type StopOutput struct {
	StopDate time.Time
}

// DescribeInput names a Standard execution.
type DescribeInput struct {
	ExecutionARN string
}

// RedriveInput resumes a closed Standard execution at the state it stopped in.
// A ClientToken seen in the last 15 minutes answers the first redrive's date and
// restarts nothing.
type RedriveInput struct {
	ExecutionARN string
	ClientToken  string
}

// RedriveOutput is the answer of RedriveExecution.
type RedriveOutput struct {
	RedriveDate time.Time
}

// ListInput pages through the executions of one machine, newest first.
type ListInput struct {
	StateMachineARN string
	StatusFilter    Status // empty: all
	MaxResults      int    // 0: 100
	NextToken       string
}

// ListOutput is a page; NextToken is empty on the last one. The executions come
// without Input, Output, Error and Cause, as in AWS.
type ListOutput struct {
	Executions []Execution
	NextToken  string
}

// HistoryInput pages through the events of one execution.
type HistoryInput struct {
	ExecutionARN         string
	MaxResults           int // 0: 100
	NextToken            string
	ReverseOrder         bool
	IncludeExecutionData bool
}

// HistoryOutput is a page; NextToken is empty on the last one.
type HistoryOutput struct {
	Events    []Event
	NextToken string
}

// Event is one history event. Details is the event's details object in AWS's
// wire form, its JSON keys in AWS's spelling and order; nil when the type has
// none. DetailsKey is the member it stands under ("taskScheduledEventDetails").
type Event struct {
	ID         int64
	PreviousID int64
	Timestamp  time.Time
	Type       string
	DetailsKey string
	Details    json.RawMessage
	// Private is what the engine must know of a stored event beyond what AWS shows,
	// to go on from there. It is on no wire.
	Private json.RawMessage
}

// StatusChange is what a Standard execution publishes when its status changes,
// the detail of AWS's "Step Functions Execution Status Change" event.
type StatusChange struct {
	ID   string // event id, stable over repeats
	Time time.Time
	ARN  string          // the execution
	Body json.RawMessage // the whole EventBridge event, in AWS's shape
}

// Invoker calls a Lambda function. Payload in, payload out; a function error
// comes back as a Result with FunctionError set and the error document as
// payload, as the Lambda API does. An error return means the call itself failed:
// *InvokeError carries the name that the machine sees.
type Invoker interface {
	Invoke(ctx context.Context, function string, payload []byte) (Result, error)
}

// Result is the answer of a Lambda invocation.
type Result struct {
	StatusCode      int // 200
	ExecutedVersion string
	FunctionError   string // "", "Handled" or "Unhandled"
	Payload         []byte
	RequestID       string
}

// InvokeError is a failed call of the Lambda API, e.g.
// Lambda.ResourceNotFoundException or Lambda.SdkClientException.
type InvokeError struct {
	Name  string
	Cause string
}

func (e *InvokeError) Error() string { return e.Name + ": " + e.Cause }

// Bus receives status changes of Standard executions, at least once each. The
// engine repeats a change whose Publish failed or that a crash interrupted. It
// publishes the changes of several executions at the same time.
type Bus interface {
	Publish(ctx context.Context, change StatusChange) error
}

// LogSink receives the events of Express executions, as CloudWatch Logs does in
// AWS: they have no history API. It must not block for long. An event's Details are
// overwritten once Record has returned: a sink that keeps them clones them.
type LogSink interface {
	Record(machine *StateMachine, executionARN string, event Event)
}

// Clock is time as the engine sees it. Tests inject one that is wrong; one that
// jumps to the next timer they get from testing/synctest.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in its own goroutine once d has passed.
	AfterFunc(d time.Duration, f func()) Timer
}

// Timer is a pending AfterFunc.
type Timer interface{ Stop() bool }
