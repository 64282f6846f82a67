package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// eventBus is an engine.EventBus that keeps what it takes.
type eventBus struct {
	mu     sync.Mutex
	taken  []engine.EventEntry
	answer func(engine.EventEntry) engine.EventResult
	err    error
	short  bool // answers one result too few
}

func (b *eventBus) PutEvents(_ context.Context, entries []engine.EventEntry) ([]engine.EventResult, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err != nil {
		return nil, b.err
	}
	b.taken = append(b.taken, entries...)
	results := make([]engine.EventResult, len(entries))
	for i, entry := range entries {
		if b.answer != nil {
			results[i] = b.answer(entry)
		}
	}
	if b.short {
		results = results[1:]
	}
	return results, nil
}

func setupEvents(t *testing.T, events *eventBus) *testBundle {
	t.Helper()
	b := setup(t, nil)
	b.kill()
	config := b.config
	config.Store, config.Events = enginetest.NewStore(), events
	e, err := engine.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	return &testBundle{Engine: e, config: config}
}

func put(t *testing.T, b *testBundle, entries string) (string, error) {
	t.Helper()
	integration, ok := b.IntegrationOf("arn:aws:states:::events:putEvents")
	if !ok {
		t.Fatal("no integration for events:putEvents")
	}
	result, err := integration.Run(t.Context(), attempt(t, 4, `{"Entries": `+entries+`}`))
	if err != nil {
		return "", err
	}
	return text(result), nil
}

// LocalStack, test_put_events_base, recorded 2023-09-12: the resources that Step
// Functions adds, Detail as object and as text, the result without metadata.
func TestPutEvents_DeliversInEventBridgesShape(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		events := &eventBus{}
		b := setupEvents(t, events)
		got, err := put(t, b, `[
			{"Detail": "{\"Message\": \"0\"}", "DetailType": "T", "Source": "some.source"},
			{"Detail": {"Message": "1"}, "DetailType": "T", "Source": "some.source", "EventBusName": "other", "Resources": ["r"], "Time": "2026-01-02T03:04:05+02:00"}]`)
		if err != nil || len(events.taken) != 2 {
			t.Fatalf("got %s, %v; taken %+v", got, err, events.taken)
		}
		first, second := events.taken[0], events.taken[1]
		if want := `{"Entries":[{"EventId":"` + first.ID + `"},{"EventId":"` + second.ID + `"}],"FailedEntryCount":0}`; got != want || first.ID == second.ID {
			t.Errorf("result:\n got %s\nwant %s", got, want)
		}
		own := `"` + arnBase + `stateMachine:parent","` + arnBase + `execution:parent:1"`
		for i, want := range []string{
			`{"version":"0","id":"` + first.ID + `","detail-type":"T","source":"some.source","account":"000000000000","time":"2000-01-01T00:00:00Z","region":"us-east-1","resources":[` + own + `],"detail":{"Message":"0"}}`,
			`{"version":"0","id":"` + second.ID + `","detail-type":"T","source":"some.source","account":"000000000000","time":"2026-01-02T01:04:05Z","region":"us-east-1","resources":["r",` + own + `],"detail":{"Message":"1"}}`,
		} {
			if body := string(events.taken[i].Body); body != want {
				t.Errorf("event %d:\n got %s\nwant %s", i, body, want)
			}
		}
		if first.Bus != "default" || second.Bus != "other" || first.Source != "some.source" || first.DetailType != "T" {
			t.Errorf("entries: got %+v", events.taken)
		}
		again, err := put(t, b, `[{"Detail": "{}", "DetailType": "T", "Source": "some.source"}]`)
		if err != nil || again != `{"Entries":[{"EventId":"`+first.ID+`"}],"FailedEntryCount":0}` {
			t.Errorf("the attempt made again: got %s, %v; want the id %s", again, err, first.ID)
		}
	})
}

