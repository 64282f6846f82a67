package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
)

// putter is the one call of EventBridge that is used.
type putter interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

// eventBus is the sink of the deployed receiver.
type eventBus struct {
	client putter
	name   string
}

// Put puts the event with source nigredo and its type as detail type. An entry
// that EventBridge refuses inside a successful answer is an error too.
func (b eventBus) Put(ctx context.Context, event fibonacci.Event) error {
	detail, err := json.Marshal(event)
	if err != nil {
		return err
	}
	out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: aws.String(b.name), Source: aws.String("nigredo"), DetailType: aws.String(event.Type),
		Detail: aws.String(string(detail)), Time: aws.Time(event.Timestamp),
	}}})
	if err != nil {
		return err
	}
	if out.FailedEntryCount > 0 {
		return errors.New("event bus refused the entry")
	}
	return nil
}
