package task

import (
	"net/http"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Accepted is the answer to a post that became a lead, made from its receipt
// alone, so that a repeat gets what the first post got: 201 for a program, 303 to
// the receipt page for a plain form. replayed marks the repeat.
func Accepted(s lead.Submission, r lead.Receipt, replayed bool) Answer {
	extra := map[string]string{}
	if replayed {
		extra["Idempotent-Replayed"] = "true"
	}
	if s.Form {
		page := "/obrigado/"
		if s.Locale == lead.English {
			page = "/en/thank-you/"
		}
		return SeeOther(page+"?ref="+r.Reference, extra)
	}
	extra["Location"] = "/api/leads/" + r.ID.String()
	return JSON(http.StatusCreated, receipt{
		ID:        r.ID.String(),
		Reference: r.Reference,
		Status:    string(r.Status),
		CreatedAt: Time(r.CreatedAt),
	}, extra)
}

// Time writes a time as the API and the webhook do: RFC 3339 in UTC with
// milliseconds.
func Time(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

type receipt struct {
	ID        string `json:"id"`
	Reference string `json:"reference"`
	Status    string `json:"status"`
	CreatedAt string `json:"createdAt"`
}
