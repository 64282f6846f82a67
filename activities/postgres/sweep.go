package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// Undelivered gives accepted leads without a delivery row, oldest first, at most
// limit.
func (s *Store) Undelivered(ctx context.Context, limit int) ([]lead.ID, error) {
	var ids []lead.ID
	err := s.run(ctx, "find lost deliveries", func(q *db.Queries) error {
		var err error
		ids, err = q.Undelivered(ctx, int32(limit))
		return err
	})
	return ids, err
}

// Restore makes the lost delivery row of a lead anew, under its own event id where
// that is known. Not restored: it is there already, or the lead is gone.
func (s *Store) Restore(ctx context.Context, id lead.ID, execution string) (restored bool, err error) {
	err = s.run(ctx, "restore delivery", func(q *db.Queries) error {
		_, err := q.RestoreDelivery(ctx, db.RestoreDeliveryParams{LeadID: id, EventID: newID(), EntryID: newID(), Actor: execution})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		restored = err == nil
		return err
	})
	return restored, err
}

// Work gives what the sweep has to do, oldest first, at most limit: deliveries that
// have been due for owed and have no execution, those whose execution said nothing
// for silent, and those whose status claims what no attempt proves. Where no status
// change told of an execution, the newest attempt may. The name to start is that of
// the first execution, lead-<id>, or of the release where that one is taken: by who
// started it while the lead was quarantined.
func (s *Store) Work(ctx context.Context, owed, silent time.Duration, limit int) ([]lead.Work, error) {
	var work []lead.Work
	err := s.run(ctx, "find deliveries to sweep", func(q *db.Queries) error {
		rows, err := q.Work(ctx, db.WorkParams{OwedFor: owed, SilentFor: silent, PageSize: int32(limit)})
		for _, row := range rows {
			piece := lead.Work{LeadID: row.LeadID, EventID: row.EventID}
			if row.ExecutionArn == "" {
				piece.Name = row.Name
			} else {
				piece.Execution, piece.StartedAt, piece.RedriveCount = row.ExecutionArn, row.ExecutionStartedAt.UTC(), int(row.RedriveCount)
			}
			work = append(work, piece)
		}
		return err
	})
	return work, err
}

// Looked notes that a look at a delivery brought no answer. It is no news of it.
func (s *Store) Looked(ctx context.Context, event uuid.UUID) error {
	return s.run(ctx, "note look without answer", func(q *db.Queries) error { return q.Looked(ctx, event) })
}

// Checked notes that the execution of a delivery was asked and had no news. It
// changes nothing when the delivery has another execution by now.
func (s *Store) Checked(ctx context.Context, event uuid.UUID, execution string) error {
	return s.run(ctx, "note look at execution", func(q *db.Queries) error {
		return q.Checked(ctx, db.CheckedParams{EventID: event, ExecutionArn: execution})
	})
}
