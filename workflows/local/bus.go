package local

import (
	"context"
	"fmt"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// bus gives every status change to Track Delivery, as the EventBridge rule does
// in AWS.
type bus struct{ functions *functions }

// Publish implements engine.Bus.
func (b bus) Publish(ctx context.Context, change engine.StatusChange) error {
	if _, err := b.functions.Call(ctx, function("Track"), change.Body); err != nil {
		return fmt.Errorf("publish status change %s: %w", change.ID, err)
	}
	return nil
}
