package postgres

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// sampleSize is how many leads a plan shows.
const sampleSize = 10

// PlanRedrive tells what a campaign with this filter would do, as of now. It
// costs a look at every failed delivery of the filter's time.
func (s *Store) PlanRedrive(ctx context.Context, f lead.RedriveFilter) (lead.RedrivePlan, error) {
	var plan lead.RedrivePlan
	err := s.run(ctx, "plan redrive", func(q *db.Queries) error {
		counts, err := q.PlanRedrive(ctx, db.PlanRedriveParams{
			FailedFrom: f.From, FailedTo: f.To, ErrorName: f.Error, StatusClass: f.StatusClass, LeadID: f.LeadID,
		})
		if err != nil {
			return err
		}
		plan = lead.RedrivePlan{
			Total:      int(counts.Redrivable + counts.Fresh),
			Redrivable: int(counts.Redrivable), Fresh: int(counts.Fresh), WouldFailAgain: int(counts.WouldFailAgain),
			Withheld: int(counts.Withheld), Busy: int(counts.Busy),
			Oldest: moment(counts.Oldest), Newest: moment(counts.Newest), SoonestExpiry: moment(counts.SoonestExpiry),
		}
		causes, err := q.PlanCauses(ctx, db.PlanCausesParams{
			FailedFrom: f.From, FailedTo: f.To, ErrorName: f.Error, StatusClass: f.StatusClass, LeadID: f.LeadID,
		})
		if err != nil {
			return err
		}
		for _, cause := range causes {
			plan.Causes = append(plan.Causes, lead.RedriveCause{Error: cause.ErrorName, StatusCode: int(cause.StatusCode), Count: int(cause.Failures)})
		}
		sample, err := q.PlanSample(ctx, db.PlanSampleParams{
			FailedFrom: f.From, FailedTo: f.To, ErrorName: f.Error, StatusClass: f.StatusClass, LeadID: f.LeadID, PageSize: sampleSize,
		})
		for _, row := range sample {
			plan.Sample = append(plan.Sample, lead.RedriveSample{
				LeadID: row.LeadID, Execution: row.ExecutionArn, Error: row.ErrorName, StatusCode: int(row.StatusCode),
				FailedAt: row.FailedAt.UTC(), Fresh: row.Fresh,
			})
		}
		return err
	})
	return plan, err
}

// moment is zero for the epoch, which stands for NULL.
func moment(t time.Time) time.Time {
	if t.Unix() == 0 {
		return time.Time{}
	}
	return t.UTC()
}

// CreateCampaign records the decision. Its leads are listed by the first step of
// its machine.
func (s *Store) CreateCampaign(ctx context.Context, c lead.NewCampaign) (lead.Campaign, error) {
	id := newID()
	err := s.run(ctx, "create campaign", func(q *db.Queries) error {
		return q.CreateRedrive(ctx, db.CreateRedriveParams{
			ID: id, Reason: clean(c.Reason), CreatedBy: cutBytes(clean(c.Actor), maxActor),
			FailedFrom: c.Filter.From, FailedTo: c.Filter.To, ErrorName: c.Filter.Error, StatusClass: c.Filter.StatusClass, LeadID: c.Filter.LeadID,
			Canary: int32(c.Canary), RatePerMinute: int32(c.RatePerMinute), StopShare: c.StopShare, ActionID: newID(),
		})
	})
	if err != nil {
		return lead.Campaign{}, err
	}
	made, _, err := s.Campaign(ctx, id)
	return made, err
}

// maxActor is what the columns of actors hold, in bytes.
const maxActor = 400

// Campaign gives one campaign; false when there is none.
func (s *Store) Campaign(ctx context.Context, id lead.CampaignID) (lead.Campaign, bool, error) {
	var found lead.Campaign
	var ok bool
	err := s.run(ctx, "read campaign", func(q *db.Queries) error {
		row, err := q.GetRedrive(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		campaigns, err := counted(ctx, q, []db.Redrive{row.Redrive})
		if err != nil {
			return err
		}
		actions, err := q.ListRedriveActions(ctx, id)
		if err != nil {
			return err
		}
		found, ok = campaigns[0], true
		for _, a := range actions {
			found.Actions = append(found.Actions, lead.CampaignAction{At: a.At.UTC(), Actor: a.Actor, Action: a.Action})
		}
		return nil
	})
	return found, ok, err
}

// Campaigns lists campaigns, newest first, without their actions. The zero
// position is the beginning.
func (s *Store) Campaigns(ctx context.Context, after lead.Position, limit int) ([]lead.Campaign, error) {
	params := db.ListRedrivesParams{AfterCreatedAt: after.CreatedAt, AfterID: after.ID, PageSize: int32(limit)}
	if after.CreatedAt.IsZero() {
		params.AfterCreatedAt, params.AfterID = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), uuid.Max
	}
	var campaigns []lead.Campaign
	err := s.run(ctx, "list campaigns", func(q *db.Queries) error {
		rows, err := q.ListRedrives(ctx, params)
		if err != nil {
			return err
		}
		list := make([]db.Redrive, len(rows))
		for i, row := range rows {
			list[i] = row.Redrive
		}
		campaigns, err = counted(ctx, q, list)
		return err
	})
	return campaigns, err
}

