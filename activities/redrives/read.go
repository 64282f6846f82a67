package redrives

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Limits of the texts of a body.
const (
	maxReason = 500 // characters
	maxError  = 256 // bytes
)

// The codes of a FieldError, as POST /api/leads has them.
const (
	codeRequired   = "required"
	codeUnknown    = "unknown"
	codeWrongType  = "wrong_type"
	codeTooLong    = "too_long"
	codeFormat     = "format"
	codeNotAllowed = "not_allowed"
	codeCharacters = "characters"
	codeRange      = "range"
)

const (
	saysReason = "reason is 1 to 500 characters on one line. Everybody who reads the report sees it: it must not name persons."
	saysNobody = "A reason names no persons: leave e-mail addresses and telephone numbers out. A lead is known by its id."
	saysPlain  = " must not have line ends, invisible or control characters."
)

// readCampaign reads the body of POST /api/redrives, or says what is wrong with it.
func readCampaign(body string, now time.Time) (wanted lead.NewCampaign, dryRun bool, refused *task.Problem) {
	f, refused := readBody(body)
	if refused != nil {
		return lead.NewCampaign{}, false, refused
	}
	dryRun, _ = take[bool](f, "dryRun", "true or false")
	wanted = lead.NewCampaign{
		Filter:        f.filter(now),
		Reason:        f.reason(!dryRun),
		Canary:        f.whole("canary", defaultCanary, 100),
		RatePerMinute: f.whole("ratePerMinute", defaultRate, 6000),
		StopShare:     f.share("stopShare", defaultShare),
	}
	return wanted, dryRun, f.refusal()
}

// readReason reads the body of POST /api/leads/{id}/redrive.
func readReason(body string) (string, *task.Problem) {
	f, refused := readBody(body)
	if refused != nil {
		return "", refused
	}
	reason := f.reason(true)
	return reason, f.refusal()
}

// fields are the members of one object that nobody has read yet.
type fields struct {
	path    []string
	members map[string]jsontext.Value
	faults  *[]task.FieldError
}

// readBody reads one JSON object. What encoding/json would let pass is refused
// as well: a member twice, invalid UTF-8, anything after the object.
func readBody(body string) (fields, *task.Problem) {
	f := fields{faults: &[]task.FieldError{}}
	if err := json.Unmarshal([]byte(body), &f.members); err != nil || f.members == nil {
		problem := task.NewProblem(http.StatusBadRequest, "The body is not one JSON object in UTF-8 with each member once.")
		return fields{}, &problem
	}
	return f, nil
}

func (f fields) refuse(code, message string, name ...string) {
	*f.faults = append(*f.faults, task.FieldError{Pointer: task.Pointer(slices.Concat(f.path, name)...), Code: code, Message: message})
}

// take reads a member; false when it is absent or of another type, which is noted.
func take[T any](f fields, name, kind string) (value T, ok bool) {
	raw, there := f.members[name]
	delete(f.members, name)
	if !there {
		return value, false
	}
	if err := json.Unmarshal(raw, &value); err != nil || raw.Kind() == 'n' {
		f.refuse(codeWrongType, name+" is "+kind+".", name)
		return value, false
	}
	return value, true
}

// refusal is the answer when a member is at fault, those that nobody knows
// included.
func (f fields) refusal() *task.Problem {
	f.close()
	if len(*f.faults) == 0 {
		return nil
	}
	problem := task.NewProblem(http.StatusUnprocessableEntity, "The body has errors. Each entry of errors names a member and says what is wrong with it.")
	problem.Errors = *f.faults
	return &problem
}

// close refuses what nobody has read.
func (f fields) close() {
	for _, name := range slices.Sorted(maps.Keys(f.members)) {
		f.refuse(codeUnknown, "Leave this member out: there is none of this name.", name)
	}
}

func (f fields) filter(now time.Time) lead.RedriveFilter {
	members, ok := take[map[string]jsontext.Value](f, "filter", "an object")
	if !ok {
		members = nil
	}
	inner := fields{path: []string{"filter"}, members: members, faults: f.faults}
	before := len(*f.faults)
	from, to := inner.time("from"), inner.time("to")
	readable := len(*f.faults) == before
	filter := lead.RedriveFilter{Error: inner.errorName(), StatusClass: inner.statusClass()}
	filter.From, filter.To = spanOf(from, to, now)
	if readable && !filter.From.Before(filter.To) {
		if to.IsZero() {
			inner.refuse(codeRange, "from must be earlier than now.", "from")
		} else {
			inner.refuse(codeRange, "to must be later than from.", "to")
		}
	}
	inner.close()
	return filter
}

func (f fields) time(name string) time.Time {
	value, ok := take[string](f, name, "a text")
	if !ok {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, value)
	if err != nil || at.UTC().Year() < 2000 || at.UTC().Year() > 9999 {
		f.refuse(codeFormat, name+" is a time as in 2026-11-21T00:00:00Z.", name)
		return time.Time{}
	}
	return at
}

func (f fields) errorName() string {
	value, ok := take[string](f, "error", "a text")
	switch {
	case !ok:
		return ""
	case value == "":
		f.refuse(codeRequired, "error is the name of one; leave the member out for any.", "error")
	case len(value) > maxError:
		f.refuse(codeTooLong, "error has at most 256 bytes.", "error")
	case !oneLine(value):
		f.refuse(codeCharacters, "error"+saysPlain, "error")
	}
	return value
}

func (f fields) statusClass() string {
	value, ok := take[string](f, "statusClass", "a text")
	if ok && !slices.Contains([]string{"3xx", "4xx", "5xx", "none"}, value) {
		f.refuse(codeNotAllowed, "statusClass is 3xx, 4xx, 5xx or none.", "statusClass")
	}
	return value
}

func (f fields) reason(required bool) string {
	_, there := f.members["reason"]
	value, ok := take[string](f, "reason", "a text")
	value = strings.TrimSpace(value)
	switch {
	case !there && required:
		f.refuse(codeRequired, saysReason, "reason")
	case !ok:
	case value == "":
		f.refuse(codeRequired, saysReason, "reason")
	case utf8.RuneCountInString(value) > maxReason:
		f.refuse(codeTooLong, saysReason, "reason")
	case !oneLine(value):
		f.refuse(codeCharacters, "reason"+saysPlain, "reason")
	case namesSomebody(value):
		f.refuse(codeNotAllowed, saysNobody, "reason")
	}
	return value
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

// oneLine is text without what moves a cursor, hides a text or makes it read as
// another.
func oneLine(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar
	})
}

// whole is a number from 1 to most.
func (f fields) whole(name string, otherwise, most int) int {
	value, ok := take[jsontext.Value](f, name, "a number")
	if !ok {
		return otherwise
	}
	var n int
	switch {
	case value.Kind() != '0':
		f.refuse(codeWrongType, name+" is a number.", name)
	case json.Unmarshal(value, &n) != nil || n < 1 || n > most:
		f.refuse(codeRange, fmt.Sprintf("%s is a whole number from 1 to %d.", name, most), name)
	}
	return n
}

// share is a number from 0 to 1; the database keeps thousandths.
func (f fields) share(name string, otherwise float64) float64 {
	value, ok := take[float64](f, name, "a number")
	switch {
	case !ok:
		return otherwise
	case value < 0 || value > 1:
		f.refuse(codeRange, name+" is a number from 0 to 1.", name)
	}
	return value
}
