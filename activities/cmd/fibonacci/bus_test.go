package main

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
)

// recorder keeps the last call and answers as told.
type recorder struct {
	got    *eventbridge.PutEventsInput
	failed int32
	err    error
}

func (r *recorder) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	r.got = in
	return &eventbridge.PutEventsOutput{FailedEntryCount: r.failed}, r.err
}

func TestEventBus_PutsTheWholeEvent(t *testing.T) {
	t.Parallel()
	event := fibonacci.Event{WebhookID: "msg_1", Type: "lead.created", Timestamp: time.Unix(0, 0).UTC(), Data: json.RawMessage(`{"id":"1"}`)}
	r := &recorder{}
	if err := (eventBus{client: r, name: "bus"}).Put(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	entry := r.got.Entries[0]
	want := `{"webhookId":"msg_1","type":"lead.created","timestamp":"1970-01-01T00:00:00Z","data":{"id":"1"}}`
	if *entry.Detail != want || *entry.EventBusName != "bus" || *entry.Source != "nigredo" || *entry.DetailType != "lead.created" {
		t.Errorf("entry %+v, detail %s", entry, *entry.Detail)
	}
}

func TestEventBus_RefusalIsAnError(t *testing.T) {
	t.Parallel()
	for _, r := range []*recorder{{failed: 1}, {err: errors.New("throttled")}} {
		if err := (eventBus{client: r, name: "bus"}).Put(t.Context(), fibonacci.Event{Data: json.RawMessage("{}")}); err == nil {
			t.Errorf("%+v: no error", r)
		}
	}
}