// counted makes campaigns of rows, with the counts of their leads.
func counted(ctx context.Context, q *db.Queries, rows []db.Redrive) ([]lead.Campaign, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	items, err := q.CountRedriveItems(ctx, ids)
	if err != nil {
		return nil, err
	}
	counts := map[uuid.UUID]*lead.CampaignCounts{}
	for _, id := range ids {
		counts[id] = &lead.CampaignCounts{}
	}
	for _, item := range items {
		c, n := counts[item.CampaignID], int(item.Items)
		c.Total += n
		switch item.State {
		case "pending":
			c.Pending += n
		case "taken", "sent":
			c.Sent += n
		case "delivered":
			c.Delivered += n
		case "failed":
			c.Failed += n
		case "withheld":
			c.Withheld += n
		case "skipped":
			c.Skipped += n
		case "unsent":
			c.Unsent += n
		}
	}
	campaigns := make([]lead.Campaign, len(rows))
	for i, row := range rows {
		campaigns[i] = campaign(row, *counts[row.ID])
	}
	return campaigns, nil
}

func campaign(r db.Redrive, counts lead.CampaignCounts) lead.Campaign {
	c := lead.Campaign{
		NewCampaign: lead.NewCampaign{
			Filter: lead.RedriveFilter{From: r.FailedFrom.UTC(), To: r.FailedTo.UTC(), Error: text(r.ErrorName), StatusClass: text(r.StatusClass)},
			Reason: r.Reason, Actor: r.CreatedBy,
			Canary: int(r.Canary), RatePerMinute: int(r.RatePerMinute), StopShare: r.StopShare,
		},
		ID: r.ID, Status: lead.CampaignStatus(r.Status), Part: int(r.Part), Batch: int(r.Batch), StopReason: text(r.StopReason),
		Counts: counts, CreatedAt: r.CreatedAt.UTC(), PlannedAt: utc(r.PlannedAt), FinishedAt: utc(r.FinishedAt),
	}
	if r.LeadID != nil {
		c.Filter.LeadID = *r.LeadID
	}
	return c
}

// utc is the zero time for NULL.
func utc(column *time.Time) time.Time {
	if column == nil {
		return time.Time{}
	}
	return column.UTC()
}

// CampaignItems gives the report of a campaign, one row a lead, after a position.
func (s *Store) CampaignItems(ctx context.Context, id lead.CampaignID, after, limit int) ([]lead.CampaignItem, error) {
	var items []lead.CampaignItem
	err := s.run(ctx, "list campaign items", func(q *db.Queries) error {
		rows, err := q.ListRedriveItems(ctx, db.ListRedriveItemsParams{CampaignID: id, After: int32(after), PageSize: int32(limit)})
		for _, row := range rows {
			i := row.RedriveItem
			items = append(items, lead.CampaignItem{
				Position: int(i.Position), LeadID: i.LeadID, EventID: i.EventID, State: i.State, Batch: int(number(i.Batch)),
				Mode: text(i.Mode), Execution: text(i.ExecutionArn), RedriveCount: int(number(i.RedriveCount)),
				Error: text(i.ErrorName), Note: text(i.Note), SentAt: utc(i.SentAt), ClosedAt: utc(i.ClosedAt),
			})
		}
		return err
	})
	return items, err
}

// number is 0 for NULL.
func number(column *int32) int32 {
	if column == nil {
		return 0
	}
	return *column
}

// PauseCampaign stops the sending of a campaign until it is resumed. false: it
// does not stand where that is possible, and the campaign tells where it stands;
// one without an id does not exist.
func (s *Store) PauseCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return s.steer(ctx, id, actor, "paused")
}

// ResumeCampaign lets a campaign go on that was paused, that stopped by itself, or
// whose execution has died: the Part that it gives is the one to start, and any
// earlier one is superseded. After a stop, what failed again and what was not sent
// is sent, a canary first. false as for PauseCampaign.
func (s *Store) ResumeCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return s.steer(ctx, id, actor, "resumed")
}

// CancelCampaign ends a campaign for good. What was sent already gets its outcome
// from the Part that it gives, which is the one to start. false as for
// PauseCampaign; a campaign that is cancelled can be cancelled again while outcomes
// are missing.
func (s *Store) CancelCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return s.steer(ctx, id, actor, "cancelled")
}

func (s *Store) steer(ctx context.Context, id lead.CampaignID, actor, action string) (lead.Campaign, bool, error) {
	changed := false
	err := s.begin(ctx, "steer campaign", func(q *db.Queries) error {
		// The statement must see what the step wrote that it would otherwise wait for.
		if _, err := q.LockRedrive(ctx, id); err != nil {
			return ignoreNoRows(err)
		}
		_, err := q.SteerRedrive(ctx, db.SteerRedriveParams{
			ID: id, Action: action, Actor: cutBytes(clean(cmp.Or(actor, "unknown")), maxActor), ActionID: newID(),
		})
		changed = err == nil
		return ignoreNoRows(err)
	})
	if err != nil {
		return lead.Campaign{}, false, err
	}
	c, _, err := s.Campaign(ctx, id)
	return c, changed, err
}

func ignoreNoRows(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}
