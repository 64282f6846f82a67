package asl

import "strings"

// Problem is one thing wrong with a definition, as ValidateStateMachineDefinition
// reports it.
type Problem struct {
	Code     string // AWS's code: SCHEMA_VALIDATION_FAILED, MISSING_TRANSITION_TARGET, …
	Message  string
	Location string // a slash path, "/States/A/Next"; empty when there is none to point at
}

// String is the problem as CreateStateMachine words it in its list.
func (p Problem) String() string {
	location := p.Location
	if location == "" {
		location = "null"
	}
	return p.Code + ": " + p.Message + " at " + location
}

// DefinitionError is what Parse returns for a definition it refuses: every problem
// it found, in the order of the definition. Whoever wrote the definition must act.
type DefinitionError struct {
	Problems []Problem
}

// Message is the list as CreateStateMachine quotes it after "Invalid State Machine
// Definition: ".
func (e *DefinitionError) Message() string {
	list := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		list[i] = p.String()
	}
	return strings.Join(list, ", ")
}

func (e *DefinitionError) Error() string { return "parse definition: " + e.Message() }

// EvalKind says in which way an expression failed.
type EvalKind int

// The ways in which an expression fails.
const (
	// Undefined: it returned nothing.
	Undefined EvalKind = iota + 1
	// Threw: it raised an error, or ran into a bound of time, depth or memory.
	Threw
	// UnsupportedType: it returned a function or a regular expression.
	UnsupportedType
	// UnexpectedType: it returned JSON, but not of the type that its field takes.
	UnexpectedType
	// Unfit: it returned JSON of that type, but a value that its field cannot take.
	Unfit
)

// EvalError is a failed expression: States.QueryEvaluationError to the machine.
type EvalError struct {
	Field      string // where it stands in the state: "Output/answer", "Choices[1]/Condition"
	Expression string // its text, without the marks
	Kind       EvalKind
	Code       string // JSONata's code ("T1006"), empty for a bound
	Text       string // what comes after AWS's sentence, by kind; all of it when Unfit
}

// Cause is AWS's text about the expression; the engine puts the sentence about the
// state before it (reference: recordings of EvaluationFailed events).
func (e *EvalError) Cause() string {
	sentence := "The JSONata expression '" + e.Expression + "' specified for the field '" + e.Field + "' "
	switch e.Kind {
	case Undefined:
		return sentence + "returned nothing (undefined)."
	case UnsupportedType:
		return sentence + "returned an unsupported result type."
	case UnexpectedType:
		return sentence + "returned an unexpected result type. " + e.Text
	case Unfit:
		return e.Text
	}
	if e.Code == "" {
		return sentence + "threw an error during evaluation: " + e.Text
	}
	return sentence + "threw an error during evaluation. " + e.Code + ": " + e.Text
}

func (e *EvalError) Error() string { return "evaluate " + e.Field + ": " + e.Cause() }
