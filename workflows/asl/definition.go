package asl

// Machine is a validated definition.
type Machine struct {
	Flow
	Comment        string
	TimeoutSeconds int64 // 0: none
}

// Flow is a set of states with a start: a machine, a branch of a Parallel, the
// processor of a Map. The names of states are unique in the whole machine.
type Flow struct {
	StartAt string
	States  map[string]*State
	Order   []string // the names of the states, in the order of Object

	path string // of the flow in the definition, "" for the machine
	// unread says that the ways out of one of its states are not known, so that
	// nothing can be said about which states are reached.
	unread bool
}

// StateType is the Type field of a state.
type StateType string

// The state types of the States Language that are implemented.
const (
	Task    StateType = "Task"
	Choice  StateType = "Choice"
	Pass    StateType = "Pass"
	Wait    StateType = "Wait"
	Succeed StateType = "Succeed"
	Fail    StateType = "Fail"

	Parallel StateType = "Parallel"
	Map      StateType = "Map"
)

// State is one state; which fields are set depends on Type.
type State struct {
	Name    string
	Path    string // where it stands in the definition: "/States/P/Branches[0]/States/A"
	Type    StateType
	Comment string
	Next    string
	End     bool

	Output *Template // nil: the state's default
	Assign *Template // a JSON object of variables, nil: none

	// Task
	Resource         string    // the ARN as written
	Arguments        *Template // nil: the state input
	TimeoutSeconds   *Template // nil: none
	HeartbeatSeconds *Template

	// Task, Parallel and Map
	Retry []Retrier
	Catch []Catcher

	// Parallel (Arguments too); each branch gets the same input
	Branches []*Flow

	// Map
	Items          *Template // nil: the state input
	ItemSelector   *Template // nil: the item itself
	MaxConcurrency *Template // nil: none asked
	Processor      *Flow

	// Choice
	Choices []Rule
	Default string

	// Wait: exactly one of the two
	Seconds   *Template
	Timestamp *Template

	// Fail
	Error *Template
	Cause *Template
}

// Retrier is one entry of Retry, defaults filled in.
type Retrier struct {
	ErrorEquals     []string
	IntervalSeconds int64   // default 1
	MaxAttempts     int64   // default 3
	BackoffRate     float64 // default 2
	MaxDelaySeconds int64   // 0: no cap
	FullJitter      bool
}

// Catcher is one entry of Catch.
type Catcher struct {
	ErrorEquals []string
	Next        string
	Output      *Template
	Assign      *Template
}

// Rule is one entry of Choices.
type Rule struct {
	Condition *Template
	Next      string
	Output    *Template
	Assign    *Template
}
