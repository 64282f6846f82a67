package failures

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const (
	defaultLimit = 25
	maxLimit     = 100
	maxName      = 256 // bytes of an error's name
)

// parse reads the query string. A parameter without a value is as good as none:
// a browser sends the empty fields of a form.
func parse(request events.APIGatewayProxyRequest) (lead.FailureFilter, []task.FieldError) {
	filter := lead.FailureFilter{Limit: defaultLimit}
	var faults []task.FieldError
	refuse := func(name, code, message string) {
		faults = append(faults, task.FieldError{Pointer: "/" + pointer(name), Code: code, Message: message})
	}
	for _, name := range slices.Sorted(maps.Keys(request.QueryStringParameters)) {
		value := request.QueryStringParameters[name]
		read, known := parameters()[name]
		switch {
		case !known:
			refuse(name, "unknown", "There is no such parameter. Known are error, from, limit and to.")
		case len(request.MultiValueQueryStringParameters[name]) > 1:
			refuse(name, "repeated", "Give this parameter once.")
		case value != "":
			if message := read(&filter, value); message != "" {
				refuse(name, "value", message)
			}
		}
	}
	if !filter.From.IsZero() && !filter.To.IsZero() && !filter.From.Before(filter.To) {
		refuse("to", "value", "to must be later than from.")
	}
	return filter, faults
}

// pointer escapes a name of the caller's choosing and bounds its length.
func pointer(name string) string {
	if len(name) > 64 {
		name = strings.ToValidUTF8(name[:64], "")
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// parameters are the filters, each with what reads it; a reader says what is
// wrong with a value, or nothing.
func parameters() map[string]func(*lead.FailureFilter, string) string {
	return map[string]func(*lead.FailureFilter, string) string{
		"limit": func(f *lead.FailureFilter, value string) string {
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxLimit {
				return "limit is a whole number from 1 to 100."
			}
			f.Limit = n
			return ""
		},
		"error": func(f *lead.FailureFilter, value string) string {
			if len(value) > maxName || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
				return "error is the name of an error, as in Fibonacci.Unavailable."
			}
			f.Error = value
			return ""
		},
		"from": func(f *lead.FailureFilter, value string) string { return moment(&f.From, "from", value) },
		"to":   func(f *lead.FailureFilter, value string) string { return moment(&f.To, "to", value) },
	}
}

func moment(into *time.Time, name, value string) string {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil || t.Year() < 1 {
		return name + " is a time as in 2026-11-21T00:00:00Z."
	}
	*into = t
	return ""
}
