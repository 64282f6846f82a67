package task

import (
	"maps"
	"net/http"
	"regexp"
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
	case namesSomebody(reason):
		fault.Code = "not_allowed"
		fault.Message = "A reason names no persons: leave e-mail addresses and telephone numbers out. A lead is known by its id."
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

var (
	emailForm = regexp.MustCompile(`[^\s@]+@[^\s@]+\.[^\s@.]{2,}`)
	// Digits in a row or with separators, but not the number of a ticket (INC0012345678).
	phoneForm = regexp.MustCompile(`(?:^|[^\pL\pN])(\+?\(?\d(?:[ .()/\-\x{a0}]{0,3}\d){7,})`)
	// What an account of an outage is full of: ids, days and addresses of machines.
	harmless = regexp.MustCompile(`(?i)\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:19|20)\d\d[-/.]?[01]\d[-/.]?[0-3]\d|[0-3]\d[-/.][01]\d[-/.](?:19|20)\d\d|\d{1,3}(?:\.\d{1,3}){3})\b`)
)

// namesSomebody tells a text with something like an e-mail address or a telephone
// number: the reason stands in a report that no erasure reaches.
func namesSomebody(text string) bool {
	if emailForm.MatchString(text) {
		return true
	}
	for _, m := range phoneForm.FindAllStringSubmatch(harmless.ReplaceAllString(text, "x"), -1) {
		digits := len(strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, m[1]))
		if digits > 8 || !strings.ContainsAny(m[1], " .()/-\u00a0") { // 1000-2000 is a range
			return true
		}
	}
	return false
}
