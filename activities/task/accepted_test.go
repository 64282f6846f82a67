package task

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestAccepted_IsTheContractOfTheAPI(t *testing.T) {
	t.Parallel()
	receipt := lead.Receipt{
		ID:        uuid.MustParse("01930000-0000-7000-8000-000000000001"),
		Reference: "NG-7K3M-9Q2X", Status: lead.StatusAccepted,
		CreatedAt: time.Date(2026, 11, 21, 9, 5, 4, 120_999_000, time.FixedZone("BRT", -3*3600)),
	}
	for name, row := range map[string]struct {
		form     bool
		locale   string
		replayed bool
		status   int
		location string
		body     string
	}{
		"json": {
			status: 201, location: "/api/leads/01930000-0000-7000-8000-000000000001",
			body: `{"id":"01930000-0000-7000-8000-000000000001","reference":"NG-7K3M-9Q2X","status":"accepted","createdAt":"2026-11-21T12:05:04.120Z"}`,
		},
		"json again": {
			replayed: true, status: 201, location: "/api/leads/01930000-0000-7000-8000-000000000001",
			body: `{"id":"01930000-0000-7000-8000-000000000001","reference":"NG-7K3M-9Q2X","status":"accepted","createdAt":"2026-11-21T12:05:04.120Z"}`,
		},
		"form":         {form: true, locale: "pt-BR", status: 303, location: "/obrigado/?ref=NG-7K3M-9Q2X"},
		"english form": {form: true, locale: "en", replayed: true, status: 303, location: "/en/thank-you/?ref=NG-7K3M-9Q2X"},
	} {
		got := Accepted(lead.Submission{Form: row.form, Locale: row.locale}, receipt, row.replayed)
		if got.StatusCode != row.status || got.Headers["Location"] != row.location || got.Body != row.body {
			t.Errorf("%s: %+v", name, got)
		}
		if got.Headers["Cache-Control"] != "no-store" {
			t.Errorf("%s: Cache-Control = %q", name, got.Headers["Cache-Control"])
		}
		if (got.Headers["Idempotent-Replayed"] == "true") != row.replayed {
			t.Errorf("%s: Idempotent-Replayed = %q", name, got.Headers["Idempotent-Replayed"])
		}
	}
}
