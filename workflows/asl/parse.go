package asl

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// AWS's codes for what is wrong with a definition.
const (
	codeInvalidJSON       = "INVALID_JSON_DESCRIPTION"
	codeSchema            = "SCHEMA_VALIDATION_FAILED"
	codeMissingTarget     = "MISSING_TRANSITION_TARGET"
	codeMissingEnd        = "MISSING_END_STATE"
	codeStateName         = "INVALID_STATE_NAME"
	codeDuplicateName     = "DUPLICATE_STATE_NAME"
	codeDuplicateVariable = "DUPLICATE_VARIABLE_NAME"
	codeInvalidExpression = "INVALID_JSONATA_EXPRESSION"
	codeUnsupported       = "UNSUPPORTED_JSONATA_EXPRESSION"
)

// notAnObject is AWS's text for a definition that holds nothing (recording), taken
// over for one that holds another value than an object.
const notAnObject = "Definition must be a valid JSON object"

// Parse reads a definition in JSONata mode and compiles its expressions. It refuses,
// with a *DefinitionError that lists every problem, whatever AWS refuses and
// whatever this package does not implement: JSONPath, Distributed Map. It costs about
// 0.3 ms per different expression.
func Parse(definition []byte) (*Machine, error) {
	d := &definitionReader{expressions: newCompiler(shared), names: make(map[string]bool)}
	root, ok := d.readRoot(definition)
	if !ok {
		return nil, &DefinitionError{Problems: d.problems}
	}
	machine := d.readMachine(root)
	if d.failure != nil {
		return nil, fmt.Errorf("parse definition: %w", d.failure)
	}
	d.checkTransitions(&machine.Flow)
	d.checkScopes(&machine.Flow, nil)
	if len(d.problems) > 0 {
		return nil, &DefinitionError{Problems: d.problems}
	}
	return machine, nil
}

// definitionReader collects the problems of one definition.
type definitionReader struct {
	problems    []Problem
	expressions *compiler
	names       map[string]bool // of the states read so far
	failure     error           // of ours, not of the definition
}

func (d *definitionReader) report(code, location, format string, args ...any) {
	d.problems = append(d.problems, Problem{Code: code, Message: fmt.Sprintf(format, args...), Location: location})
}

func (d *definitionReader) readRoot(definition []byte) (fields, bool) {
	if len(bytes.TrimSpace(definition)) == 0 {
		d.report(codeSchema, "", notAnObject)
		return fields{}, false
	}
	value, err := parseStrict(definition)
	if err != nil {
		d.report(codeInvalidJSON, "", "%s", err)
		return fields{}, false
	}
	object, ok := value.(*Object)
	if !ok {
		d.report(codeSchema, "", notAnObject)
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
	root.require("States", "StartAt")
	root.oneOf("QueryLanguage", "JSONPath", "JSONata")
	root.oneOf("Version", "1.0")
	machine := &Machine{
		Comment:        root.text("Comment"),
		TimeoutSeconds: int64(root.integer("TimeoutSeconds", 0, 0, MaxSeconds)),
	}
	d.readFlow(root, &machine.Flow)
	return machine
}
