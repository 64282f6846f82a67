package lambda

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// A refused post is an answer, input of another shape an error, and neither changes what
// the next one is answered.
func TestValidate_AnswersTheSameAfterAnError(t *testing.T) {
	t.Parallel()
	s := setup(t)
	ana := post(person("ana"), "203.0.113.1")
	before := s.call(t, "validate", ana)
	read[map[string]any](t, before)
	refused := read[struct {
		Outcome string `json:"outcome"`
		Answer  struct {
			StatusCode int `json:"statusCode"`
		} `json:"answer"`
	}](t, s.call(t, "validate", post(`{"name":"Ana Marker"}`, "203.0.113.1")))
	if refused.Outcome != "refused" || refused.Answer.StatusCode != 422 {
		t.Errorf("without an address: %+v", refused)
	}
	s.call(t, "validate", `{"request":{"body":"Ana Marker"}}`).wantError(t, "Lead.Invalid")
	if after := s.call(t, "validate", ana); string(after.Payload) != string(before.Payload) {
		t.Errorf("after an error the same post gives %s, before %s", after.Payload, before.Payload)
	}
}

// What a function says of a database that is away, to whoever reads its log and to a probe.
func TestDatabaseAway_IsNamed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	submission := s.submission(t, "ana", "203.0.113.1")
	s.settings.Database = "postgres://nobody@127.0.0.1:1/nigredo?sslmode=disable"
	s.Env = s.settings.Env
	s.call(t, "persist", map[string]any{"submission": submission, "startedAt": startedAt, "execution": execution("a")}).wantError(t, "Database.Unavailable")
	// A line may come later than the answer.
	for end := time.Now().Add(patience); !strings.Contains(s.log.String(), `"ApiErrors":1`) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	for _, want := range []string{`"level":"ERROR"`, `"activity":"persist"`, `"error":"Database.Unavailable"`, `"execution_arn":"arn:aws:states:`, `"ApiErrors":1`} {
		if said := s.log.String(); !strings.Contains(said, want) {
			t.Errorf("no %s in\n%s", want, said)
		}
	}
	for path, want := range map[string]string{
		"/health":       `{"status":"ok"}`,
		"/health/ready": `{"status":"unavailable","checks":{"database":"failed"}}`,
	} {
		if answer := read[struct {
			Body string `json:"body"`
		}](t, s.call(t, "health", proxied("GET", path, path, ""))); answer.Body != want {
			t.Errorf("%s: %s, want %s", path, answer.Body, want)
		}
	}
}

// A secret that cannot be one ends the process, which does not quote it.
func TestDeliver_QuotesNoSecret(t *testing.T) {
	t.Parallel()
	f, _ := config.FunctionOf("deliver")
	env, err := Settings{Database: "postgres://127.0.0.1:1/nigredo?sslmode=disable", WebhookURL: "https://example.com/", WebhookSecret: "s3cret"}.Env(f)
	if err != nil {
		t.Fatal(err)
	}
	log := &journal{}
	i, err := launch(filepath.Join(binaries, "deliver"), env, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.kill)
	select {
	case <-i.exited:
	case <-i.ready:
		t.Error("it started")
	case <-time.After(patience):
		t.Fatal("it neither starts nor ends")
	}
	if said := log.String(); !strings.Contains(said, `"error_message":"webhook secret 1: want`) || strings.Contains(said, "s3cret") {
		t.Error(said)
	}
}
