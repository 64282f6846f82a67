package local

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// campaigns starts the machine of redrive campaigns. The activities are made
// before the engine that calls them, so that the engine is bound later.
type campaigns struct {
	start atomic.Pointer[func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)]
}

func (c *campaigns) bind(start func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)) {
	c.start.Store(&start)
}

// StartCampaign implements redrives.Starter.
func (c *campaigns) StartCampaign(ctx context.Context, id lead.CampaignID, part int) error {
	start := c.start.Load()
	if start == nil {
		return errors.New("the engine has not started yet")
	}
	_, err := (*start)(ctx, engine.StartInput{
		StateMachineARN: machineARN("redrive_campaign"),
		Name:            fmt.Sprintf("redrive-%s-%d", id, part),
		Input:           fmt.Sprintf(`{"campaignId":%q,"part":%d}`, id, part),
	})
	if refusedAs(err, "ExecutionAlreadyExists") {
		return nil
	}
	return err
}
