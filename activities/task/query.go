package task

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Parameters are the parameters that a call knows, each with what reads it. A
// reader says in a sentence what is wrong with a value, or nothing.
type Parameters map[string]func(value string) string

// Query reads the query string of a call. An unknown parameter, one given twice
// and a value that is none are faults: a filter that is silently ignored shows
// other things than were asked for. A parameter without a value is as good as
// none: a browser sends the empty fields of a form.
func Query(request events.APIGatewayProxyRequest, known Parameters) []FieldError {
	var faults []FieldError
	refuse := func(name, code, message string) {
		faults = append(faults, FieldError{Pointer: Pointer(name), Code: code, Message: message})
	}
	for _, name := range slices.Sorted(maps.Keys(request.QueryStringParameters)) {
		value := request.QueryStringParameters[name]
		read, ok := known[name]
		switch {
		case !ok:
			refuse(name, "unknown", "There is no such parameter. "+known.names())
		case len(request.MultiValueQueryStringParameters[name]) > 1:
			refuse(name, "repeated", "Give this parameter once.")
		case value != "":
			if message := read(value); message != "" {
				refuse(name, "value", message)
			}
		}
	}
	return faults
}

// names is a sentence.
func (p Parameters) names() string {
	names := slices.Sorted(maps.Keys(p))
	switch len(names) {
	case 0:
		return "This call takes none."
	case 1:
		return "Known is " + names[0] + "."
	}
	last := len(names) - 1
	return "Known are " + strings.Join(names[:last], ", ") + " and " + names[last] + "."
}

// NoQuery serves a call that takes no parameters: one that has any is refused
// before f runs, so that ?dryRun=true does not do what dryRun in the body prevents.
func NoQuery(f func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error)) func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error) {
	return func(ctx context.Context, caller Caller, request events.APIGatewayProxyRequest) (Answer, error) {
		if faults := Query(request, nil); len(faults) > 0 {
			return BadQuery(faults), nil
		}
		return f(ctx, caller, request)
	}
}

// BadQuery answers a call with faults in its query string.
func BadQuery(faults []FieldError) Answer {
	problem := NewProblem(http.StatusBadRequest, "The query has errors. Each entry of errors names a parameter and says what is wrong with it.")
	problem.Errors = faults
	return problem.Answer(nil)
}

// Pointer is the JSON pointer (RFC 6901) to a member. Names may be of the
// caller's choosing: each is shown up to 64 bytes.
func Pointer(names ...string) string {
	var b strings.Builder
	for _, name := range names {
		if len(name) > 64 {
			name = strings.ToValidUTF8(name[:64], "")
		}
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

// PageSize is the size of a page that asks for none, MaxPageSize the most.
const (
	PageSize    = 25
	MaxPageSize = 100
)

// Limit reads the size of a page.
func Limit(into *int) func(string) string {
	return func(value string) string {
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > MaxPageSize {
			return "limit is a whole number from 1 to 100."
		}
		*into = n
		return ""
	}
}

// Moment reads a time.
func Moment(into *time.Time, name string) func(string) string {
	return func(value string) string {
		t, err := time.Parse(time.RFC3339, value)
		if err != nil || t.Year() < 1 {
			return name + " is a time as in 2026-11-21T00:00:00Z."
		}
		*into = t
		return ""
	}
}

// Span refuses a range that ends before it begins. A zero time is no bound.
func Span(from, to time.Time) []FieldError {
	if from.IsZero() || to.IsZero() || from.Before(to) {
		return nil
	}
	return []FieldError{{Pointer: Pointer("to"), Code: "value", Message: "to must be later than from."}}
}

// cursorBytes is the time in microseconds, which is what the database keeps, and
// the id.
const cursorBytes = 8 + 16

// Cursor makes a cursor of the position of a page's last row.
func Cursor(p lead.Position) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(p.CreatedAt.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(raw, p.ID[:]...))
}

// After reads a cursor.
func After(into *lead.Position) func(string) string {
	return func(value string) string {
		const refused = "cursor is not one that this call gave."
		raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
		if err != nil || len(raw) != cursorBytes {
			return refused
		}
		at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC()
		if at.Year() < 2000 || at.Year() > 9999 {
			return refused
		}
		*into = lead.Position{CreatedAt: at, ID: lead.ID(raw[8:])}
		return ""
	}
}
