package track

import (
	"context"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store keeps the books.
type Store interface {
	// Track applies a change unless it is a repeat or overtaken. Its error is
	// lead.ErrDatabaseUnavailable or a defect.
	Track(ctx context.Context, change lead.StatusChange) (lead.Tracked, error)
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("track", "")
	return task.Event(env, func(ctx context.Context, event Event) (struct{}, error) {
		log := env.Log.With(zap.String("execution_arn", event.Detail.ExecutionARN), zap.String("execution_status", event.Detail.Status))
		change, ok := event.change()
		if !ok {
			log.Warn("Track: event belongs to no delivery")
			return struct{}{}, nil
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
