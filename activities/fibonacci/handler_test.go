package fibonacci

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

const body = `{"type":"lead.created","timestamp":"2026-11-21T12:00:00.000Z","data":{"id":"1","name":"Ana Marker"}}`

func secret(fill byte) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, 32))
}

// fixed are secrets that stay.
func fixed(secrets ...string) func() ([]string, error) {
	return func() ([]string, error) { return secrets, nil }
}

// sink keeps events; the first failures of them fail.
type sink struct {
	mu       sync.Mutex
	events   []Event
	failures int
}

func (s *sink) Put(_ context.Context, e Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures > 0 {
		s.failures--
		return errors.New("secret-detail")
	}
	s.events = append(s.events, e)
	return nil
}

type testBundle struct {
	handler *task.Handler
	sink    *sink
	out     *bytes.Buffer
}

func setup(t *testing.T, secrets ...string) testBundle {
	t.Helper()
	b := testBundle{sink: &sink{}, out: &bytes.Buffer{}}
	h, err := New(task.NewEnv(b.out, time.Now), fixed(secrets...), NewMemory(100), b.sink)
	if err != nil {
		t.Fatal(err)
	}
	b.handler = h
	return b
}

// signed is a request with the headers of a webhook.
func signed(t *testing.T, secret, id, text string, at time.Time) events.APIGatewayProxyRequest {
	t.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := signer.Sign(id, at, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return events.APIGatewayProxyRequest{HTTPMethod: "POST", Body: text, Headers: map[string]string{
		"Webhook-Id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "WEBHOOK-SIGNATURE": signature,
	}}
}

func (b testBundle) post(t *testing.T, request events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	t.Helper()
	return tasktest.Call(t, b.handler, request)
}

func TestReceiver_TakesAnEventOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, secret('a'))
	for range 3 {
		if got := b.post(t, signed(t, secret('a'), "msg_1", body, time.Now())); got.StatusCode != 200 {
			t.Fatalf("%+v", got)
		}
	}
	if got := b.post(t, signed(t, secret('a'), "msg_2", body, time.Now())); got.StatusCode != 200 {
		t.Fatalf("%+v", got)
	}
	if len(b.sink.events) != 2 {
		t.Fatalf("%d events, want 2", len(b.sink.events))
	}
	e := b.sink.events[0]
	if e.WebhookID != "msg_1" || e.Type != "lead.created" || string(e.Data) != `{"id":"1","name":"Ana Marker"}` || e.Timestamp.IsZero() {
		t.Errorf("event %+v", e)
	}
	if strings.Contains(b.out.String(), "Marker") {
		t.Errorf("the log names a person: %s", b.out)
	}
}

func TestReceiver_ReadsBodiesInBase64(t *testing.T) {
	t.Parallel()
	b := setup(t, secret('a'))
	request := signed(t, secret('a'), "msg_1", body, time.Now())
	request.Body, request.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(body)), true
	request.MultiValueHeaders = map[string][]string{"Webhook-Id": {"msg_1"}}
	if got := b.post(t, request); got.StatusCode != 200 || len(b.sink.events) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestReceiver_Refuses(t *testing.T) {
	t.Parallel()
	now := time.Now()
	change := func(f func(*events.APIGatewayProxyRequest)) events.APIGatewayProxyRequest {
		request := signed(t, secret('a'), "msg_1", body, now)
		f(&request)
		return request
	}
	tests := []struct {
		name    string
		request events.APIGatewayProxyRequest
		want    int
	}{
		{"a stranger's secret", signed(t, secret('z'), "msg_1", body, now), 401},
		{"six minutes old", signed(t, secret('a'), "msg_1", body, now.Add(-6*time.Minute)), 401},
		{"six minutes ahead", signed(t, secret('a'), "msg_1", body, now.Add(6*time.Minute)), 401},
		{"another body", change(func(r *events.APIGatewayProxyRequest) { r.Body = strings.Replace(body, "1", "2", 1) }), 401},
		{"another id", change(func(r *events.APIGatewayProxyRequest) { r.Headers["Webhook-Id"] = "msg_2" }), 401},
		{"another time", change(func(r *events.APIGatewayProxyRequest) {
			r.Headers["webhook-timestamp"] = strconv.FormatInt(now.Unix()+1, 10)
		}), 401},
		{"no headers", change(func(r *events.APIGatewayProxyRequest) { r.Headers = nil }), 401},
		{"no signature", change(func(r *events.APIGatewayProxyRequest) { delete(r.Headers, "WEBHOOK-SIGNATURE") }), 401},
		{"a signature of another version", change(func(r *events.APIGatewayProxyRequest) {
			r.Headers["WEBHOOK-SIGNATURE"] = "v2," + strings.TrimPrefix(r.Headers["WEBHOOK-SIGNATURE"], "v1,")
		}), 401},
		{"an empty body", signed(t, secret('a'), "msg_1", "", now), 400},
		{"no JSON", signed(t, secret('a'), "msg_1", "x", now), 400},
		{"no type", signed(t, secret('a'), "msg_1", `{"timestamp":"2026-11-21T12:00:00Z","data":{}}`, now), 400},
		{"a type that is no name", signed(t, secret('a'), "msg_1", `{"type":"Ana <x>\u0000","timestamp":"2026-11-21T12:00:00Z","data":{}}`, now), 400},
		{"a type too long to keep", signed(t, secret('a'), "msg_1", `{"type":"`+strings.Repeat("x", maxType+1)+`","timestamp":"2026-11-21T12:00:00Z","data":{}}`, now), 400},
		{"an id too long to keep", signed(t, secret('a'), strings.Repeat("x", maxID+1), body, now), 400},
		{"no time", signed(t, secret('a'), "msg_1", `{"type":"x","data":{}}`, now), 400},
		{"no data", signed(t, secret('a'), "msg_1", `{"type":"x","timestamp":"2026-11-21T12:00:00Z"}`, now), 400},
		{"an id of its own in the body", signed(t, secret('a'), "msg_1", `{"webhookId":"msg_2","type":"x","timestamp":"2026-11-21T12:00:00Z","data":{}}`, now), 400},
		{"bad base64", change(func(r *events.APIGatewayProxyRequest) { r.IsBase64Encoded = true }), 400},
		{"too large", signed(t, secret('a'), "msg_1", strings.Repeat(" ", maxBody)+body, now), 413},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, secret('a'))
			if got := b.post(t, tt.request); got.StatusCode != tt.want || len(b.sink.events) != 0 {
				t.Errorf("status %d, %d events, want %d", got.StatusCode, len(b.sink.events), tt.want)
			}
		})
	}
}

