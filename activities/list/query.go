package list

import (
	"strings"
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
		"from": task.Moment(&f.From, "from"),
		"to":   task.Moment(&f.To, "to"),
	})
	return f, append(faults, task.Span(f.From, f.To)...)
}

// plain is text that a database takes.
func plain(value string) bool {
	return utf8.ValidString(value) && utf8.RuneCountInString(value) <= maxText && !strings.ContainsFunc(value, unicode.IsControl)
}
