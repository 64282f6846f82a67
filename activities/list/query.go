package list

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
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
	maxText      = 200 // characters of q and source
)

// parse reads the query string. A parameter without a value is as good as none:
// a browser sends the empty fields of a form.
func parse(request events.APIGatewayProxyRequest) (lead.Filter, []task.FieldError) {
	filter := lead.Filter{Limit: defaultLimit}
	var faults []task.FieldError
	refuse := func(name, code, message string) {
		faults = append(faults, task.FieldError{Pointer: "/" + pointer(name), Code: code, Message: message})
	}
	for _, name := range slices.Sorted(maps.Keys(request.QueryStringParameters)) {
		value := request.QueryStringParameters[name]
		read, known := parameters()[name]
		switch {
		case !known:
			refuse(name, "unknown", "There is no such parameter. Known are cursor, from, limit, q, source, status and to.")
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
func parameters() map[string]func(*lead.Filter, string) string {
	return map[string]func(*lead.Filter, string) string{
		"limit": func(f *lead.Filter, value string) string {
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 || n > maxLimit {
				return "limit is a whole number from 1 to 100."
			}
			f.Limit = n
			return ""
		},
		"cursor": func(f *lead.Filter, value string) string {
			position, err := decode(value)
			if err != nil {
				return "cursor is not one that this call gave."
			}
			f.After = position
			return ""
		},
		"q": func(f *lead.Filter, value string) string {
			if !plain(value) {
				return "q is at most 200 characters of text."
			}
			f.Query = strings.TrimSpace(value)
			return ""
		},
		"status": func(f *lead.Filter, value string) string {
			f.Status = lead.Status(value)
			switch f.Status {
			case lead.StatusAccepted, lead.StatusDelivered, lead.StatusFailed, lead.StatusWithheld, lead.StatusQuarantined:
				return ""
			}
			return "status is accepted, delivered, failed, withheld or quarantined."
		},
		"source": func(f *lead.Filter, value string) string {
			if !plain(value) {
				return "source is at most 200 characters of text."
			}
			f.Source = value
			return ""
		},
		"from": func(f *lead.Filter, value string) string { return moment(&f.From, "from", value) },
		"to":   func(f *lead.Filter, value string) string { return moment(&f.To, "to", value) },
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

// plain is text that a database takes.
func plain(value string) bool {
	return utf8.ValidString(value) && utf8.RuneCountInString(value) <= maxText && !strings.ContainsFunc(value, unicode.IsControl)
}

var errCursor = errors.New("cursor: not one of ours")

// encode makes a cursor of a position: microseconds, which is what the database
// keeps, and the id.
func encode(p lead.Position) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(p.CreatedAt.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(raw, p.ID[:]...))
}

func decode(cursor string) (lead.Position, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) != 24 {
		return lead.Position{}, errCursor
	}
	at := time.UnixMicro(int64(binary.BigEndian.Uint64(raw))).UTC()
	if at.Year() < 2000 || at.Year() > 9999 {
		return lead.Position{}, errCursor
	}
	return lead.Position{CreatedAt: at, ID: lead.ID(raw[8:])}, nil
}
