package asl

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// fields reads the members of one object of a definition and reports what is wrong
// with them, in AWS's words where they are known (floci-io/floci and
// badmintoncryer/cdk-preflight measured them with ValidateStateMachineDefinition,
// 2026-08 and 2026-09).
type fields struct {
	d      *definitionReader
	object *Object
	path   string
}

func (f fields) location() string {
	if f.path == "" {
		return "/"
	}
	return f.path
}

func (f fields) at(name string) string { return f.path + "/" + name }

// allow reports every member that is not among names. JSONPath's own members are
// told apart from unknown ones.
func (f fields) allow(names ...string) {
	for name := range f.object.All() {
		switch {
		case slices.Contains(names, name):
		case slices.Contains(jsonPathFields, name):
			f.d.report(codeSchema, f.location(), "The QueryLanguage is set to 'JSONata', but field '%s' is only supported for the 'JSONPath' QueryLanguage", name)
		default:
			f.d.report(codeSchema, f.location(), "Field '%s' is not supported", name)
		}
	}
}

// jsonPathFields are the members that exist in JSONPath mode only.
var jsonPathFields = []string{
	"InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "Result", "ItemsPath",
	"TimeoutSecondsPath", "HeartbeatSecondsPath", "SecondsPath", "TimestampPath", "MaxConcurrencyPath",
	"ToleratedFailurePercentagePath", "ToleratedFailureCountPath", "ErrorPath", "CausePath", "Variable",
}

// require reports the members that are missing, in one problem.
func (f fields) require(names ...string) {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, set := f.object.Get(name)
		return set
	})
	if len(missing) > 0 {
		f.d.report(codeSchema, f.location(), "These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// exactlyOne reports when none or several of the members are set.
func (f fields) exactlyOne(names ...string) {
	set := 0
	for _, name := range names {
		if value, ok := f.object.Get(name); ok && value != false {
			set++
		}
	}
	switch {
	case set == 0:
		f.d.report(codeSchema, f.location(), "This object should have only one of the following fields: [%s]", strings.Join(names, ", "))
	case set > 1:
		f.d.report(codeSchema, f.location(), "There should only be one of the following fields: [%s]", strings.Join(names, ", "))
	}
}

// text reads a string; it is "" when absent.
func (f fields) text(name string) string {
	value, set := f.object.Get(name)
	if !set {
		return ""
	}
	text, ok := value.(string)
	if !ok {
		f.d.report(codeSchema, f.at(name), "Expected value of type [STRING]")
	}
	return text
}

// target reads the name of a state.
func (f fields) target(name string) string {
	target := f.text(name)
	if value, set := f.object.Get(name); set && value == "" {
		f.d.report(codeSchema, f.at(name), "Value cannot be empty")
	}
	return target
}

// oneOf reads a string out of a list.
func (f fields) oneOf(name string, allowed ...string) string {
	value, set := f.object.Get(name)
	if !set {
		return ""
	}
	text, ok := value.(string)
	switch {
	case !ok:
		f.d.report(codeSchema, f.at(name), "Expected value of type [STRING]")
	case !slices.Contains(allowed, text):
		f.d.report(codeSchema, f.at(name), "Value should be one of the following: [%s]", strings.Join(allowed, ", "))
	}
	return text
}

// flag reads a boolean; it is false when absent.
func (f fields) flag(name string) bool {
	value, set := f.object.Get(name)
	if !set {
		return false
	}
	flag, ok := value.(bool)
	if !ok {
		f.d.report(codeSchema, f.at(name), "Expected value of type [BOOLEAN]")
	}
	return flag
}

// integer reads a whole number within bounds; it is absent when not set.
func (f fields) integer(name string, absent, least, most float64) float64 {
	value, set := f.object.Get(name)
	if !set {
		return absent
	}
	f.checkInteger(name, value, least, most)
	number, _ := value.(float64)
	return number
}

func (f fields) checkInteger(name string, value any, least, most float64) {
	number, ok := value.(float64)
	switch {
	case !ok || number != math.Trunc(number):
		f.d.report(codeSchema, f.at(name), "Expected value of type Integer")
	default:
		f.checkRange(name, number, least, most)
	}
}

func (f fields) checkRange(name string, number, least, most float64) {
	switch {
	case number < least:
		f.d.report(codeSchema, f.at(name), "Minimum value is %s", formatBound(least))
	case number > most:
		f.d.report(codeSchema, f.at(name), "Maximum value is %s", formatBound(most))
	}
}

func formatBound(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// number reads a number within bounds; it is absent when not set.
func (f fields) number(name string, absent, least, most float64) float64 {
	value, set := f.object.Get(name)
	if !set {
		return absent
	}
	number, ok := value.(float64)
	if !ok {
		f.d.report(codeSchema, f.at(name), "Expected value of type [NUMBER]")
		return absent
	}
	f.checkRange(name, number, least, most)
	return number
}

// child reads an object.
func (f fields) child(name string) (fields, bool) {
	value, set := f.object.Get(name)
	if !set {
		return fields{}, false
	}
	object, ok := value.(*Object)
	if !ok {
		f.d.report(codeSchema, f.at(name), "Expected value of type [OBJECT]")
		return fields{}, false
	}
	return fields{d: f.d, object: object, path: f.at(name)}, true
}

// array reads an array; not ok when it is absent or of another type.
func (f fields) array(name string) (items []any, ok bool) {
	value, set := f.object.Get(name)
	if !set {
		return nil, false
	}
	if items, ok = value.([]any); !ok {
		f.d.report(codeSchema, f.at(name), "Expected value of type [ARRAY]")
	}
	return items, ok
}

// children reads an array of objects.
func (f fields) children(name string) []fields {
	items, ok := f.array(name)
	if !ok {
		return nil
	}
	out := make([]fields, 0, len(items))
	for i, item := range items {
		path := f.at(name) + "[" + strconv.Itoa(i) + "]"
		object, ok := item.(*Object)
		if !ok {
			f.d.report(codeSchema, path, "Expected value of type [OBJECT]")
			continue
		}
		out = append(out, fields{d: f.d, object: object, path: path})
	}
	return out
}

// texts reads an array of strings that may not be empty.
func (f fields) texts(name string) []string {
	items, ok := f.array(name)
	if !ok {
		return nil
	}
	if len(items) == 0 {
		f.d.report(codeSchema, f.at(name), "Value cannot be empty")
	}
	out := make([]string, 0, len(items))
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			f.d.report(codeSchema, f.at(name)+"["+strconv.Itoa(i)+"]", "Expected value of type [STRING]")
			continue
		}
		out = append(out, text)
	}
	return out
}
