package sfn

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// request holds the members of one request. Each getter checks its member against
// the model and remembers what is wrong; err gives the verdict on all of them. A
// wrong type ends it at once (SerializationException), broken constraints are
// collected into one ValidationException, as the service does.
type request struct {
	members map[string]jsontext.Value
	path    string // what comes before a member's name in messages
	traceID string // X-Amzn-Trace-Id: wins over the member traceHeader

	wrongType error
	broken    []string
}

// decode reads the JSON object of a request. It refuses what is not one object of
// valid UTF-8 nested no deeper than the decoder's limit; the last of two members
// of one name counts.
func decode(body []byte) (*request, error) {
	r := &request{}
	if err := json.Unmarshal(body, &r.members, jsontext.AllowDuplicateNames(true)); err != nil || r.members == nil {
		return nil, serialization("")
	}
	return r, nil
}

// sub gives the members of a nested structure; nil when it is absent.
func (r *request) sub(name string) *request {
	value := r.member(name)
	if value == nil {
		return nil
	}
	if value.Kind() != '{' {
		r.mistype(value, structured)
		return nil
	}
	return r.nested(value, r.path+name+".")
}

// list gives the elements of a list of structures; one that is null has no members.
func (r *request) list(name string) []*request {
	value := r.member(name)
	if value == nil {
		return nil
	}
	if value.Kind() != '[' {
		r.mistype(value, structured)
		return nil
	}
	var elements []jsontext.Value
	if err := json.Unmarshal(value, &elements, jsontext.AllowDuplicateNames(true)); err != nil {
		r.mistype(value, structured)
		return nil
	}
	out := make([]*request, 0, len(elements))
	for i, element := range elements {
		switch element.Kind() {
		case '{', 'n':
			out = append(out, r.nested(element, r.path+name+"."+strconv.Itoa(i+1)+".member."))
		default:
			r.mistype(element, structuredElement)
			return nil
		}
	}
	return out
}

func (r *request) nested(value jsontext.Value, path string) *request {
	s := &request{path: path}
	if err := json.Unmarshal(value, &s.members, jsontext.AllowDuplicateNames(true)); err != nil {
		r.mistype(value, structured)
	}
	return s
}

// adopt takes over the faults of a nested request.
func (r *request) adopt(nested *request) {
	if nested == nil {
		return
	}
	if r.wrongType == nil {
		r.wrongType = nested.wrongType
	}
	r.broken = append(r.broken, nested.broken...)
}

// err gives the verdict on every member that was read so far.
func (r *request) err() error {
	switch {
	case r.wrongType != nil:
		return r.wrongType
	case len(r.broken) == 1:
		return validation("1 validation error detected: " + r.broken[0])
	case len(r.broken) > 1:
		return validation(strconv.Itoa(len(r.broken)) + " validation errors detected: " + strings.Join(r.broken, "; "))
	}
	return nil
}

// text reads an optional string; nil when absent or null.
func (r *request) text(name string, rules ...rule) *string {
	return r.readText(name, true, rules)
}

// secret reads an optional string whose value no message may repeat.
func (r *request) secret(name string, rules ...rule) *string {
	return r.readText(name, false, rules)
}

// required reads a string that must be there.
func (r *request) required(name string, rules ...rule) string {
	return r.demand(name, r.text(name, rules...))
}

func (r *request) demand(name string, value *string) string {
	if value != nil {
		return *value
	}
	if r.member(name) == nil {
		r.broken = append(r.broken, "Value null at '"+r.path+name+"' failed to satisfy constraint: Member must not be null")
	}
	return ""
}

func (r *request) readText(name string, quote bool, rules []rule) *string {
	value := r.member(name)
	if value == nil {
		return nil
	}
	if value.Kind() != '"' {
		r.mistype(value, "String")
		return nil
	}
	var s string
	if err := json.Unmarshal(value, &s); err != nil {
		r.mistype(value, "String")
		return nil
	}
	for _, rule := range rules {
		constraint := rule(s)
		if constraint == "" {
			continue
		}
		subject := "Value"
		if quote {
			subject = "Value '" + s + "'"
		}
		r.broken = append(r.broken, subject+" at '"+r.path+name+"' failed to satisfy constraint: "+constraint)
	}
	return &s
}

// integer reads an optional integer, 0 when absent.
func (r *request) integer(name string, low, high int) int {
	value := r.member(name)
	if value == nil {
		return 0
	}
	var f float64
	if value.Kind() != '0' || json.Unmarshal(value, &f) != nil || f != float64(int32(f)) {
		r.mistype(value, "Integer")
		return 0
	}
	n := int(f)
	switch {
	case n < low:
		r.broken = append(r.broken, fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d", n, r.path+name, low))
	case n > high:
		r.broken = append(r.broken, fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d", n, r.path+name, high))
	}
	return n
}

// boolean reads an optional boolean.
func (r *request) boolean(name string, absent bool) bool {
	value := r.member(name)
	if value == nil {
		return absent
	}
	switch value.Kind() {
	case 't':
		return true
	case 'f':
		return false
	}
	r.mistype(value, "Boolean")
	return absent
}

// member gives a member's value; nil when it is absent or null, which the
// protocol does not tell apart.
func (r *request) member(name string) jsontext.Value {
	value := r.members[name]
	if len(value) == 0 || value.Kind() == 'n' {
		return nil
	}
	return value
}

// What mistype says of a scalar in the place of a structure or a list.
const (
	structured        = "Unexpected field type"
	structuredElement = "Unexpected value type in payload"
)

// mistype remembers the first member of a wrong type; want is the scalar type that
// it should have had, or one of the texts above.
func (r *request) mistype(value jsontext.Value, want string) {
	if r.wrongType != nil {
		return
	}
	found := map[jsontext.Kind]string{
		'"': "STRING_VALUE", '0': "NUMBER_VALUE", 't': "TRUE_VALUE", 'f': "FALSE_VALUE",
	}[value.Kind()]
	if strings.ContainsAny(string(value), ".eE") && value.Kind() == '0' {
		found = "DECIMAL_VALUE"
	}
	switch {
	case value.Kind() == '{':
		r.wrongType = serialization("Start of structure or map found where not expected.")
	case value.Kind() == '[':
		r.wrongType = serialization("Start of list found where not expected")
	case want == structured, want == structuredElement:
		r.wrongType = serialization(want)
	default:
		r.wrongType = serialization(found + " cannot be converted to " + want)
	}
}
