package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// ReleaseLead makes a quarantined lead accepted and its delivery due. Of two calls
// at the same time one is done. A lead that is not quarantined stays as it is.
func (s *Store) ReleaseLead(ctx context.Context, r lead.Release) (lead.Released, error) {
	var row db.ReleaseLeadRow
	var found bool
	err := s.begin(ctx, "release lead", func(q *db.Queries) error {
		if err := q.LockDelivery(ctx, r.LeadID); err != nil {
			return err
		}
		if err := q.LockLead(ctx, r.LeadID); err != nil {
			return err
		}
		var err error
		row, err = q.ReleaseLead(ctx, db.ReleaseLeadParams{LeadID: r.LeadID, EntryID: r.ID, Actor: r.Subject, Reason: r.Reason})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	if err != nil || !found {
		return lead.Released{}, err
	}
	released := lead.Released{Found: true, Done: row.Done, Earlier: row.Earlier, Status: lead.Status(row.Status), Reference: row.Reference}
	if row.Done {
		released.Earlier = false
		released.At = row.ReleasedAt.UTC()
		released.EventID, released.Taken = row.EventID, row.Taken
	}
	return released, nil
}
