package engine

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// argument is one member of a task's Arguments: what the integration takes under
// the name, and what the service takes as its value.
type argument struct {
	name     string
	kind     argumentKind
	required bool
	only     string     // the one value that is implemented here, empty: any
	items    *arguments // of each item of a listArgument

	// What the service itself refuses, with a ValidationException.
	least, most int // characters of a text or values of an integer; most 0: no limit
	enum        []string
	pattern     *regexp.Regexp // of the whole text
}

type argumentKind int

const (
	anyArgument argumentKind = iota
	textArgument
	integerArgument
	timeArgument // RFC 3339
	listArgument
	textListArgument
)

// arguments is what an integration takes. AWS holds a task's Arguments against the
// names and types of the call when the machine is created, as far as the definition
// fixes them, and again before the task is scheduled (recordings of
// ValidateStateMachineDefinition).
type arguments []argument

// admit reports what the definition fixes wrongly.
func (a *arguments) admit(state *asl.State) []asl.Problem {
	if state.Arguments == nil {
		return nil // the state's input
	}
	var problems []asl.Problem
	for _, text := range a.faults(state.Arguments.Outline()) {
		problems = append(problems, asl.Problem{Code: codeSchema, Message: text, Location: "/Arguments"})
	}
	return problems
}

// refuse says what is wrong with the arguments of one task; empty: nothing.
func (a *arguments) refuse(value any) string {
	return strings.Join(a.faults(value), ", ")
}

// faults are AWS's words for what is wrong. As there, nothing else is told while a
// required member is missing, and of the others the first one only.
func (a *arguments) faults(value any) []string {
	if value == (asl.Dynamic{}) {
		return nil
	}
	object, _ := value.(*asl.Object)
	if object == nil {
		object = asl.NewObject(0)
	}
	var missing []string
	for i := range *a {
		if _, ok := object.Get((*a)[i].name); !ok && (*a)[i].required {
			missing = append(missing, "The field '"+(*a)[i].name+"' is required but was missing")
		}
	}
	if len(missing) > 0 {
		return missing
	}
	for name, member := range object.All() {
		known := a.find(name)
		if known == nil {
			return []string{a.unknown(name)}
		}
		if text := known.fault(member); text != "" {
			return []string{text}
		}
	}
	return nil
}

func (a *arguments) find(name string) *argument {
	i := slices.IndexFunc(*a, func(known argument) bool { return known.name == name })
	if i < 0 {
		return nil
	}
	return &(*a)[i]
}

// unknown words a name that is not taken. AWS adds a name that looks like it; which
// one beyond a difference in case, the recordings do not tell.
func (a *arguments) unknown(name string) string {
	text := `The field "` + name + `" is not supported by Step Functions`
	for i := range *a {
		if strings.EqualFold((*a)[i].name, name) {
			return text + ". Did you mean '" + (*a)[i].name + "'?"
		}
	}
	return text
}

// fault says what is wrong with the type of a value. A null is an absent member.
func (a *argument) fault(value any) string {
	if value == nil || value == (asl.Dynamic{}) {
		if a.only != "" && value != nil {
			return "The value of the field '" + a.name + "' must not be an expression here"
		}
		return ""
	}
	text, isText := value.(string)
	switch a.kind {
	case textArgument:
		if !isText {
			return "The value for the field '" + a.name + "' must be a STRING"
		}
	case integerArgument:
		if n, ok := value.(float64); !ok || n != float64(int32(n)) {
			return "The value for the field '" + a.name + "' must be an INTEGER"
		}
	case timeArgument:
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			return "The value for the field '" + a.name + "' must be a TIMESTAMP"
		}
	case listArgument, textListArgument:
		return a.listFault(value)
	}
	if a.only != "" && text != a.only {
		return "The value of the field '" + a.name + "' must be '" + a.only + "' here"
	}
	return ""
}