func TestReceiver_TakesBothSecretsWhileTheyRotate(t *testing.T) {
	t.Parallel()
	b := setup(t, secret('a'), secret('b'))
	for i, s := range []string{secret('a'), secret('b')} {
		if got := b.post(t, signed(t, s, fmt.Sprintf("msg_%d", i), body, time.Now())); got.StatusCode != 200 {
			t.Errorf("%+v", got)
		}
	}
}

// The receiver asks for the secrets with every event: a program that runs uses
// what is in force, without a restart.
func TestReceiver_VerifiesWithTheSecretsInForceNow(t *testing.T) {
	t.Parallel()
	inForce := fixed(secret('a'))
	s := &sink{}
	h, err := New(task.NewEnv(io.Discard, time.Now), func() ([]string, error) { return inForce() }, NewMemory(100), s)
	if err != nil {
		t.Fatal(err)
	}
	b := testBundle{handler: h, sink: s}
	unreadable := func() ([]string, error) { return nil, errors.New("secret-detail") }
	for i, step := range []struct {
		inForce  func() ([]string, error)
		old, new int
	}{
		{fixed(secret('a')), 200, 401},
		{fixed(secret('b'), secret('a')), 200, 200},
		{fixed(secret('b')), 401, 200},
		{unreadable, 500, 500},
		{fixed(), 500, 500},
		{fixed(secret('b')), 401, 200},
	} {
		inForce = step.inForce
		for fill, want := range map[byte]int{'a': step.old, 'b': step.new} {
			got := b.post(t, signed(t, secret(fill), fmt.Sprintf("msg_%d%c", i, fill), body, time.Now()))
			if got.StatusCode != want || strings.Contains(got.Body, "secret-detail") {
				t.Errorf("step %d, secret %c: %d %s, want %d", i, fill, got.StatusCode, got.Body, want)
			}
		}
	}
}

func TestEvent_NamesItsLead(t *testing.T) {
	t.Parallel()
	const id = "0198c1a2-0000-7000-8000-000000000001"
	for data, want := range map[string]string{
		`{"id":"` + id + `","name":"Ana"}`: id, `{}`: "", `[]`: "", `{"id":7}`: "", `{"id":"x"}`: "",
	} {
		if got := (Event{Data: json.RawMessage(data)}).LeadID(); got != uuid.Nil && got.String() != want || got == uuid.Nil && want != "" {
			t.Errorf("%s: %s", data, got)
		}
	}
}

func TestReceiver_EventThatCouldNotBePutIsTakenAtTheNextTry(t *testing.T) {
	t.Parallel()
	b := setup(t, secret('a'))
	b.sink.failures = 1
	got := b.post(t, signed(t, secret('a'), "msg_1", body, time.Now()))
	if got.StatusCode != 500 || strings.Contains(got.Body+b.out.String(), "secret-detail") {
		t.Errorf("%+v %s", got, b.out)
	}
	if got := b.post(t, signed(t, secret('a'), "msg_1", body, time.Now())); got.StatusCode != 200 || len(b.sink.events) != 1 {
		t.Errorf("%+v", got)
	}
}

func TestNew_RefusesSecrets(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][]string{nil, {""}, {"whsec_"}, {"whsec_c2hvcnQ="}, {"whsec_" + strings.Repeat("*", 40)}, {secret('a'), ""}} {
		if _, err := New(task.NewEnv(&bytes.Buffer{}, time.Now), fixed(secrets...), NewMemory(1), &sink{}); err == nil {
			t.Errorf("%q was taken", secrets)
		}
	}
}

func TestMemory_OneIDAtATime(t *testing.T) {
	t.Parallel()
	m := NewMemory(10)
	var puts, firsts int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			first, err := m.Take(t.Context(), Event{WebhookID: "msg_1"}, func(context.Context) error { puts++; return nil })
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if first {
				firsts++
			}
		})
	}
	wg.Wait()
	if puts != 1 || firsts != 1 {
		t.Errorf("%d puts, %d firsts", puts, firsts)
	}
}

func TestMemory_ForgetsTheOldest(t *testing.T) {
	t.Parallel()
	m := NewMemory(2)
	put := func(context.Context) error { return nil }
	for _, step := range []struct {
		id   string
		want bool
	}{{"a", true}, {"b", true}, {"a", false}, {"c", true}, {"b", false}, {"a", true}} {
		if first, err := m.Take(t.Context(), Event{WebhookID: step.id}, put); err != nil || first != step.want {
			t.Errorf("%s: %v, %v", step.id, first, err)
		}
	}
	if len(m.known) != 2 || len(m.order) != 2 {
		t.Errorf("%d known, %d in order", len(m.known), len(m.order))
	}
}
