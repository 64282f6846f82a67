package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// What webhook_logs holds of a text that others chose.
const (
	maxMessage = 1000 // characters
	maxAnswer  = 4096 // bytes
	maxName    = 256  // bytes, of an error
)

// Dispatch gives what one attempt sends, and the row of this very attempt when
// it was made before. Lead.Withheld: the lead is gone, or quarantined, or its
// delivery is not due.
func (s *Store) Dispatch(ctx context.Context, id lead.ID, event uuid.UUID, attempt lead.AttemptKey) (lead.Dispatch, error) {
	var row db.LoadDispatchRow
	var found bool
	err := s.run(ctx, "load delivery", func(q *db.Queries) error {
		var err error
		row, err = q.LoadDispatch(ctx, db.LoadDispatchParams{
			LeadID: id, EventID: event,
			ExecutionArn: attempt.Execution, RedriveCount: int32(attempt.RedriveCount), RetryCount: int32(attempt.RetryCount),
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	if err != nil {
		return lead.Dispatch{}, err
	}
	if !found {
		return lead.Dispatch{}, fmt.Errorf("load delivery of lead %s: %w", id, lead.ErrWithheld)
	}
	dispatch := lead.Dispatch{EventID: event, Lead: record(row.Lead, row.Consent)}
	if row.AttemptNumber > 0 {
		dispatch.Earlier = &lead.Attempt{
			AttemptKey: attempt, LeadID: id, EventID: event,
			Number: int(row.AttemptNumber), Success: row.Success, StatusCode: int(row.StatusCode),
			Error: row.ErrorName, Cause: lead.Cause(row.Cause), Message: row.ErrorMessage,
			Answer: row.AnswerExcerpt, Fingerprint: row.AnswerFingerprint,
			RetryAfter: row.RetryAfter, StartedAt: row.SentAt.UTC(), Duration: row.Duration,
		}
		return dispatch, nil
	}
	if dispatch.Lead.Status == lead.StatusQuarantined || dispatch.Lead.Status == lead.StatusWithheld || row.DeliveryStatus == "held" {
		return lead.Dispatch{}, fmt.Errorf("load delivery of lead %s: %w", id, lead.ErrWithheld)
	}
	return dispatch, nil
}

// RecordAttempt writes one attempt and gives its number among all attempts of its
// event. Under the same AttemptKey it writes once and gives the first number
// again. a.Number is not read. Lead.Withheld: the delivery is gone.
func (s *Store) RecordAttempt(ctx context.Context, a lead.Attempt) (int, error) {
	params := db.RecordAttemptParams{
		ID: newID(), LeadID: a.LeadID, EventID: a.EventID,
		ExecutionArn: a.Execution, RedriveCount: int32(a.RedriveCount), RetryCount: int32(a.RetryCount),
		Success: a.Success, StatusCode: int32(a.StatusCode),
		ErrorName: cutBytes(clean(a.Error), maxName), ErrorMessage: cutRunes(clean(a.Message), maxMessage),
		Cause: string(a.Cause), AnswerFingerprint: a.Fingerprint,
		AnswerExcerpt: cutBytes(clean(a.Answer), maxAnswer),
		RetryAfter:    max(a.RetryAfter, 0), SentAt: a.StartedAt, Duration: max(a.Duration, 0),
	}
	var number int32
	err := s.run(ctx, "record attempt", func(q *db.Queries) error {
		var err error
		number, err = q.RecordAttempt(ctx, params)
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		number, err = q.AttemptNumber(ctx, db.AttemptNumberParams{
			ExecutionArn: params.ExecutionArn, RedriveCount: params.RedriveCount, RetryCount: params.RetryCount,
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	if err == nil && number == 0 {
		err = fmt.Errorf("record attempt of lead %s: %w", a.LeadID, lead.ErrWithheld)
	}
	return int(number), err
}

// Track applies a status change to the delivery it belongs to, its lead and the
// ledger. A repeat, or a change that a later one overtook, changes nothing, unless
// a status claims what neither attempt nor outcome proves: then a repeat sets it
// right. A redrive that no campaign of ours made gets a ledger entry of its own.
func (s *Store) Track(ctx context.Context, c lead.StatusChange) (lead.Tracked, error) {
	var stopped *time.Time
	if !c.StoppedAt.IsZero() {
		stopped = &c.StoppedAt
	}
	var tracked lead.Tracked
	err := s.run(ctx, "track delivery", func(q *db.Queries) error {
		row, err := q.Track(ctx, db.TrackParams{
			LeadID: c.LeadID, EventID: c.EventID, Status: string(c.Status), ExecutionArn: c.Execution,
			StartedAt: c.StartedAt, StoppedAt: stopped, RedriveCount: int32(c.RedriveCount),
			Outcome: string(c.Outcome), ErrorName: cutBytes(clean(c.Error), maxName), OutsideID: newID(), EntryID: newID(),
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		tracked = lead.Tracked{
			Known: err == nil, Applied: row.Applied,
			Delivery: row.DeliveryStatus, Status: lead.Status(row.LeadStatus),
		}
		return err
	})
	return tracked, err
}

// clean makes a text that PostgreSQL takes: valid UTF-8 without NUL.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// cutBytes cuts at the last character that ends within limit bytes.
func cutBytes(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

func cutRunes(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit])
}
