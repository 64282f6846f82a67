package asl

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
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
	MakeContext func() any // makes Context when an expression reads it; nil: it is made
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
	shape *Shape
}

func (p objectPart) eval(b *Bindings) (any, error) {
	object := p.shape.blank()
	for i, place := range p.shape.places {
		value, err := p.parts[i].eval(b)
		if err != nil {
			return nil, err
		}
		object.values[place] = value
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

// EvalArray evaluates an array.
func (t *Template) EvalArray(b *Bindings) ([]any, error) {
	value, err := t.Eval(b)
	if err != nil {
		return nil, err
	}
	if v, ok := value.([]any); ok {
		return v, nil
	}
	return nil, t.unexpected("array", value)
}

// EvalItems gives what a Map iterates over: its Items, else the state's input. The
// error about an input that is no array has no Field (recording).
func (s *State) EvalItems(b *Bindings) ([]any, error) {
	if s.Items != nil {
		return s.Items.EvalArray(b)
	}
	if v, ok := b.Input.([]any); ok {
		return v, nil
	}
	return nil, &EvalError{Kind: Unfit, Text: "Map state input must be an array but was: " + string(AppendJSON(nil, b.Input))}
}

// MaxSeconds is the longest timeout that a definition can ask for, and the longest
// wait that it can name as a number.
const MaxSeconds = 99_999_999

// maxWait is what an expression can ask for: AWS takes more than MaxSeconds for
// Seconds (measured, see EvalSeconds), and a time.Duration must hold it.
const maxWait = 9_000_000_000

// EvalSeconds evaluates Seconds, TimeoutSeconds and HeartbeatSeconds: whole numbers
// from 0, the last two up to MaxSeconds. AWS's words for TimeoutSeconds are those
// that tiny-asl-machine's conformance tests recorded, and taken over for the other
// two; that Seconds has no upper bound, iwamot/sfnx measured with TestState (2026-09).
func (t *Template) EvalSeconds(b *Bindings) (int64, error) {
	n, err := t.evalInteger(b)
	switch {
	case err != nil:
		return 0, err
	case n < 0, n > MaxSeconds && t.field != "Seconds":
		return 0, t.unfit(fmt.Sprintf("%s must be between 0 and %d but was: %s", t.field, MaxSeconds, formatBound(n)))
	}
	return int64(min(n, maxWait)), nil
}

// EvalCount evaluates MaxConcurrency: a whole number from 0. The words for one below
// are those that AWS has for MaxConcurrencyPath (recording).
func (t *Template) EvalCount(b *Bindings) (int64, error) {
	n, err := t.evalInteger(b)
	switch {
	case err != nil:
		return 0, err
	case n < 0:
		return 0, t.unfit(fmt.Sprintf("Expected non-negative integer for %s, got '%s' instead.", t.field, formatBound(n)))
	}
	return int64(min(n, 1<<53)), nil
}

func (t *Template) evalInteger(b *Bindings) (float64, error) {
	value, err := t.Eval(b)
	if err != nil {
		return 0, err
	}
	n, ok := value.(float64)
	if !ok {
		return 0, t.unexpected("number", value)
	}
	if n != math.Trunc(n) {
		return 0, t.unfit(fmt.Sprintf("The %s field cannot be parsed as an integer: %s", t.field, AppendJSON(nil, n)))
	}
	return n, nil
}

// EvalTimestamp evaluates Timestamp: what Java reads as ISO_OFFSET_DATE_TIME, which
// is RFC 3339 with optional seconds and letters of either case (iwamot/sfnx measured
// it with TestState, 2026-09).
func (t *Template) EvalTimestamp(b *Bindings) (time.Time, error) {
	value, err := t.Eval(b)
	if err != nil {
		return time.Time{}, err
	}
	text, ok := value.(string)
	if !ok {
		return time.Time{}, t.unexpected("string", value)
	}
	at, err := parseOffsetDateTime(text)
	if err != nil {
		return time.Time{}, t.unfit("The " + t.field + " field cannot be parsed as an ISO-8601 extended offset date-time format string: " + text)
	}
	return at, nil
}

var offsetDateTime = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$`)

func parseOffsetDateTime(text string) (time.Time, error) {
	parts := offsetDateTime.FindStringSubmatch(text)
	if parts == nil {
		return time.Time{}, fmt.Errorf("timestamp %q is no date and time with an offset", text)
	}
	at, err := time.Parse(time.RFC3339Nano, parts[1]+"T"+parts[2]+cmp.Or(parts[3], ":00")+strings.ToUpper(parts[4]))
	if _, offset := at.Zone(); err == nil && max(offset, -offset) > maxOffset {
		err = fmt.Errorf("timestamp %q has an offset beyond 18 hours", text)
	}
	return at, err
}

// maxOffset is the most that Java's ZoneOffset takes, in seconds.
const maxOffset = 18 * 60 * 60

// parseTimestamp reads a timestamp that a definition gives as it is: RFC 3339, its
// letters capital, as the States Language asks.
func parseTimestamp(text string) (time.Time, error) {
	if parts := offsetDateTime.FindStringSubmatch(text); parts == nil || parts[3] == "" || strings.ContainsAny(text, "tz") {
		return time.Time{}, fmt.Errorf("timestamp %q is not RFC 3339", text)
	}
	return parseOffsetDateTime(text)
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

// unfit words a result that is of the right type and still not what the field takes.
func (t *Template) unfit(text string) error {
	err := &EvalError{Field: t.field, Kind: Unfit, Text: text}
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
