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
		return nil, serialization("the request is not a JSON object")
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
		r.mistype(value, "Structure")
		return nil
	}
	s := &request{}
	if err := json.Unmarshal(value, &s.members, jsontext.AllowDuplicateNames(true)); err != nil {
		r.mistype(value, "Structure")
		return nil
	}
	return s
}

// list gives the elements of a list of structures.
func (r *request) list(name string) []*request {
	value := r.member(name)
	if value == nil {
		return nil
	}
	var elements []map[string]jsontext.Value
	if err := json.Unmarshal(value, &elements, jsontext.AllowDuplicateNames(true)); err != nil {
		r.mistype(value, "List")
		return nil
	}
	out := make([]*request, len(elements))
	for i, members := range elements {
		out[i] = &request{members: members}
	}
	return out
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
		r.broken = append(r.broken, "Value null at '"+name+"' failed to satisfy constraint: Member must not be null")
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
		r.broken = append(r.broken, subject+" at '"+name+"' failed to satisfy constraint: "+constraint)
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
		r.broken = append(r.broken, fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value greater than or equal to %d", n, name, low))
	case n > high:
		r.broken = append(r.broken, fmt.Sprintf("Value '%d' at '%s' failed to satisfy constraint: Member must have value less than or equal to %d", n, name, high))
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

func (r *request) mistype(value jsontext.Value, want string) {
	if r.wrongType != nil {
		return
	}
	found := map[jsontext.Kind]string{
		'"': "STRING_VALUE", '0': "NUMBER_VALUE", 't': "TRUE_VALUE", 'f': "FALSE_VALUE",
	}[value.Kind()]
	switch {
	case value.Kind() == '{':
		r.wrongType = serialization("Start of structure or map found where not expected.")
	case value.Kind() == '[':
		r.wrongType = serialization("Start of list found where not expected")
	default:
		r.wrongType = serialization(found + " cannot be converted to " + want)
	}
}
