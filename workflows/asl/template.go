package asl

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Bindings is what expressions can read while a state runs. Result and ErrorOutput
// are read only by templates at the places of a state where AWS offers them, which
// Parse checks.
type Bindings struct {
	Input       any
	Result      any
	ErrorOutput any
	Context     any
	Vars        map[string]any
	Now         time.Time // of $now and $millis; zero: the wall clock
}

// Template is a JSON value with expressions ("{% … %}") at any depth, compiled when
// the definition is parsed. It is safe for use by many goroutines.
type Template struct {
	field string
	root  part
	// constant says that there is no expression in it: value is its value.
	constant bool
	value    any
	// expressions are those in it, in the order of the definition.
	expressions []*expression
}

// part is one node of a template.
type part interface {
	eval(b *Bindings) (any, error)
}

type constantPart struct{ value any }

func (p constantPart) eval(*Bindings) (any, error) { return p.value, nil }

type objectPart struct {
	keys  []string
	parts []part
}

func (p objectPart) eval(b *Bindings) (any, error) {
	object := NewObject(len(p.keys))
	for i, key := range p.keys {
		value, err := p.parts[i].eval(b)
		if err != nil {
			return nil, err
		}
		object.Set(key, value)
	}
	return object, nil
}

type arrayPart []part

func (p arrayPart) eval(b *Bindings) (any, error) {
	items := make([]any, len(p))
	for i, item := range p {
		var err error
		if items[i], err = item.eval(b); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// Eval returns the template with every expression in it replaced by its value. A
// template without expressions costs nothing. Every error is an *EvalError, of the
// first expression that failed in the order of the definition.
func (t *Template) Eval(b *Bindings) (any, error) {
	if t.constant {
		return t.value, nil
	}
	return t.root.eval(b)
}

// EvalBool evaluates a Condition.
func (t *Template) EvalBool(b *Bindings) (bool, error) {
	value, err := t.Eval(b)
	if err != nil {
		return false, err
	}
	if v, ok := value.(bool); ok {
		return v, nil
	}
	return false, t.unexpected("boolean", value)
}

// EvalString evaluates Error and Cause.
func (t *Template) EvalString(b *Bindings) (string, error) {
	value, err := t.Eval(b)
	if err != nil {
		return "", err
	}
	if v, ok := value.(string); ok {
		return v, nil
	}
	return "", t.unexpected("string", value)
}

// MaxSeconds is the longest wait and timeout that a definition can ask for.
const MaxSeconds = 99_999_999

// EvalSeconds evaluates Seconds, TimeoutSeconds and HeartbeatSeconds: a whole number
// from 0 to MaxSeconds.
func (t *Template) EvalSeconds(b *Bindings) (int64, error) {
	value, err := t.Eval(b)
	if err != nil {
		return 0, err
	}
	n, ok := value.(float64)
	if !ok || n != math.Trunc(n) || n < 0 || n > MaxSeconds {
		return 0, t.unexpected("integer", value)
	}
	return int64(n), nil
}

// EvalTimestamp evaluates Timestamp: RFC 3339 with "T" and a zone, both capital.
func (t *Template) EvalTimestamp(b *Bindings) (time.Time, error) {
	value, err := t.Eval(b)
	if err != nil {
		return time.Time{}, err
	}
	text, ok := value.(string)
	if !ok {
		return time.Time{}, t.unexpected("string", value)
	}
	at, err := parseTimestamp(text)
	if err != nil {
		return time.Time{}, t.unexpected("timestamp", value)
	}
	return at, nil
}

func parseTimestamp(text string) (time.Time, error) {
	if strings.ContainsAny(text, "tz ") {
		return time.Time{}, fmt.Errorf("timestamp %q: T and Z are capital", text)
	}
	return time.Parse(time.RFC3339Nano, text)
}

// unexpected words a result of the wrong type as AWS does.
func (t *Template) unexpected(want string, got any) error {
	err := &EvalError{
		Field: t.field,
		Kind:  UnexpectedType,
		Text:  fmt.Sprintf("Expected '%s', but was '%s' for value: %s", want, typeName(got), AppendJSON(nil, got)),
	}
	if len(t.expressions) > 0 {
		err.Expression = t.expressions[0].text
	}
	return err
}

func typeName(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	default:
		return "object"
	}
}
