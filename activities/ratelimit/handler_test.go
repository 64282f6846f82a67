package ratelimit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/ratelimit"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// store answers every claim with one reservation and keeps what was asked.
type store struct {
	reservation lead.Reservation
	err         error
	owner       string
	key         string
}

func (s *store) Reserve(_ context.Context, submission lead.Submission, owner string) (lead.Reservation, error) {
	s.owner, s.key = owner, submission.Key.Hash
	return s.reservation, s.err
}

type testBundle struct {
	log   *bytes.Buffer
	store *store
}

func setup(reservation lead.Reservation, err error) (*task.Handler, *testBundle) {
	b := &testBundle{log: &bytes.Buffer{}, store: &store{reservation: reservation, err: err}}
	now := time.Date(2026, 11, 21, 12, 0, 0, 250_000_000, time.UTC)
	env := task.NewEnv(b.log, func() time.Time { return now })
	return ratelimit.New(env, b.store, lead.Quota{Slots: 10, Window: time.Hour}), b
}

func payload(t *testing.T, form bool, locale string, agreed ...string) []byte {
	t.Helper()
	in := task.Intake{
		Submission: lead.Submission{
			Name: "Marker Name", Email: "marker@example.com", Locale: locale, Form: form,
			Key: lead.Key{Hash: strings.Repeat("ab", 32), Fingerprint: strings.Repeat("cd", 32), Keep: time.Hour},
		},
		Execution: "arn:execution", StartedAt: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
	}
	for _, hash := range agreed {
		in.Submission.Consent.TextHash = hash
	}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// invoke runs the activity and gives the members of its result.
func invoke(t *testing.T, h *task.Handler, payload []byte) (outcome string, answer *task.Answer) {
	t.Helper()
	raw, err := h.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatal(err)
	}
	if _, ok := members["answer"]; !ok || len(members) != 2 {
		t.Fatalf("result %s: want outcome and answer, always both", raw)
	}
	if err := json.Unmarshal(members["outcome"], &outcome); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(members["answer"], &answer); err != nil {
		t.Fatal(err)
	}
	return outcome, answer
}

func TestRatelimit_ReservedGoesOnWithoutAnswer(t *testing.T) {
	t.Parallel()
	h, b := setup(lead.Reservation{Outcome: lead.OutcomeReserved}, nil)
	outcome, answer := invoke(t, h, payload(t, false, "en"))
	if outcome != "reserved" || answer != nil {
		t.Errorf("outcome %s, answer %+v", outcome, answer)
	}
	if b.store.owner != "arn:execution" || b.store.key != strings.Repeat("ab", 32) {
		t.Errorf("claimed %s for %s", b.store.key, b.store.owner)
	}
	if strings.Contains(b.log.String(), "ApiLatency") {
		t.Error("a post that goes on is counted as answered")
	}
}

func TestRatelimit_FullHourSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	for wait, seconds := range map[time.Duration]string{
		411*time.Second + time.Microsecond: "412",
		412 * time.Second:                  "412",
		time.Microsecond:                   "1",
		0:                                  "1",
	} {
		h, b := setup(lead.Reservation{Outcome: lead.OutcomeLimited, RetryAfter: wait}, nil)
		outcome, answer := invoke(t, h, payload(t, false, "en"))
		if outcome != "limited" || answer.StatusCode != 429 {
			t.Fatalf("outcome %s, answer %+v", outcome, answer)
		}
		for name, want := range map[string]string{
			"Retry-After":      seconds,
			"RateLimit":        `"lead-ip";r=0;t=` + seconds,
			"RateLimit-Policy": `"lead-ip";q=10;w=3600`,
			"Content-Type":     "application/problem+json",
			"Cache-Control":    "no-store",
		} {
			if answer.Headers[name] != want {
				t.Errorf("%s: %s = %q, want %q", wait, name, answer.Headers[name], want)
			}
		}
		var problem map[string]any
		if err := json.Unmarshal([]byte(answer.Body), &problem); err != nil {
			t.Fatal(err)
		}
		if problem["type"] != "https://iana.org/assignments/http-problem-types#quota-exceeded" || problem["title"] != "Too Many Requests" {
			t.Errorf("problem = %v", problem)
		}
		if policies, ok := problem["violated-policies"].([]any); !ok || len(policies) != 1 || policies[0] != "lead-ip" {
			t.Errorf("violated-policies = %v", problem["violated-policies"])
		}
		if !strings.Contains(b.log.String(), "RateLimitHits") || !strings.Contains(b.log.String(), "ApiLatency") {
			t.Errorf("metrics are missing: %s", b.log)
		}
	}
}

