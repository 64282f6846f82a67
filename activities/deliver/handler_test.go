package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// rows is a Store of one lead that keeps attempts as the table does.
type rows struct {
	mu       sync.Mutex
	lead     lead.Record
	event    uuid.UUID
	attempts []lead.Attempt
	loading  error
	writing  error
}

func (r *rows) Dispatch(_ context.Context, id lead.ID, event uuid.UUID, key lead.AttemptKey) (lead.Dispatch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.loading != nil {
		return lead.Dispatch{}, r.loading
	}
	if id != r.lead.ID || event != r.event {
		return lead.Dispatch{}, lead.ErrWithheld
	}
	d := lead.Dispatch{EventID: event, Lead: r.lead}
	for _, a := range r.attempts {
		if a.AttemptKey == key {
			d.Earlier = &a
		}
	}
	return d, nil
}

func (r *rows) RecordAttempt(_ context.Context, a lead.Attempt) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.writing != nil {
		return 0, r.writing
	}
	a.Number = len(r.attempts) + 1
	r.attempts = append(r.attempts, a)
	return a.Number, nil
}

type testBundle struct {
	handler *task.Handler
	rows    *rows
	out     *bytes.Buffer
	bodies  *[]string
}

// setup delivers to a receiver that answers with the given statuses in turn, the
// last one again and again.
func setup(t *testing.T, statuses ...int) testBundle {
	t.Helper()
	var mu sync.Mutex
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		bodies = append(bodies, r.Header.Get("Webhook-Id")+" "+string(body))
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(statuses[min(len(bodies), len(statuses))-1])
		_, _ = io.WriteString(w, "receiver says secret-answer")
	}))
	t.Cleanup(server.Close)
	var out bytes.Buffer
	r := &rows{
		event: uuid.MustParse("01980000-0000-7000-8000-00000000e0e0"),
		lead: lead.Record{
			ID: uuid.MustParse("01980000-0000-7000-8000-000000000001"), Reference: "NG-7K3M-9Q2X", Status: lead.StatusAccepted,
			Name: "Ana Marker", Email: "ana@marker.example", Source: "site", Locale: "pt-BR",
			Consent: lead.Consent{TextID: "reply", TextVersion: "1", TextHash: "ff"}, CreatedAt: time.Date(2026, 11, 21, 9, 0, 0, 123456789, time.FixedZone("BRT", -3*3600)),
		},
	}
	env := task.NewEnv(&out, time.Now)
	return testBundle{handler: New(env, r, toLoopback(t, server.URL, false)), rows: r, out: &out, bodies: &bodies}
}

func (b testBundle) attempt(t *testing.T, redrive, retry int) (Output, error) {
	t.Helper()
	payload := fmt.Sprintf(`{"leadId":%q,"eventId":%q,"execution":"arn:x","redriveCount":%d,"retryCount":%d}`, b.rows.lead.ID, b.rows.event, redrive, retry)
	raw, err := b.handler.Invoke(t.Context(), []byte(payload))
	var out Output
	if err == nil {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
	}
	return out, err
}

func errorName(err error) string {
	var adapted messages.InvokeResponse_Error
	errors.As(err, &adapted)
	return adapted.Type
}

func TestDeliver_SendsTheEventAndWritesItsRow(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	got, err := b.attempt(t, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := (Output{WebhookID: "msg_01980000-0000-7000-8000-00000000e0e0", Attempt: 1, StatusCode: 200}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	want := `msg_01980000-0000-7000-8000-00000000e0e0 {"type":"lead.created","timestamp":"2026-11-21T12:00:00.123Z","data":{` +
		`"id":"01980000-0000-7000-8000-000000000001","reference":"NG-7K3M-9Q2X","name":"Ana Marker","email":"ana@marker.example","source":"site",` +
		`"locale":"pt-BR","consent":{"marketing":false,"textId":"reply","textVersion":"1"},"createdAt":"2026-11-21T12:00:00.123Z"}}`
	if (*b.bodies)[0] != want {
		t.Errorf("sent %s\nwant %s", (*b.bodies)[0], want)
	}
	row := b.rows.attempts[0]
	if !row.Success || row.StatusCode != 200 || row.Error != "" || row.Answer != "receiver says secret-answer" || row.Duration <= 0 || row.StartedAt.IsZero() {
		t.Errorf("row %+v", row)
	}
	if log := b.out.String(); !strings.Contains(log, `"NigredoWebhookSuccess":1`) || strings.Contains(log, "ERROR") {
		t.Errorf("log %s", log)
	}
}

func TestDeliver_RepeatOfAnAttemptSendsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, 500, 200)
	for range 3 {
		if _, err := b.attempt(t, 0, 0); errorName(err) != "Fibonacci.Unavailable" {
			t.Errorf("error %v", err)
		}
	}
	var last Output
	for range 3 {
		got, err := b.attempt(t, 0, 1)
		if err != nil || got.Attempt != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		last = got
	}
	log := b.out.String()
	if strings.Count(log, `"NigredoWebhookRetries":0`) != 1 || strings.Count(log, `"NigredoWebhookRetries":1`) != 1 || strings.Count(log, `"NigredoWebhookDuration":`) != 2 {
		t.Errorf("one attempt and one repeat are not counted once each: %s", log)
	}
	if len(*b.bodies) != 2 || len(b.rows.attempts) != 2 || last.StatusCode != 200 {
		t.Errorf("%d sent, %d rows, %+v", len(*b.bodies), len(b.rows.attempts), last)
	}
}

