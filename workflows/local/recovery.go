package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

const (
	// recoverEvery is how often unstarted deliveries are looked for, and for how
	// long they must have been due: longer than lead_intake may take.
	recoverEvery = 30 * time.Second
	// recoverLimit is how many are started in one run.
	recoverLimit = 500
)

// recovery starts the deliveries of leads that were accepted and whose delivery
// never started: lead_intake accepts a lead all the same when Start Delivery
// fails, and a crash may come between the two. An execution is started under the
// name that lead_intake gives it, so that one which runs already stays the only
// one.
type recovery struct {
	owed  func(ctx context.Context, age time.Duration, limit int) ([]lead.Owed, error)
	start func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)
	log   *zap.Logger
}

// run recovers at once, whatever its age, since no intake is under way at a
// start; then every recoverEvery until ctx ends.
func (r recovery) run(ctx context.Context) {
	tick := time.NewTicker(recoverEvery)
	defer tick.Stop()
	r.once(ctx, 0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.once(ctx, recoverEvery)
		}
	}
}

// once starts what is owed. A failure is logged; the next run tries again.
func (r recovery) once(ctx context.Context, age time.Duration) {
	owed, err := r.owed(ctx, age, recoverLimit)
	if err != nil {
		r.report(ctx, "Recovery: unstarted deliveries not read", err)
		return
	}
	started := 0
	for _, delivery := range owed {
		if err := r.deliver(ctx, delivery); err != nil {
			r.report(ctx, "Recovery: delivery not started", err, zap.Stringer("lead_id", delivery.LeadID))
			continue
		}
		started++
	}
	if started > 0 {
		r.log.Info("Recovery: started deliveries that had not been started", zap.Int("deliveries", started))
	}
}

func (r recovery) deliver(ctx context.Context, owed lead.Owed) error {
	_, err := r.start(ctx, engine.StartInput{
		StateMachineARN: machineARN("fibonacci_delivery"),
		Name:            "lead-" + owed.LeadID.String(),
		Input:           fmt.Sprintf(`{"leadId":%q,"eventId":%q}`, owed.LeadID, owed.EventID),
	})
	var refused *engine.APIError
	if errors.As(err, &refused) && refused.Type == "ExecutionAlreadyExists" {
		return nil // it ran; its status change is on its way
	}
	return err
}

func (r recovery) report(ctx context.Context, what string, err error, fields ...zap.Field) {
	if ctx.Err() != nil {
		return // the program is stopping
	}
	r.log.Warn(what, append(fields, zap.NamedError("error_message", err))...)
}