func (a *argument) listFault(value any) string {
	items, ok := value.([]any)
	if !ok {
		return "The value for the field '" + a.name + "' must be an ARRAY"
	}
	for _, item := range items {
		if item == (asl.Dynamic{}) {
			continue
		}
		if a.kind == textListArgument {
			if _, ok := item.(string); !ok {
				return "The value for the field '" + a.name + "' must be an ARRAY of STRING"
			}
			continue
		}
		if _, ok := item.(*asl.Object); !ok {
			return "The value for the field '" + a.name + "' must be an ARRAY of OBJECT"
		}
		if faults := a.items.faults(item); len(faults) > 0 {
			return faults[0]
		}
	}
	return ""
}

// validate is what the service answers to values beyond its limits. Members whose
// value it does not repeat (input, error, cause) have none here.
func (a *arguments) validate(object *asl.Object) *APIError {
	var broken []string
	for i := range *a {
		known := &(*a)[i]
		value, _ := object.Get(known.name)
		if constraint := known.broken(value); constraint != "" {
			member := strings.ToLower(known.name[:1]) + known.name[1:]
			broken = append(broken, "Value '"+plain(value)+"' at '"+member+"' failed to satisfy constraint: "+constraint)
		}
	}
	switch len(broken) {
	case 0:
		return nil
	case 1:
		return invalidValue("%s", broken[0])
	}
	return refuse("ValidationException", "%d validation errors detected: %s", len(broken), strings.Join(broken, "; "))
}

// plain is a value as it stands in a message.
func plain(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return string(asl.AppendJSON(nil, value))
}

func (a *argument) broken(value any) string {
	switch v := value.(type) {
	case string:
		switch n := utf8.RuneCountInString(v); {
		case n < a.least:
			return "Member must have length greater than or equal to " + strconv.Itoa(a.least)
		case a.most > 0 && n > a.most:
			return "Member must have length less than or equal to " + strconv.Itoa(a.most)
		case a.enum != nil && !slices.Contains(a.enum, v):
			return "Member must satisfy enum value set: [" + strings.Join(a.enum, ", ") + "]"
		case a.pattern != nil && a.pattern.FindString(v) != v:
			return "Member must satisfy regular expression pattern: " + a.pattern.String()
		}
	case float64:
		switch n := int(v); {
		case n < a.least:
			return "Member must have value greater than or equal to " + strconv.Itoa(a.least)
		case a.most > 0 && n > a.most:
			return "Member must have value less than or equal to " + strconv.Itoa(a.most)
		}
	}
	return ""
}

// refusedArguments says in AWS's words why a task cannot be started with the given
// arguments; empty: it can. The state fails with States.Runtime before the task is
// scheduled.
func refusedArguments(task Integration, value any) string {
	choosy, ok := task.(admitter)
	if !ok {
		return ""
	}
	fault := choosy.refuse(value)
	if fault == "" {
		return ""
	}
	return "The Parameters '" + string(asl.AppendJSON(nil, value)) + "' could not be used to start the Task: [" + fault + "]"
}

// members answers the arguments as an object. A task whose arguments are none was
// refused, unless it needs none.
func members(value any) *asl.Object {
	if object, ok := value.(*asl.Object); ok {
		return object
	}
	return asl.NewObject(0)
}

// stringMember reads a text member; false when it is absent or no text.
func stringMember(object *asl.Object, key string) (string, bool) {
	value, _ := object.Get(key)
	text, ok := value.(string)
	return text, ok
}

// optionalMember reads a text member; nil when it is absent or null.
func optionalMember(object *asl.Object, name string) *string {
	if v, ok := stringMember(object, name); ok {
		return &v
	}
	return nil
}

// jsonText is how an integration hands on a member that holds JSON: a text that is
// JSON as it stands, null as an empty object, anything else written out (recordings
// of lambda:invoke).
func jsonText(object *asl.Object, name string) []byte {
	value, _ := object.Get(name)
	if value == nil {
		return []byte("{}")
	}
	if v, ok := value.(string); ok {
		if text := []byte(v); isJSON(text) {
			return text
		}
	}
	return asl.AppendJSON(nil, value)
}

func isJSON(text []byte) bool {
	_, err := asl.ParseJSON(text)
	return err == nil
}
