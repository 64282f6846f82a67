package local

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// bus is the default event bus of EventBridge with the one rule of ours: every
// status change goes to Track Delivery.
type bus struct {
	functions *functions
	log       *zap.Logger
}

// Publish implements engine.Bus.
func (b bus) Publish(ctx context.Context, change engine.StatusChange) error {
	if _, err := b.functions.Call(ctx, function("Track"), change.Body); err != nil {
		return fmt.Errorf("publish status change %s: %w", change.ID, err)
	}
	return nil
}

// PutEvents implements engine.EventBus. No rule matches the events of machines: as
// in AWS they are taken, and go nowhere. The log names them; what they say may be
// somebody's.
func (b bus) PutEvents(ctx context.Context, entries []engine.EventEntry) ([]engine.EventResult, error) {
	task, _ := engine.TaskOf(ctx)
	for _, entry := range entries {
		b.log.Info("Bus: event taken", zap.String("execution_arn", task.ExecutionARN), zap.String("event_id", entry.ID),
			zap.String("event_bus", entry.Bus), zap.String("event_source", entry.Source), zap.String("detail_type", entry.DetailType))
	}
	return make([]engine.EventResult, len(entries)), nil
}

// Put implements fibonacci.Sink. The event is taken like those of machines. The
// receiver's inbox has it on record, see package inbox.
func (b bus) Put(_ context.Context, event fibonacci.Event) error {
	b.log.Info("Bus: event taken", zap.String("webhook_id", event.WebhookID),
		zap.String("event_bus", "default"), zap.String("event_source", "nigredo"), zap.String("detail_type", event.Type))
	return nil
}
