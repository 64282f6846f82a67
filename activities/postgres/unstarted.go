package postgres

import (
	"context"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// Unstarted gives the deliveries that have been due for age and have no
// execution, oldest first, at most limit. A crash between the commit that made
// a lead and the start of its delivery leaves one; so does a start whose status
// change has not arrived yet. Starting it under its name is right for both.
func (s *Store) Unstarted(ctx context.Context, age time.Duration, limit int) ([]lead.Owed, error) {
	var owed []lead.Owed
	err := s.run(ctx, "find unstarted deliveries", func(q *db.Queries) error {
		rows, err := q.Unstarted(ctx, db.UnstartedParams{Age: age, PageSize: int32(limit)})
		for _, row := range rows {
			owed = append(owed, lead.Owed{LeadID: row.LeadID, EventID: row.EventID})
		}
		return err
	})
	return owed, err
}