// LocalStack, test_put_events_malformed_detail and test_put_events_no_source: one bad
// entry fails the task, and the good ones are delivered.
func TestPutEvents_FailedEntryFailsTheTask(t *testing.T) {
	good := `{"Detail": {}, "DetailType": "T", "Source": "s"}`
	missing := func(name string) string {
		return `{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter ` + name + ` is not valid. Reason: ` + name + ` is a required argument."}`
	}
	const malformed = `{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}`
	for name, c := range map[string]struct{ entry, want string }{
		"no source":            {`{"Detail": {}, "DetailType": "T"}`, missing("Source")},
		"null source":          {`{"Detail": {}, "DetailType": "T", "Source": null}`, missing("Source")},
		"no detail type":       {`{"Detail": {}, "Source": "s"}`, missing("DetailType")},
		"no detail":            {`{"DetailType": "T", "Source": "s"}`, missing("Detail")},
		"text of a string":     {`{"Detail": "\"jsonstring\"", "DetailType": "T", "Source": "s"}`, malformed},
		"text that is no JSON": {`{"Detail": "{", "DetailType": "T", "Source": "s"}`, malformed},
		"list":                 {`{"Detail": [], "DetailType": "T", "Source": "s"}`, malformed},
		"AWS's own source":     {`{"Detail": {}, "DetailType": "T", "Source": "aws.states"}`, `{"ErrorCode":"NotAuthorizedForSource","ErrorMessage":"Not authorized for the source."}`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				events := &eventBus{}
				b := setupEvents(t, events)
				_, err := put(t, b, `[`+good+`, `+c.entry+`]`)
				var failed *engine.TaskError
				if !errors.As(err, &failed) || failed.Name != "EventBridge.FailedEntry" || len(events.taken) != 1 {
					t.Fatalf("got %v; taken %+v", err, events.taken)
				}
				if want := `{"Entries":[{"EventId":"` + events.taken[0].ID + `"},` + c.want + `],"FailedEntryCount":1}`; failed.Cause != want {
					t.Errorf("cause:\n got %s\nwant %s", failed.Cause, want)
				}
			})
		})
	}
}

func TestPutEvents_BusThatRefuses(t *testing.T) {
	entry := `{"Detail": {}, "DetailType": "T", "Source": "s"}`
	for name, c := range map[string]struct {
		bus     *eventBus
		entries string
		name    string
		cause   string
	}{
		"an entry": {
			&eventBus{answer: func(engine.EventEntry) engine.EventResult {
				return engine.EventResult{ErrorCode: "InternalFailure", ErrorMessage: "full"}
			}},
			`[` + entry + `]`, "EventBridge.FailedEntry", `{"Entries":[{"ErrorCode":"InternalFailure","ErrorMessage":"full"}],"FailedEntryCount":1}`,
		},
		"the call":            {&eventBus{err: errors.New("down")}, `[` + entry + `]`, "EventBridge.SdkClientException", "down"},
		"an answer too short": {&eventBus{short: true}, `[` + entry + `]`, "EventBridge.SdkClientException", "the bus answered 0 results for 1 entries"},
		"nothing to put": {
			&eventBus{}, `[]`, "EventBridge.AmazonEventBridgeException",
			"1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1 (Service: AmazonEventBridge; Status Code: 400; Error Code: ValidationException; Request ID: ID; Proxy: null)",
		},
		"eleven entries": {
			&eventBus{}, `[` + strings.Repeat(entry+`,`, 10) + entry + `]`, "EventBridge.AmazonEventBridgeException",
			"1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10 (Service: AmazonEventBridge; Status Code: 400; Error Code: ValidationException; Request ID: ID; Proxy: null)",
		},
		"more than 256 KB": {
			&eventBus{}, `[{"Detail": {"x": "` + strings.Repeat("x", 256*1024) + `"}, "DetailType": "T", "Source": "s"}]`, "EventBridge.AmazonEventBridgeException",
			"Total size of the entries in the request is over the limit. (Service: AmazonEventBridge; Status Code: 400; Error Code: ValidationException; Request ID: ID; Proxy: null)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				_, err := put(t, setupEvents(t, c.bus), c.entries)
				var failed *engine.TaskError
				if !errors.As(err, &failed) || failed.Name != c.name || withoutIDs(failed.Cause) != c.cause {
					t.Errorf("got %v\nwant %s: %s", err, c.name, c.cause)
				}
			})
		})
	}
}

func TestPutEvents_History(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		events := &eventBus{}
		b := setupEvents(t, events)
		machine := b.create(t, "parent", engine.Standard, states(`
			"A": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents",
				"Arguments": {"Entries": [{"Detail": {"a": "{% 1 %}"}, "DetailType": "T", "Source": "s"}]}, "End": true}`))
		arn := b.start(t, machine, "1", "{}")
		b.settle(t, arn)
		sameHistory(t, b.history(t, arn)[2:5], `
			3 p2 TaskScheduled {"resourceType":"events","resource":"putEvents","region":"us-east-1","parameters":"{\"Entries\":[{\"Detail\":{\"a\":1},\"DetailType\":\"T\",\"Source\":\"s\"}]}"}
			4 p3 TaskStarted {"resourceType":"events","resource":"putEvents"}
			5 p4 TaskSucceeded {"resourceType":"events","resource":"putEvents","output":"{\"Entries\":[{\"EventId\":\"`+events.taken[0].ID+`\"}],\"FailedEntryCount\":0}","outputDetails":{"truncated":false}}`)
	})
}
