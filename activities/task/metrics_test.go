package task

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// The document of CloudWatch's Embedded Metric Format, as its specification has
// it: every metric and dimension of the directive is a member of the root.
func TestMetrics_AreEmbeddedMetricFormat(t *testing.T) {
	t.Parallel()
	const api = `{"Namespace":"Nigredo/API","Dimensions":[[],["endpoint"]],"Metrics":[`
	tests := []struct {
		name string
		emit func(*Metrics)
		want string
	}{
		{
			"request", func(m *Metrics) { m.Request("GET /health", noon.Add(-1500*time.Microsecond), 200) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"ApiLatency","Unit":"Milliseconds"},{"Name":"ApiErrors","Unit":"Count"}]}]},"endpoint":"GET /health","ApiLatency":1.5,"ApiErrors":0}`,
		},
		{
			"client error", func(m *Metrics) { m.Request("x", noon, 499) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"ApiLatency","Unit":"Milliseconds"},{"Name":"ApiErrors","Unit":"Count"}]}]},"endpoint":"x","ApiLatency":0,"ApiErrors":0}`,
		},
		{
			"server error, started in the future", func(m *Metrics) { m.Request("x", noon.Add(time.Hour), 500) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"ApiLatency","Unit":"Milliseconds"},{"Name":"ApiErrors","Unit":"Count"}]}]},"endpoint":"x","ApiLatency":0,"ApiErrors":1}`,
		},
		{
			"failure", func(m *Metrics) { m.failure("x") },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"ApiErrors","Unit":"Count"}]}]},"endpoint":"x","ApiErrors":1}`,
		},
		{
			"submission", func(m *Metrics) { m.Submission("x") },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"NigredoLeadSubmissions","Unit":"Count"}]}]},"endpoint":"x","NigredoLeadSubmissions":1}`,
		},
		{
			"rate limit", func(m *Metrics) { m.RateLimitHit("x") },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"RateLimitHits","Unit":"Count"}]}]},"endpoint":"x","RateLimitHits":1}`,
		},
		{
			"page view", func(m *Metrics) { m.PageView("x") },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[` + api + `{"Name":"NigredoPageViews","Unit":"Count"}]}]},"endpoint":"x","NigredoPageViews":1}`,
		},
		{
			"webhook", func(m *Metrics) { m.Webhook(true, false, 1500*time.Microsecond) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[{"Namespace":"Nigredo/Webhooks","Dimensions":[[]],"Metrics":[{"Name":"NigredoWebhookSuccess","Unit":"Count"},{"Name":"NigredoWebhookRetries","Unit":"Count"},{"Name":"NigredoWebhookDuration","Unit":"Milliseconds"}]}]},"NigredoWebhookSuccess":1,"NigredoWebhookRetries":0,"NigredoWebhookDuration":1.5}`,
		},
		{
			"sweep", func(m *Metrics) { m.Sweep(3) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[{"Namespace":"Nigredo/Webhooks","Dimensions":[[]],"Metrics":[{"Name":"Unaccounted","Unit":"Count"},{"Name":"NigredoSweepRun","Unit":"Count"}]}]},"Unaccounted":3,"NigredoSweepRun":1}`,
		},
		{
			"rights", func(m *Metrics) { m.Rights(4, 3, 2, 1) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[{"Namespace":"Nigredo/Privacy","Dimensions":[[]],"Metrics":[{"Name":"RightsOpen","Unit":"Count"},{"Name":"RightsDueIn5Days","Unit":"Count"},{"Name":"RightsDueIn2Days","Unit":"Count"},{"Name":"RightsOverdue","Unit":"Count"}]}]},"RightsOpen":4,"RightsDueIn5Days":3,"RightsDueIn2Days":2,"RightsOverdue":1}`,
		},
		{
			"failed webhook", func(m *Metrics) { m.Webhook(false, true, -time.Second) },
			`{"_aws":{"Timestamp":1795262400000,"CloudWatchMetrics":[{"Namespace":"Nigredo/Webhooks","Dimensions":[[]],"Metrics":[{"Name":"NigredoWebhookSuccess","Unit":"Count"},{"Name":"NigredoWebhookRetries","Unit":"Count"},{"Name":"NigredoWebhookDuration","Unit":"Milliseconds"}]}]},"NigredoWebhookSuccess":0,"NigredoWebhookRetries":1,"NigredoWebhookDuration":0}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env, out := setup()
			tt.emit(env.Metrics)
			if strings.Count(out.String(), "\n") != 1 || !strings.HasSuffix(out.String(), "\n") {
				t.Fatalf("not one line: %q", out)
			}
			var got, want any
			if err := json.Unmarshal(out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %s\nwant %s", out, tt.want)
			}
		})
	}
}

func TestEnv_LinesOfLogAndMetricsDoNotMix(t *testing.T) {
	t.Parallel()
	env, out := setup()
	env = env.For("persist", "POST /api/leads")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				env.Log.Info("Lead created")
				env.Metrics.Submission(env.Endpoint)
			}
		})
	}
	wg.Wait()
	if got := len(lines(t, out)); got != 800 {
		t.Errorf("%d lines, want 800", got)
	}
}

func TestEnv_LevelsAreInCapitals(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	env := NewEnv(&out, func() time.Time { return noon }).For("persist", "")
	env.Log.Error("x")
	env.Log.Info("y")
	env.Log.Debug("z")
	got := lines(t, &out)
	if len(got) != 2 || got[0]["level"] != "ERROR" || got[1]["level"] != "INFO" || got[0]["activity"] != "persist" || got[0]["message"] != "x" {
		t.Errorf("%v", got)
	}
}
