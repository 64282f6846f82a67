package local

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func TestExpressLog_WritesRecordsOfAWS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := newExpressLog(dir, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	machine := &engine.StateMachine{Name: "lead_intake"}
	at := time.UnixMilli(1700000000123)
	l.Record(machine, "arn:x", engine.Event{ID: 3, PreviousID: 2, Timestamp: at, Type: "TaskStateEntered", Details: json.RawMessage(`{"name":"Validate Lead"}`)})
	l.Record(machine, "arn:x", engine.Event{ID: 4, PreviousID: 3, Timestamp: at, Type: "ExecutionSucceeded"})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "lead_intake.log"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"3","type":"TaskStateEntered","details":{"name":"Validate Lead"},"previous_event_id":"2","event_timestamp":"1700000000123","execution_arn":"arn:x","redrive_count":"0"}
{"id":"4","type":"ExecutionSucceeded","previous_event_id":"3","event_timestamp":"1700000000123","execution_arn":"arn:x","redrive_count":"0"}
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExpressLog_PutsAFullFileAside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "m.log")
	if err := os.WriteFile(path, []byte("old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, expressLogLimit); err != nil { // sparse
		t.Fatal(err)
	}
	l, err := newExpressLog(dir, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l.Record(&engine.StateMachine{Name: "m"}, "arn:x", engine.Event{ID: 1, Type: "ExecutionStarted"})
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	aside, err := os.Stat(path + ".1")
	if err != nil || aside.Size() < expressLogLimit {
		t.Errorf("the full file was not put aside: %v", err)
	}
	fresh, err := os.ReadFile(path)
	if err != nil || strings.Count(string(fresh), "\n") != 1 {
		t.Errorf("fresh file holds %q, %v; want the second record", fresh, err)
	}
}
