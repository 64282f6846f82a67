package lambda

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// binaries holds every function, and faulty.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "nigredo-lambda-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	binaries = dir
	if err := Build(context.Background(), filepath.Join("..", ".."), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	faulty := exec.Command("go", "build", "-tags", "lambda.norpc,grpcnotrace", "-trimpath", "-o", filepath.Join(dir, "faulty"), "./faulty")
	faulty.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := faulty.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// journal is what processes write.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// stage is all functions on a database of their own, with a receiver.
type stage struct {
	*Host
	settings Settings
	log      *journal
	mu       sync.Mutex
	status   int // what the receiver answers; 0: nothing, the connection is cut
}

var webhookSecret = "whsec_" + base64.StdEncoding.EncodeToString([]byte(rand.Text()))

func setup(t *testing.T) *stage {
	t.Helper()
	s := &stage{log: &journal{}, status: http.StatusOK}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.status == 0 {
			panic(http.ErrAbortHandler)
		}
		if s.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "3")
		}
		w.WriteHeader(s.status)
	}))
	t.Cleanup(receiver.Close)
	s.settings = Settings{
		Database: testdb.URL(t), WebhookURL: receiver.URL, WebhookSecret: webhookSecret, StampKey: lead.NewStampKey(),
		StepFunctions: "http://127.0.0.1:1", // nobody: a start that fails is the sweep's
	}
	if err := Users(t.Context(), s.settings.Database); err != nil {
		t.Fatal(err)
	}
	s.Host = &Host{Binaries: binaries, Output: s.log, Env: s.settings.Env}
	t.Cleanup(func() {
		s.Close()
		if said := s.log.String(); strings.Contains(strings.ToLower(said), "marker") || strings.Contains(said, password) || strings.Contains(said, "whsec_") {
			t.Errorf("a log names a person or a secret:\n%s", said)
		}
	})
	return s
}

func (s *stage) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// call invokes an activity; payload is JSON or a value that becomes it.
func (s *stage) call(t *testing.T, activity string, payload any) Result {
	t.Helper()
	f, ok := config.FunctionOf(activity)
	if !ok {
		t.Fatalf("no activity %s", activity)
	}
	body, isText := payload.(string)
	if !isText {
		b, err := json.Marshal(payload)
		if err != nil {
			t.Fatal(err)
		}
		body = string(b)
	}
	result, err := s.Invoke(t.Context(), "NigredoStack-test-"+f.Name, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// read requires success and gives the answer.
func read[T any](t *testing.T, r Result) (answer T) {
	t.Helper()
	if r.FunctionError != "" {
		t.Fatalf("failed: %s", r.Payload)
	}
	if err := json.Unmarshal(r.Payload, &answer); err != nil {
		t.Fatalf("%s: %v", r.Payload, err)
	}
	return answer
}

// wantError requires the very document that Step Functions matches by its errorType.
func (r Result) wantError(t *testing.T, name string) {
	t.Helper()
	var document struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal(r.Payload, &document); err != nil || r.FunctionError != "Unhandled" || document.Type != name || document.Message == "" {
		t.Errorf("%q %s, want error %s", r.FunctionError, r.Payload, name)
	}
}

const startedAt = "2026-11-28T12:00:00.123Z"

func execution(name string) string {
	return "arn:aws:states:us-east-1:000000000000:express:lead_intake:" + name + ":1"
}

// post is what lead_intake gives to validate.
func post(body, address string) map[string]any {
	return map[string]any{
		"request": map[string]string{
			"body": body, "contentType": "application/json", "sourceIp": address, "userAgent": "test/1",
			"requestId": "r-1", "idempotencyKey": "", "origin": "",
		},
		"startedAt": startedAt,
	}
}

func person(name string) string {
	return `{"name":"Ana Marker","email":"` + name + `@marker.example","consent":{"accepted":true}}`
}

// accepted takes a lead in through three functions and gives its ids.
func (s *stage) accepted(t *testing.T, name, address string) (leadID, eventID string) {
	t.Helper()
	taken := map[string]any{"submission": s.submission(t, name, address), "startedAt": startedAt, "execution": execution(name)}
	if r := read[struct {
		Outcome string `json:"outcome"`
	}](t, s.call(t, "ratelimit", taken)); r.Outcome != "reserved" {
		t.Fatalf("ratelimit: %+v", r)
	}
	out := read[struct {
		Outcome string `json:"outcome"`
		LeadID  string `json:"leadId"`
		EventID string `json:"eventId"`
	}](t, s.call(t, "persist", taken))
	if out.Outcome != "accepted" {
		t.Fatalf("persist: %+v", out)
	}
	return out.LeadID, out.EventID
}

func (s *stage) submission(t *testing.T, name, address string) any {
	t.Helper()
	out := read[struct {
		Outcome    string `json:"outcome"`
		Submission any    `json:"submission"`
	}](t, s.call(t, "validate", post(person(name), address)))
	if out.Outcome != "valid" {
		t.Fatalf("validate: %+v", out)
	}
	return out.Submission
}

// patience is for what a process does on its own time.
const patience = 10 * time.Second
