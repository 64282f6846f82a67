package postgres

import (
	"context"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// CountView counts one look at a page on the present day in UTC. A day has at most
// lead.MaxViewRows combinations and one for each page.
func (s *Store) CountView(ctx context.Context, v lead.PageView) error {
	return s.run(ctx, "count view", func(q *db.Queries) error {
		return q.CountView(ctx, db.CountViewParams{Page: v.Page, Source: v.Source, Variant: v.Variant, Most: lead.MaxViewRows})
	})
}

// Stats counts what came in on the days of a range, with at most limit origins. It
// reads every lead of the range.
func (s *Store) Stats(ctx context.Context, r lead.StatsRange, limit int) (lead.Stats, error) {
	var stats lead.Stats
	beyond := r.Last.AddDate(0, 0, 1)
	err := s.run(ctx, "count stats", func(q *db.Queries) error {
		days, err := q.StatsByDay(ctx, db.StatsByDayParams{First: r.First, Beyond: beyond})
		if err != nil {
			return err
		}
		for _, row := range days {
			stats.Days = append(stats.Days, lead.DayCount{Day: row.Day, Status: lead.Status(row.Status), Leads: int(row.Leads)})
		}
		origins, err := q.StatsByOrigin(ctx, db.StatsByOriginParams{
			First: r.First, Beyond: beyond, LandingPages: lead.LandingPages(), PageSize: int32(limit),
		})
		for _, row := range origins {
			stats.Total = int(row.Total)
			stats.Origins = append(stats.Origins, lead.OriginCount{
				Source: row.Source, Variant: row.Variant, Accepted: int(row.Accepted), Quarantined: int(row.Quarantined), Views: int(row.Views),
			})
		}
		return err
	})
	return stats, err
}
