package asl

import (
	"errors"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// expression is one compiled "{% … %}".
type expression struct {
	field string // where it stands in the state
	text  string // without the marks and the blanks inside them
	// fast evaluates it in Go; nil when only the reference implementation can.
	fast      program
	reference *reference
	// reads is what it reads, so that no more is copied to the reference.
	reads reads
	// variables are the workflow's variables that it names.
	variables []string
}

// reads says which members of $states and which variables an expression reads.
type reads struct {
	whole   bool // $states itself, in a way that shows all its members
	members []string
	vars    []string
}

// place is the part of a state where a template stands: it decides which members
// $states has there.
type place struct {
	result      bool
	errorOutput bool
}

// members are the members of $states at the place, in their order.
func (p place) members() []string {
	names := []string{"input"}
	if p.result {
		names = append(names, "result")
	}
	if p.errorOutput {
		names = append(names, "errorOutput")
	}
	return append(names, "context")
}

// unmark returns the text of an expression if s is one: it starts with "{%" and ends
// with "%}".
func unmark(s string) (string, bool) {
	if len(s) < 4 || !strings.HasPrefix(s, "{%") || !strings.HasSuffix(s, "%}") {
		return "", false
	}
	return strings.TrimSpace(s[2 : len(s)-2]), true
}

func (x *expression) eval(b *Bindings) (any, error) {
	if x.fast != nil {
		value, err := x.fast(b)
		switch {
		case err == nil && value == undefined:
			return nil, x.wrap(errUndefined)
		case err == nil:
			return value, nil
		}
	}
	value, err := x.evalReference(b)
	if err == nil {
		return value, nil
	}
	return nil, x.wrap(err)
}

// evalReference runs the reference implementation.
func (x *expression) evalReference(b *Bindings) (any, error) {
	now := b.Now
	if now.IsZero() {
		now = time.Now()
	}
	return x.reference.eval(x.text, now, func(vm *referenceVM) *goja.Object { return x.bind(vm, b) })
}

// bind copies what the expression reads into the virtual machine.
func (x *expression) bind(vm *referenceVM, b *Bindings) *goja.Object {
	bindings := vm.runtime.NewObject()
	for _, name := range x.reads.vars {
		if value, ok := b.Vars[name]; ok {
			_ = bindings.Set(name, vm.toJS(value)) // an ordinary object refuses nothing
		}
	}
	states := vm.runtime.NewObject()
	for _, name := range x.reads.members {
		_ = states.Set(name, vm.toJS(b.member(name)))
	}
	_ = bindings.Set("states", states)
	return bindings
}

func (b *Bindings) member(name string) any {
	switch name {
	case "input":
		return b.Input
	case "result":
		return b.Result
	case "errorOutput":
		return b.ErrorOutput
	default:
		if b.Context == nil && b.MakeContext != nil {
			b.Context = b.MakeContext()
		}
		return b.Context
	}
}

// wrap makes the error of an evaluation an *EvalError.
func (x *expression) wrap(err error) error {
	out := &EvalError{Field: x.field, Expression: x.text, Kind: Threw}
	var thrown *fault
	switch {
	case errors.Is(err, errUndefined):
		out.Kind = Undefined
	case errors.Is(err, errUnsupported):
		out.Kind = UnsupportedType
	case errors.As(err, &thrown):
		out.Code, out.Text = thrown.Code, thrown.Text
	default:
		out.Text = err.Error()
	}
	return out
}