func TestDeliver_EveryAttemptSendsTheSameBytesUnderTheSameID(t *testing.T) {
	t.Parallel()
	b := setup(t, 503, 429, 422, 200)
	wants := []string{"Fibonacci.Unavailable", "Fibonacci.Throttled", "Fibonacci.Rejected", ""}
	for i, want := range wants {
		got, err := b.attempt(t, i/2, i)
		if errorName(err) != want || err == nil && got.Attempt != 4 {
			t.Errorf("attempt %d: %+v, %v, want %s", i, got, err, want)
		}
		if (*b.bodies)[i] != (*b.bodies)[0] {
			t.Errorf("attempt %d sent %s", i, (*b.bodies)[i])
		}
		row := b.rows.attempts[i]
		if row.Error != want || row.RetryAfter != 7*time.Second || row.Number != i+1 {
			t.Errorf("row %+v", row)
		}
		if failed := want != ""; (row.Cause == lead.CauseHTTP) != failed || (row.Fingerprint != "") != failed || row.Fingerprint != "" && row.Fingerprint != b.rows.attempts[0].Fingerprint {
			t.Errorf("row %d has cause %q, fingerprint %q", i, row.Cause, row.Fingerprint)
		}
	}
}

func TestDeliver_LogsAFailureWithoutBodyOrPerson(t *testing.T) {
	t.Parallel()
	b := setup(t, 500)
	_, err := b.attempt(t, 0, 0)
	if err == nil || strings.Contains(err.Error(), "secret-answer") {
		t.Errorf("error %v", err)
	}
	log := b.out.String()
	for _, want := range []string{`"level":"ERROR"`, `"message":"Webhook failed"`, `"lead_id":"01980000-0000-7000-8000-000000000001"`, `"execution_arn":"arn:x"`, `"activity":"deliver"`, `"error_message":"the receiver answered HTTP 500"`, `"error":"Fibonacci.Unavailable"`, `"cause":"http"`, `"NigredoWebhookSuccess":0`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in %s", want, log)
		}
	}
	for _, private := range []string{"Marker", "marker", "secret-answer", "NG-7K3M"} {
		if strings.Contains(log, private) {
			t.Errorf("the log has %q: %s", private, log)
		}
	}
	if strings.Count(log, `"ERROR"`) != 1 {
		t.Errorf("one failure, more than one error line: %s", log)
	}
}

func TestDeliver_KeepsNothingOfThePersonThatAnAnswerQuotes(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = fmt.Fprintf(w, "<p>ANA MARKER &lt;ana&#64;marker.example&gt; was refused</p>%s", body)
	}))
	t.Cleanup(server.Close)
	b := setup(t, 200)
	b.handler = New(task.NewEnv(b.out, time.Now), b.rows, toLoopback(t, server.URL, false))
	if _, err := b.attempt(t, 0, 0); errorName(err) != "Fibonacci.Rejected" {
		t.Fatal(err)
	}
	row := b.rows.attempts[0]
	if !strings.HasPrefix(row.Answer, "<p>••• &lt;•••&gt; was refused</p>{") || row.Cause != lead.CauseHTTP || len(row.Fingerprint) != 12 {
		t.Errorf("row %+v", row)
	}
	if strings.Contains(strings.ToLower(row.Answer), "marker") || strings.Contains(row.Answer, "Ana") {
		t.Errorf("the row quotes the person: %s", row.Answer)
	}
}

func TestDeliver_SendsNothingThatIsWithheld(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	b.rows.loading = fmt.Errorf("load: %w", lead.ErrWithheld)
	if _, err := b.attempt(t, 0, 0); errorName(err) != "Lead.Withheld" {
		t.Errorf("error %v", err)
	}
	b.rows.loading = fmt.Errorf("load: %w", lead.ErrDatabaseUnavailable)
	if _, err := b.attempt(t, 0, 0); errorName(err) != "Database.Unavailable" {
		t.Errorf("error %v", err)
	}
	if len(*b.bodies) != 0 {
		t.Errorf("sent %v", *b.bodies)
	}
}

func TestDeliver_RowThatCannotBeWrittenIsTheMachinesToRetry(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	b.rows.writing = fmt.Errorf("record: %w", lead.ErrDatabaseUnavailable)
	if _, err := b.attempt(t, 0, 0); errorName(err) != "Database.Unavailable" {
		t.Errorf("error %v", err)
	}
	b.rows.writing = nil
	if got, err := b.attempt(t, 0, 1); err != nil || got.Attempt != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if (*b.bodies)[0] != (*b.bodies)[1] {
		t.Error("the second event differs: a receiver could not know it")
	}
}

func TestDeliver_WritesNoRowForAnAttemptCutOffByShutdown(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	payload := fmt.Sprintf(`{"leadId":%q,"eventId":%q,"execution":"arn:x","redriveCount":0,"retryCount":0}`, b.rows.lead.ID, b.rows.event)
	if _, err := b.handler.Invoke(ctx, []byte(payload)); errorName(err) != task.Failed {
		t.Errorf("error %v", err)
	}
	if len(b.rows.attempts) != 0 || strings.Contains(b.out.String(), "NigredoWebhookSuccess") {
		t.Errorf("rows %v, log %s", b.rows.attempts, b.out)
	}
}

func TestDeliver_RefusesInputsOfNoMachine(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	id := b.rows.lead.ID.String()
	for _, payload := range []string{
		`{}`, `{"leadId":"x"}`, `{"leadId":"` + id + `","eventId":"` + id + `","execution":"","redriveCount":0,"retryCount":0}`,
		`{"leadId":"` + id + `","eventId":"` + id + `","execution":"a","redriveCount":-1,"retryCount":0}`,
		`{"leadId":"` + id + `","eventId":"` + id + `","execution":"a","redriveCount":0,"retryCount":0,"name":"Ana"}`,
	} {
		if _, err := b.handler.Invoke(t.Context(), []byte(payload)); errorName(err) != "Lead.Invalid" {
			t.Errorf("%s: %v", payload, err)
		}
	}
}
