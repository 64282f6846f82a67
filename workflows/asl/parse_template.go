package asl

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// intrinsic is a call of one of JSONPath mode's functions.
var intrinsic = regexp.MustCompile(`^States\.[A-Za-z0-9]+\(.*\)$`)

// template reads a member as a template; nil when it is absent. field is its place
// in the state, as EvalError reports it.
func (d *definitionReader) template(f fields, name, field string, at place) *Template {
	value, set := f.object.Get(name)
	if !set {
		return nil
	}
	t := &Template{field: field}
	t.root = d.part(t, value, field, f.at(name), at)
	if p, ok := t.root.(constantPart); ok {
		t.constant, t.value = true, p.value
	}
	return t
}

// part compiles one node of a template. What holds no expression is constant.
func (d *definitionReader) part(t *Template, value any, field, location string, at place) part {
	switch v := value.(type) {
	case string:
		return d.stringPart(t, v, field, location, at)
	case []any:
		items, constant := make(arrayPart, len(v)), true
		for i, item := range v {
			index := "[" + strconv.Itoa(i) + "]"
			items[i] = d.part(t, item, field+index, location+index, at)
			_, c := items[i].(constantPart)
			constant = constant && c
		}
		if constant {
			return constantPart{v}
		}
		return items
	case *Object:
		object, constant := objectPart{}, true
		for key, item := range v.All() {
			if strings.HasSuffix(key, ".$") {
				d.report(codeSchema, location, "The QueryLanguage is set to 'JSONata', but field '%s' is only supported for the 'JSONPath' QueryLanguage", key)
			}
			p := d.part(t, item, field+"/"+key, location+"/"+key, at)
			object.keys = append(object.keys, key)
			object.parts = append(object.parts, p)
			_, c := p.(constantPart)
			constant = constant && c
		}
		if constant {
			return constantPart{v}
		}
		object.shape = NewShape(object.keys...)
		return object
	default:
		return constantPart{v}
	}
}

func (d *definitionReader) stringPart(t *Template, s, field, location string, at place) part {
	text, ok := unmark(s)
	switch {
	case ok:
		x := &expression{field: field, text: text}
		problems, err := d.expressions.compile(x, at)
		if err != nil {
			d.failure = errors.Join(d.failure, err)
		}
		for _, p := range problems {
			d.report(p.Code, location, "%s", p.Message)
		}
		t.expressions = append(t.expressions, x)
		return x
	case strings.HasPrefix(s, "{%") || strings.HasSuffix(s, "%}"):
		d.report(codeSchema, location, "JSONata string must start with {%% and end with %%}")
	case intrinsic.MatchString(s):
		d.report(codeSchema, location, "Intrinsic functions are only supported for the 'JSONPath' QueryLanguage")
	}
	return constantPart{s}
}

// assign reads Assign: an object whose keys are names of variables.
func (d *definitionReader) assign(f fields, name, field string, at place) *Template {
	object, ok := f.child(name)
	if !ok {
		return nil
	}
	for key := range object.object.All() {
		if err := checkVariable(key); err != nil {
			d.report(codeSchema, object.location(), "Invalid variable name '%s': %s", key, err)
		}
	}
	return d.template(f, name, field, at)
}

// checkVariable takes the identifiers of Unicode's annex 31 (Developer Guide, "Naming
// convention"): an underscore does not begin one.
func checkVariable(name string) error {
	switch {
	case name == "":
		return errors.New("it is empty")
	case utf8.RuneCountInString(name) > maxName:
		return errors.New("it is longer than 80 characters")
	case name == "states":
		return errors.New("it is reserved")
	}
	for i, r := range name {
		if unicode.IsLetter(r) || unicode.In(r, unicode.Nl, unicode.Other_ID_Start) {
			continue
		}
		if i > 0 && unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue) {
			continue
		}
		return errors.New("it is not an identifier")
	}
	return nil
}

// condition reads Condition: a boolean or an expression.
func (d *definitionReader) condition(f fields, field string) *Template {
	t := d.template(f, "Condition", field, place{})
	if t == nil || !t.constant {
		return t
	}
	if _, ok := t.value.(bool); !ok {
		d.report(codeSchema, f.at("Condition"), "Expected value of type [BOOLEAN] or a JSONata expression")
	}
	return t
}

// seconds reads a whole number or an expression.
func (d *definitionReader) seconds(f fields, name string, least float64) *Template {
	t := d.scalar(f, name)
	if t != nil && t.constant {
		f.checkInteger(name, t.value, least, MaxSeconds)
	}
	return t
}

// timestamp reads a timestamp or an expression.
func (d *definitionReader) timestamp(f fields, name string) *Template {
	t := d.scalar(f, name)
	if t == nil || !t.constant {
		return t
	}
	text, ok := t.value.(string)
	if !ok {
		d.report(codeSchema, f.at(name), "Expected value of type [STRING]")
		return t
	}
	if _, err := parseTimestamp(text); err != nil {
		d.report(codeSchema, f.at(name), "String does not match RFC3339 timestamp")
	}
	return t
}

// textTemplate reads a string or an expression.
func (d *definitionReader) textTemplate(f fields, name string) *Template {
	t := d.scalar(f, name)
	if t == nil || !t.constant {
		return t
	}
	if _, ok := t.value.(string); !ok {
		d.report(codeSchema, f.at(name), "Expected value of type [STRING]")
	}
	return t
}

// scalar reads a member whose expression must be the whole of it.
func (d *definitionReader) scalar(f fields, name string) *Template {
	t := d.template(f, name, name, place{})
	if t == nil || t.constant {
		return t
	}
	if _, whole := t.root.(*expression); !whole {
		d.report(codeSchema, f.at(name), "Expected a JSONata expression")
	}
	return t
}
