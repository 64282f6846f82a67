package task

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxReason is the length of a reason in characters.
const maxReason = 500

const saysReason = "reason is 1 to 500 characters on one line. Everybody who reads the report sees it: it must not name persons."

// ReadReason reads a body that is an object with a reason and nothing else, or
// gives the problem: 400 unreadable, 422 readable but at fault.
func ReadReason(body string) (string, *Problem) {
	var members map[string]jsontext.Value
	if err := json.Unmarshal([]byte(body), &members); err != nil || members == nil {
		problem := NewProblem(http.StatusBadRequest, "The body is not one JSON object in UTF-8 with each member once.")
		return "", &problem
	}
	var faults []FieldError
	var reason string
	raw, there := members["reason"]
	delete(members, "reason")
	switch {
	case !there:
		faults = append(faults, FieldError{Pointer: Pointer("reason"), Code: "required", Message: saysReason})
	case raw.Kind() != '"' || json.Unmarshal(raw, &reason) != nil:
		faults = append(faults, FieldError{Pointer: Pointer("reason"), Code: "wrong_type", Message: "reason is a text."})
	default:
		reason = strings.TrimSpace(reason)
		if fault := CheckReason(reason); fault != nil {
			faults = append(faults, *fault)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		faults = append(faults, FieldError{Pointer: Pointer(name), Code: "unknown", Message: "Leave this member out: there is none of this name."})
	}
	if len(faults) > 0 {
		problem := NewProblem(http.StatusUnprocessableEntity, "The body has errors. Each entry of errors names a member and says what is wrong with it.")
		problem.Errors = faults
		return "", &problem
	}
	return reason, nil
}

// CheckReason says what is wrong with a reason, nil for nothing.
func CheckReason(reason string) *FieldError {
	fault := FieldError{Pointer: Pointer("reason"), Message: saysReason}
	switch {
	case reason == "":
		fault.Code = "required"
	case utf8.RuneCountInString(reason) > maxReason:
		fault.Code = "too_long"
	case !OneLine(reason):
		fault.Code, fault.Message = "characters", "reason must not have line ends, invisible or control characters."
	default:
		return nil
	}
	return &fault
}

// OneLine holds for text without what moves a cursor, hides a text or makes it
// read as another.
func OneLine(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar
	})
}
