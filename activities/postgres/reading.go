package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// List gives the leads that a filter chooses, newest first, e-mails masked, at
// most filter.Limit. A page costs what it shows, as long as the filters choose
// many; a query that finds little reads the index to its end.
func (s *Store) List(ctx context.Context, filter lead.Filter) ([]lead.Summary, error) {
	end := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	params := db.ListLeadsParams{
		AfterCreatedAt: filter.After.CreatedAt, AfterID: filter.After.ID,
		CreatedFrom: filter.From, CreatedTo: filter.To,
		Status: string(filter.Status), Source: filter.Source, PageSize: int32(filter.Limit),
	}
	if params.AfterCreatedAt.IsZero() {
		params.AfterCreatedAt, params.AfterID = end, uuid.Max
	}
	if params.CreatedTo.IsZero() {
		params.CreatedTo = end
	}
	if filter.Query != "" {
		params.Pattern = "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(filter.Query) + "%"
		if reference, err := lead.ParseReference(filter.Query); err == nil {
			params.Reference = reference
		}
	}
	var rows []db.ListLeadsRow
	err := s.run(ctx, "list leads", func(q *db.Queries) (err error) {
		rows, err = q.ListLeads(ctx, params)
		return err
	})
	if err != nil {
		return nil, err
	}
	leads := make([]lead.Summary, len(rows))
	for i, row := range rows {
		leads[i] = lead.Summary{
			ID: row.ID, Reference: row.Reference, Status: lead.Status(row.Status), Name: row.Name,
			Email: lead.MaskEmail(row.Email), Company: row.Company, Source: row.Source, CreatedAt: row.CreatedAt.UTC(),
		}
	}
	return leads, nil
}

// View gives one lead whole, and writes the view to the ledger in the same
// statement. Not found: there is none, and nothing was written.
func (s *Store) View(ctx context.Context, view lead.View) (found lead.Record, ok bool, err error) {
	var row db.ViewLeadRow
	err = s.run(ctx, "view lead", func(q *db.Queries) error {
		var err error
		row, err = q.ViewLead(ctx, db.ViewLeadParams{LeadID: view.LeadID, EntryID: view.ID, Actor: view.Subject})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return err
	})
	if err != nil || !ok {
		return lead.Record{}, false, err
	}
	found = record(row.Lead, row.Consent)
	found.Consent.MarketingTextHash, found.Consent.MarketingRecognised = row.MarketingTextHash, row.MarketingRecognised
	if err := json.Unmarshal(row.Signals, &found.Signals); err != nil {
		return lead.Record{}, false, fmt.Errorf("view lead %s: read signals: %w", view.LeadID, err)
	}
	return found, true, nil
}

// record puts a lead together from its row and its newest consent to an answer.
func record(l db.Lead, c db.Consent) lead.Record {
	utm := map[string]string{}
	for name, value := range map[string]*string{
		"source": l.UtmSource, "medium": l.UtmMedium, "campaign": l.UtmCampaign, "term": l.UtmTerm, "content": l.UtmContent,
	} {
		if value != nil {
			utm[name] = *value
		}
	}
	return lead.Record{
		ID: l.ID, Reference: l.Reference, Status: lead.Status(l.Status),
		Name: l.Name, Email: l.Email, Company: text(l.Company), Phone: text(l.Phone), Message: text(l.Message),
		Source: l.Source, UTM: utm, Variant: text(l.Variant), Locale: l.Locale, Verdict: lead.Verdict(l.Verdict), CreatedAt: l.CreatedAt.UTC(),
		Consent: lead.Consent{
			Marketing: c.Marketing, TextID: text(c.TextID), TextVersion: text(c.TextVersion), TextHash: text(c.TextHash), Recognised: c.Recognised,
		},
	}
}

// text is "" for NULL: a Record has no third state.
func text(column *string) string {
	if column == nil {
		return ""
	}
	return *column
}

// Failures gives failed deliveries in groups that failed alike, the most frequent
// first, at most filter.Limit, and the number of deliveries in all groups. It
// reads what has failed and the newest attempt of each.
func (s *Store) Failures(ctx context.Context, filter lead.FailureFilter) (groups []lead.FailureGroup, total int, err error) {
	params := db.ListFailuresParams{
		FailedFrom: filter.From, FailedTo: filter.To, ErrorName: filter.Error, PageSize: int32(filter.Limit),
	}
	if params.FailedTo.IsZero() {
		params.FailedTo = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	var rows []db.ListFailuresRow
	err = s.run(ctx, "list failures", func(q *db.Queries) (err error) {
		rows, err = q.ListFailures(ctx, params)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	groups = make([]lead.FailureGroup, len(rows))
	for i, row := range rows {
		total = int(row.Total)
		groups[i] = lead.FailureGroup{
			Error: row.ErrorName, StatusCode: int(row.StatusCode), Cause: lead.Cause(row.Cause), Fingerprint: row.AnswerFingerprint,
			Count: int(row.Deliveries), FirstSeen: row.FirstSeen.UTC(), LastSeen: row.LastSeen.UTC(),
			Sample: row.SampleLeadID, Answer: row.AnswerExcerpt, RetryAfter: row.RetryAfter,
		}
	}
	return groups, total, nil
}
