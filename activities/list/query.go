package list

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const maxText = 200 // characters of q and source

// parse reads the query string.
func parse(request events.APIGatewayProxyRequest) (lead.Filter, []task.FieldError) {
	f := lead.Filter{Limit: task.PageSize}
	faults := task.Query(request, task.Parameters{
		"limit":  task.Limit(&f.Limit),
		"cursor": task.After(&f.After),
		"q": func(value string) string {
			if !plain(value) {
				return "q is at most 200 characters of text."
			}
			f.Query = strings.TrimSpace(value)
			return ""
		},
		"status": func(value string) string {
			f.Status = lead.Status(value)
			switch f.Status {
			case lead.StatusAccepted, lead.StatusDelivered, lead.StatusFailed, lead.StatusWithheld, lead.StatusQuarantined:
				return ""
			}
			return "status is accepted, delivered, failed, withheld or quarantined."
		},
		"source": func(value string) string {
			if !plain(value) {
				return "source is at most 200 characters of text."
			}
			f.Source = value
			return ""
		},
		"from": func(value string) string { return moment(&f.From, "from", value) },
		"to":   func(value string) string { return moment(&f.To, "to", value) },
	})
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		faults = append(faults, task.FieldError{Pointer: task.Pointer("to"), Code: "value", Message: "to must be later than from."})
	}
	return f, faults
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
