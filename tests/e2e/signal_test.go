package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

// line is a line of the program's output, if it is JSON.
type line map[string]any

func lines() []line {
	var all []line
	for text := range strings.SplitSeq(up.Output.String(), "\n") {
		var l line
		if json.Unmarshal([]byte(text), &l) == nil && l != nil {
			all = append(all, l)
		}
	}
	return all
}

// about gives the lines with a text in their message about a lead.
func about(leadID, message string) []line {
	var found []line
	for _, l := range lines() {
		if text, _ := l["message"].(string); strings.Contains(text, message) && l["lead_id"] == leadID {
			found = append(found, l)
		}
	}
	return found
}

// metric gives the values of a metric so far, from the lines in CloudWatch's
// Embedded Metric Format that declare it in a namespace.
func metric(namespace, name string) []float64 {
	var values []float64
	for _, l := range lines() {
		var doc struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		b, err := json.Marshal(l)
		if err != nil || json.Unmarshal(b, &doc) != nil {
			continue
		}
		for _, directive := range doc.AWS.CloudWatchMetrics {
			for _, m := range directive.Metrics {
				if value, ok := l[name].(float64); ok && m.Name == name && directive.Namespace == namespace {
					values = append(values, value)
				}
			}
		}
	}
	return values
}

func TestSignals_RefusedSignInIsALineLikeOurs(t *testing.T) {
	t.Parallel()
	refused := up.call(t, request{method: http.MethodGet, path: "/oidc/authorize?client_id=nobody"})
	if refused.status != http.StatusBadRequest {
		t.Errorf("status %d", refused.status)
	}
	eventually(t, soon, func() error {
		if !slices.ContainsFunc(lines(), func(l line) bool { return l["message"] == "auth request" && l["level"] != nil }) {
			return errors.New("the refusal is not logged as JSON")
		}
		return nil
	})
}

func TestSignals_EveryOutcomeIsLoggedAndCounted(t *testing.T) {
	t.Parallel()
	address, delivered, rejected := up.address(), person(), person()
	up.receiver.failing(rejected, http.StatusUnprocessableEntity)

	good := up.accept(t, request{address: address, body: `{"name":"Ana Souza","email":"` + delivered + `","source":"feira","consent":{"accepted":true}}`})
	bad := up.accept(t, request{address: address, body: lead(rejected)})
	for range slots - 2 {
		up.accept(t, request{address: address, body: lead(person())})
	}
	up.call(t, request{address: address, body: lead(person())}).problem(t, http.StatusTooManyRequests)
	up.call(t, request{address: address, body: "{}"}).problem(t, http.StatusUnprocessableEntity)
	up.call(t, request{method: http.MethodGet, path: "/health"})
	waitStatus(t, deliveryOf(good.ID), types.ExecutionStatusSucceeded, soon)
	waitStatus(t, deliveryOf(bad.ID), types.ExecutionStatusFailed, soon)
	eventually(t, soon, leadStatus(t, bad.ID, "failed"))

	for _, c := range []struct {
		lead, message string
		fields        map[string]any // nil: any value
	}{
		{good.ID, "Lead created", map[string]any{"level": "INFO", "source": "feira", "activity": "persist", "execution_arn": nil}},
		{bad.ID, "Lead created", map[string]any{"source": "direct"}},
		{bad.ID, "Webhook failed", map[string]any{"level": "ERROR", "activity": "deliver", "error": nil, "error_message": nil, "execution_arn": nil}},
	} {
		found := about(c.lead, c.message)
		if len(found) != 1 {
			t.Errorf("%d lines %q about lead %s, want 1", len(found), c.message, c.lead)
			continue
		}
		for field, want := range c.fields {
			got, ok := found[0][field]
			if !ok || want != nil && got != want {
				t.Errorf("%q has %s = %v, want %v", c.message, field, got, want)
			}
		}
	}

	for _, c := range []struct {
		namespace, name string
		value           float64
	}{
		{"Nigredo/API", "NigredoLeadSubmissions", 1},
		{"Nigredo/API", "ApiErrors", 0},
		{"Nigredo/API", "RateLimitHits", 1},
		{"Nigredo/Webhooks", "NigredoWebhookSuccess", 1},
		{"Nigredo/Webhooks", "NigredoWebhookSuccess", 0},
	} {
		found := false
		for _, v := range metric(c.namespace, c.name) {
			found = found || v == c.value
		}
		if !found {
			t.Errorf("metric %s %s was never %g", c.namespace, c.name, c.value)
		}
	}
	latencies := metric("Nigredo/API", "ApiLatency")
	if len(latencies) == 0 {
		t.Error("metric Nigredo/API ApiLatency was never written")
	}
	for _, ms := range latencies {
		if ms < 0 || ms > 29_000 {
			t.Errorf("ApiLatency of %g ms", ms)
		}
	}
}
