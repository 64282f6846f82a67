package e2e

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// failureGroup is one group of GET /api/failures.
type failureGroup struct {
	Error             string `json:"error"`
	StatusCode        int    `json:"statusCode"`
	Cause             string `json:"cause"`
	Fingerprint       string `json:"fingerprint"`
	Count             int    `json:"count"`
	SampleLeadID      string `json:"sampleLeadId"`
	Answer            string `json:"answer"`
	RetryAfterSeconds int    `json:"retryAfterSeconds"`
	RepairFirst       bool   `json:"repairFirst"`
	NextStep          string `json:"nextStep"`
}

// failures asks as an engineer.
func failures(t *testing.T) (groups map[string]failureGroup, body string) {
	t.Helper()
	token := strings.TrimSpace(up.run(t, "token", "--role", "engineer"))
	got := up.call(t, request{method: http.MethodGet, path: "/api/failures?limit=100", header: map[string]string{"Authorization": "Bearer " + token}})
	var list struct{ Failures []failureGroup }
	if err := json.Unmarshal(got.body, &list); err != nil || got.status != http.StatusOK {
		t.Fatalf("%d, %v: %s", got.status, err, got.body)
	}
	groups = map[string]failureGroup{}
	for _, g := range list.Failures {
		groups[g.SampleLeadID] = g
	}
	return groups, string(got.body)
}

// Two leads fail in two ways, and the receiver's pages quote both persons.
func TestFailures_AreGroupedByCauseAndQuoteNobody(t *testing.T) {
	t.Parallel()
	m := newMarkers("name", "e-mail", "company", "message")
	page := func(status int, sentence string) func(int, http.ResponseWriter, []byte) {
		return func(attempt int, w http.ResponseWriter, body []byte) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, "<h1>%s</h1><p>%s &lt;%s&gt; at %s, attempt %d</p><pre>%s</pre>", sentence, m["name"], m["e-mail"]+"@example.com",
				time.Now().Format(time.RFC1123), attempt, html.EscapeString(string(body)))
		}
	}
	body := func(email string) string {
		return asJSONText(t, map[string]any{
			"name": "Ana " + m["name"], "email": email, "company": m["company"], "message": "Olá, " + m["message"], "consent": map[string]any{"accepted": true},
		})
	}
	down, refused := m["e-mail"]+"@example.com", m["e-mail"]+"@example.net"
	up.receiver.script(down, page(http.StatusServiceUnavailable, "Down for maintenance"))
	up.receiver.script(refused, page(http.StatusUnprocessableEntity, "Not a customer"))
	first := up.accept(t, request{address: up.address(), body: body(down)})
	second := up.accept(t, request{address: up.address(), body: body(refused)})
	for _, lead := range []receipt{second, first} {
		waitStatus(t, deliveryOf(lead.ID), types.ExecutionStatusFailed, time.Minute)
		eventually(t, soon, leadStatus(t, lead.ID, "failed"))
	}

	groups, text := failures(t)
	unavailable, rejected := groups[first.ID], groups[second.ID]
	if unavailable.Error != "Fibonacci.Unavailable" || unavailable.StatusCode != 503 || unavailable.Cause != "http" || unavailable.RepairFirst ||
		unavailable.RetryAfterSeconds != 120 || !strings.HasPrefix(unavailable.Answer, "<h1>Down for maintenance</h1><p>•••") {
		t.Errorf("503: %+v\nof %s", unavailable, text)
	}
	if rejected.Error != "Fibonacci.Rejected" || rejected.StatusCode != 422 || rejected.Cause != "http" || !rejected.RepairFirst ||
		!strings.HasPrefix(rejected.Answer, "<h1>Not a customer</h1><p>•••") || rejected.NextStep == "" {
		t.Errorf("422: %+v\nof %s", rejected, text)
	}
	if unavailable.Fingerprint == "" || unavailable.Fingerprint == rejected.Fingerprint {
		t.Errorf("fingerprints %q and %q", unavailable.Fingerprint, rejected.Fingerprint)
	}
	// The pages of three attempts differ in time and number only.
	if n := count(t, "select count(distinct answer_fingerprint) from nigredo.webhook_logs where lead_id = $1", first.ID); n != 1 {
		t.Errorf("%d fingerprints of one page", n)
	}
	m.requireAbsent(t, "the list of failures", text)
	m.requireAbsent(t, "the command", up.run(t, "failures", "--since", "1d"))
	m.requirePrivate(t, deliveryOf(first.ID), deliveryOf(second.ID))
}
