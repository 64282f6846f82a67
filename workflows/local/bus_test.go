package local

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// The events of machines are taken and named in the log, without what they say.
func TestBus_TakesEventsAndLogsTheirNames(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	env := task.NewEnv(&out, time.Now)
	results, err := bus{log: env.Log}.PutEvents(t.Context(), []engine.EventEntry{{
		ID: "id-1", Bus: "default", Source: "lead", DetailType: "Lead Seen", Body: json.RawMessage(`{"detail":{"email":"ana@example.com"}}`),
	}})
	if err != nil || len(results) != 1 || results[0] != (engine.EventResult{}) {
		t.Fatalf("got %+v, %v", results, err)
	}
	for _, want := range []string{`"event_id":"id-1"`, `"event_source":"lead"`, `"detail_type":"Lead Seen"`, `"event_bus":"default"`, `"execution_arn"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("log: got %s, want %s in it", &out, want)
		}
	}
	if strings.Contains(out.String(), "ana@") {
		t.Errorf("the log says what the event says: %s", &out)
	}
}
