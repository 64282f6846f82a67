package track

import (
	"context"
	"strings"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store keeps the books.
type Store interface {
	// Track applies a change unless it is a repeat or overtaken. Its error is
	// lead.ErrDatabaseUnavailable or a defect.
	Track(ctx context.Context, change lead.StatusChange) (lead.Tracked, error)
	// EndCampaign pauses a campaign whose part has died, unless another part goes on.
	EndCampaign(ctx context.Context, id lead.CampaignID, part int, execution string, status lead.ExecutionStatus) (bool, error)
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("track", "")
	return task.Event(env, func(ctx context.Context, event Event) (struct{}, error) {
		log := env.Log.With(zap.String("execution_arn", event.Detail.ExecutionARN), zap.String("execution_status", event.Detail.Status))
		if id, part, ok := event.campaign(); ok {
			return struct{}{}, end(ctx, log, store, event, id, part)
		}
		change, ok := event.change()
		if !ok {
			if strings.HasPrefix(event.Detail.Name, "lead-") {
				log.Warn("Track: event belongs to no delivery")
			}
			return struct{}{}, nil // of another machine
		}
		log = log.With(zap.String("lead_id", change.LeadID.String()))
		tracked, err := store.Track(ctx, change)
		switch {
		case err != nil:
			return struct{}{}, err
		case !tracked.Known:
			log.Warn("Track: execution belongs to no delivery")
		case tracked.Applied:
			log.Info("Track: delivery changed", zap.String("delivery_status", tracked.Delivery),
				zap.String("lead_status", string(tracked.Status)), zap.Int("redrive_count", change.RedriveCount))
		}
		return struct{}{}, nil
	})
}

// end pauses a campaign whose execution died: it would say that it runs for ever.
func end(ctx context.Context, log *zap.Logger, store Store, event Event, id lead.CampaignID, part int) error {
	status := lead.ExecutionStatus(event.Detail.Status)
	if !status.Closed() || status == lead.ExecutionSucceeded {
		return nil
	}
	ended, err := store.EndCampaign(ctx, id, part, event.Detail.ExecutionARN, status)
	if ended {
		log.Error("Track: campaign paused, its execution died; resume it", zap.Stringer("campaign_id", id), zap.Int("part", part))
	}
	return err
}