func TestRatelimit_FullHourIsTheFormAgainForAForm(t *testing.T) {
	t.Parallel()
	for locale, words := range map[string]string{"pt-BR": "tente de novo em 7 minutos", "en": "try again in 7 minutes"} {
		h, _ := setup(lead.Reservation{Outcome: lead.OutcomeLimited, RetryAfter: 412 * time.Second}, nil)
		_, answer := invoke(t, h, payload(t, true, locale))
		shown := regexp.MustCompile(`name="consent\.textHash" value="([0-9a-f]{64})"`).FindStringSubmatch(answer.Body)
		if shown == nil || regexp.MustCompile(`<input [^>]*name="consent\.accepted"[^>]* checked`).MatchString(answer.Body) {
			t.Fatalf("%s: a tick that was given to another sentence is kept, or there is none", locale)
		}
		_, answer = invoke(t, h, payload(t, true, locale, shown[1]))
		if answer.StatusCode != 429 || answer.Headers["Retry-After"] != "412" || answer.Headers["Content-Type"] != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %v", locale, answer.StatusCode, answer.Headers)
		}
		for _, want := range []string{regexp.QuoteMeta(words), `<input [^>]*name="name"[^>]* value="Marker Name"`, `<input [^>]*name="consent\.accepted"[^>]* checked`} {
			if !regexp.MustCompile(want).MatchString(answer.Body) {
				t.Errorf("%s: the page lacks %s", locale, want)
			}
		}
	}
}

func TestRatelimit_RepeatGetsTheFirstAnswer(t *testing.T) {
	t.Parallel()
	replay := lead.Reservation{
		Outcome: lead.OutcomeReplay, Owner: "arn:first",
		Receipt: lead.Receipt{
			ID: uuid.MustParse("01930000-0000-7000-8000-000000000001"), Reference: "NG-7K3M-9Q2X",
			Status: lead.StatusAccepted, CreatedAt: time.Date(2026, 11, 21, 11, 0, 0, 123_000_000, time.UTC),
		},
	}
	h, b := setup(replay, nil)
	outcome, answer := invoke(t, h, payload(t, false, "en"))
	if outcome != "replay" || answer.StatusCode != 201 || answer.Headers["Idempotent-Replayed"] != "true" || answer.Headers["Location"] != "/api/leads/01930000-0000-7000-8000-000000000001" {
		t.Errorf("outcome %s, answer %+v", outcome, answer)
	}
	if want := `{"id":"01930000-0000-7000-8000-000000000001","reference":"NG-7K3M-9Q2X","status":"accepted","createdAt":"2026-11-21T11:00:00.123Z"}`; answer.Body != want {
		t.Errorf("body = %s, want %s", answer.Body, want)
	}
	if strings.Contains(b.log.String(), "NigredoLeadSubmissions") || strings.Contains(b.log.String(), "Lead created") {
		t.Error("a repeat is counted as a lead")
	}

	h, _ = setup(replay, nil)
	_, answer = invoke(t, h, payload(t, true, "en"))
	if answer.StatusCode != 303 || answer.Headers["Location"] != "/en/thank-you/?ref=NG-7K3M-9Q2X" || answer.Headers["Idempotent-Replayed"] != "true" {
		t.Errorf("form: %+v", answer)
	}
}

func TestRatelimit_OtherContentUnderTheKeyIsUnprocessable(t *testing.T) {
	t.Parallel()
	h, _ := setup(lead.Reservation{Outcome: lead.OutcomeConflict}, nil)
	outcome, answer := invoke(t, h, payload(t, false, "pt-BR"))
	if outcome != "conflict" || answer.StatusCode != 422 || !strings.Contains(answer.Body, "outro conteúdo") {
		t.Errorf("outcome %s, answer %+v", outcome, answer)
	}
	h, _ = setup(lead.Reservation{Outcome: lead.OutcomeConflict}, nil)
	if _, answer := invoke(t, h, payload(t, true, "en")); answer.StatusCode != 422 || !strings.Contains(answer.Body, "already received") || !strings.Contains(answer.Body, "<form") {
		t.Errorf("form: %+v", answer)
	}
}

func TestRatelimit_ErrorsHaveTheNamesOfTheMachine(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reservation lead.Reservation
		err         error
		input       string
	}{
		"Lead.Running":         {reservation: lead.Reservation{Outcome: lead.OutcomeRunning}},
		"Database.Unavailable": {err: lead.ErrDatabaseUnavailable},
		task.Failed:            {reservation: lead.Reservation{Outcome: "surprise"}},
		"Lead.Invalid":         {input: `{"submission":{},"execution":"","startedAt":"2026-11-21T12:00:00Z"}`},
	} {
		h, b := setup(row.reservation, row.err)
		in := payload(t, false, "en")
		if row.input != "" {
			in = []byte(row.input)
		}
		_, err := h.Invoke(t.Context(), in)
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != name {
			t.Errorf("error = %v, want %s", err, name)
		}
		if strings.Contains(b.log.String(), "arker") {
			t.Errorf("%s: the log holds personal data: %s", name, b.log)
		}
	}
}
