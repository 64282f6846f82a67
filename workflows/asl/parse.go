package asl

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// AWS's codes for what is wrong with a definition.
const (
	codeInvalidJSON       = "INVALID_JSON_DESCRIPTION"
	codeMissing           = "MISSING_DESCRIPTION"
	codeSchema            = "SCHEMA_VALIDATION_FAILED"
	codeMissingTarget     = "MISSING_TRANSITION_TARGET"
	codeMissingEnd        = "MISSING_END_STATE"
	codeStateName         = "INVALID_STATE_NAME"
	codeInvalidExpression = "INVALID_JSONATA_EXPRESSION"
	codeUnsupported       = "UNSUPPORTED_JSONATA_EXPRESSION"
)

// maxName is the longest name of a state or a variable, in characters.
const maxName = 80

// Parse reads a definition in JSONata mode and compiles its expressions. It refuses,
// with a *DefinitionError that lists every problem, whatever AWS refuses and
// whatever this package does not implement: JSONPath, Parallel and Map states,
// AWS's added functions. It costs about 0.3 ms per different expression.
func Parse(definition []byte) (*Machine, error) {
	d := &definitionReader{expressions: newCompiler(shared)}
	root, ok := d.readRoot(definition)
	if !ok {
		return nil, &DefinitionError{Problems: d.problems}
	}
	machine := d.readMachine(root)
	if d.failure != nil {
		return nil, fmt.Errorf("parse definition: %w", d.failure)
	}
	if !d.unread {
		d.checkTransitions(machine)
	}
	if len(d.problems) > 0 {
		return nil, &DefinitionError{Problems: d.problems}
	}
	return machine, nil
}

// definitionReader collects the problems of one definition.
type definitionReader struct {
	problems    []Problem
	expressions *compiler
	// unread says that the ways out of a state are not known, so that nothing can be
	// said about which states are reached.
	unread  bool
	failure error // of ours, not of the definition
}

func (d *definitionReader) report(code, location, format string, args ...any) {
	d.problems = append(d.problems, Problem{Code: code, Message: fmt.Sprintf(format, args...), Location: location})
}

func (d *definitionReader) readRoot(definition []byte) (fields, bool) {
	if len(bytes.TrimSpace(definition)) == 0 {
		d.report(codeMissing, "", "The definition is empty.")
		return fields{}, false
	}
	value, err := parseStrict(definition)
	if err != nil {
		d.report(codeInvalidJSON, "", "%s", err)
		return fields{}, false
	}
	object, ok := value.(*Object)
	if !ok {
		d.report(codeSchema, "/", "Expected value of type [OBJECT]")
		return fields{}, false
	}
	root := fields{d: d, object: object, path: ""}
	if language, set := object.Get("QueryLanguage"); !set || language == "JSONPath" {
		d.report(codeSchema, "/QueryLanguage", "QueryLanguage 'JSONPath' is not supported here; it must be 'JSONata'")
		return fields{}, false
	}
	return root, true
}

// parseStrict is ParseJSON for definitions: a repeated key is an error.
func parseStrict(text []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if err := dec.SkipValue(); err != nil {
		var syntax *jsontext.SyntacticError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("%w at byte %d", syntax.Err, syntax.ByteOffset)
		}
		return nil, err
	}
	return ParseJSON(text)
}

func (d *definitionReader) readMachine(root fields) *Machine {
	root.allow("Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version")
	root.require("StartAt", "States")
	root.oneOf("QueryLanguage", "JSONPath", "JSONata")
	root.oneOf("Version", "1.0")
	machine := &Machine{
		Flow:           Flow{StartAt: root.target("StartAt"), States: make(map[string]*State)},
		Comment:        root.text("Comment"),
		TimeoutSeconds: int64(root.integer("TimeoutSeconds", 0, 0, MaxSeconds)),
	}
	states, ok := root.child("States")
	if !ok {
		return machine
	}
	if states.object.Len() == 0 {
		d.report(codeSchema, states.location(), "Value cannot be empty")
	}
	for name := range states.object.All() {
		if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
			d.report(codeStateName, "/States/"+name, "State name must have 1 to %d characters", maxName)
		}
		machine.Order = append(machine.Order, name)
		if state, ok := states.child(name); ok {
			machine.States[name] = d.readState(name, state)
		} else {
			d.unread = true
		}
	}
	return machine
}
