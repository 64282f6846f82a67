package local

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// starter starts machines for activities. The activities are made before the
// engine that calls them, so that the engine is bound later.
type starter struct {
	start atomic.Pointer[func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)]
}

func (s *starter) bind(start func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)) {
	s.start.Store(&start)
}

// StartCampaign implements redrives.Starter.
func (s *starter) StartCampaign(ctx context.Context, id lead.CampaignID, part int) error {
	return s.once(ctx, engine.StartInput{
		StateMachineARN: machineARN("redrive_campaign"),
		Name:            fmt.Sprintf("redrive-%s-%d", id, part),
		Input:           fmt.Sprintf(`{"campaignId":%q,"part":%d}`, id, part),
	})
}

// StartDelivery implements release.Starter.
func (s *starter) StartDelivery(ctx context.Context, name string, id lead.ID, event uuid.UUID) error {
	return s.once(ctx, engine.StartInput{
		StateMachineARN: machineARN("fibonacci_delivery"),
		Name:            name,
		Input:           fmt.Sprintf(`{"leadId":%q,"eventId":%q}`, id, event),
	})
}

// once starts an execution. A name that is taken is success.
func (s *starter) once(ctx context.Context, in engine.StartInput) error {
	start := s.start.Load()
	if start == nil {
		return errors.New("the engine has not started yet")
	}
	_, err := (*start)(ctx, in)
	if refusedAs(err, "ExecutionAlreadyExists") {
		return nil
	}
	return err
}
