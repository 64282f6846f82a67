package task

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

// The namespaces of the metrics.
const (
	namespaceAPI      = "Nigredo/API"
	namespaceWebhooks = "Nigredo/Webhooks"
	namespacePrivacy  = "Nigredo/Privacy"
)

// Metrics writes metrics as log lines in CloudWatch's Embedded Metric Format:
// one JSON object a line, which CloudWatch Logs turns into metrics at no call.
//
//	NigredoLeadSubmissions  Nigredo/API       Count         1 per accepted lead
//	ApiLatency              Nigredo/API       Milliseconds  request to answer
//	ApiErrors               Nigredo/API       Count         1 for an answer of 500 and above, else 0
//	RateLimitHits           Nigredo/API       Count         1 per post refused by the limiter
//	NigredoPageViews        Nigredo/API       Count         1 per counted view of a page
//	NigredoWebhookSuccess   Nigredo/Webhooks  Count         1 for a 2xx, 0 for a failed attempt
//	NigredoWebhookRetries   Nigredo/Webhooks  Count         1 for an attempt that repeats one of the same execution, else 0
//	NigredoWebhookDuration  Nigredo/Webhooks  Milliseconds  request to the receiver's answer, or to giving up on it
//	Unaccounted             Nigredo/Webhooks  Count         accepted leads that nothing explains, at the end of each sweep
//	NigredoSweepRun         Nigredo/Webhooks  Count         1 per sweep: an alarm on its absence sees that nobody sweeps
//	RightsOpen              Nigredo/Privacy   Count         open requests of data subjects, at the end of each sweep
//	RightsDueIn5Days        Nigredo/Privacy   Count         those of them due within 5 days, overdue ones included
//	RightsDueIn2Days        Nigredo/Privacy   Count         within 2 days, overdue ones included
//	RightsOverdue           Nigredo/Privacy   Count         those that the law wanted answered by now
//
// Each has a series without dimension, which the alarms watch; those of the API
// have one per endpoint as well. Nothing of a caller's choosing is a dimension:
// each new value would be a billed series.
type Metrics struct {
	mu  sync.Mutex
	w   io.Writer
	now func() time.Time
}

// newMetrics writes to w; one line is one Write.
func newMetrics(w io.Writer, now func() time.Time) *Metrics {
	return &Metrics{w: w, now: now}
}

// Request counts one answered API call. A start in the future (two clocks)
// counts as no time at all.
func (m *Metrics) Request(endpoint string, started time.Time, status int) {
	latency := max(m.now().Sub(started), 0)
	m.emit(namespaceAPI, endpoint,
		measure{"ApiLatency", "Milliseconds", float64(latency.Microseconds()) / 1000},
		measure{"ApiErrors", "Count", number(status >= http.StatusInternalServerError)})
}

// failure counts a failed try of an activity on the way of an API call. The
// machine may save the call by a retry: the count errs on the side of alarm.
func (m *Metrics) failure(endpoint string) {
	m.emit(namespaceAPI, endpoint, measure{"ApiErrors", "Count", 1})
}

// Submission counts one accepted lead.
func (m *Metrics) Submission(endpoint string) {
	m.emit(namespaceAPI, endpoint, measure{"NigredoLeadSubmissions", "Count", 1})
}

// RateLimitHit counts one post refused because the hour is full.
func (m *Metrics) RateLimitHit(endpoint string) {
	m.emit(namespaceAPI, endpoint, measure{"RateLimitHits", "Count", 1})
}

// PageView counts one view of a page.
func (m *Metrics) PageView(endpoint string) {
	m.emit(namespaceAPI, endpoint, measure{"NigredoPageViews", "Count", 1})
}

// Webhook counts one attempt: the average of NigredoWebhookSuccess is the share of
// successes.
func (m *Metrics) Webhook(success, retry bool, took time.Duration) {
	m.emit(namespaceWebhooks, "",
		measure{"NigredoWebhookSuccess", "Count", number(success)},
		measure{"NigredoWebhookRetries", "Count", number(retry)},
		measure{"NigredoWebhookDuration", "Milliseconds", float64(max(took, 0).Microseconds()) / 1000})
}

func number(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// Sweep counts one run of the sweep and what nothing explains after it.
func (m *Metrics) Sweep(unaccounted int) {
	m.emit(namespaceWebhooks, "",
		measure{"Unaccounted", "Count", float64(unaccounted)},
		measure{"NigredoSweepRun", "Count", 1})
}

// Rights counts the open requests of data subjects by when they are due.
func (m *Metrics) Rights(open, in5Days, in2Days, overdue int) {
	m.emit(namespacePrivacy, "",
		measure{"RightsOpen", "Count", float64(open)},
		measure{"RightsDueIn5Days", "Count", float64(in5Days)},
		measure{"RightsDueIn2Days", "Count", float64(in2Days)},
		measure{"RightsOverdue", "Count", float64(overdue)})
}

type measure struct {
	name, unit string
	value      float64
}

// The document of the Embedded Metric Format specification: every metric and
// every dimension named in the directive is a member of the root.
type (
	emfMetadata struct {
		Timestamp         int64          `json:"Timestamp"`
		CloudWatchMetrics []emfDirective `json:"CloudWatchMetrics"`
	}
	emfDirective struct {
		Namespace  string      `json:"Namespace"`
		Dimensions [][]string  `json:"Dimensions"`
		Metrics    []emfMetric `json:"Metrics"`
	}
	emfMetric struct {
		Name string `json:"Name"`
		Unit string `json:"Unit"`
	}
)

func (m *Metrics) emit(namespace, endpoint string, measures ...measure) {
	directive := emfDirective{Namespace: namespace, Dimensions: [][]string{{}}}
	root := map[string]any{}
	if endpoint != "" {
		directive.Dimensions = append(directive.Dimensions, []string{"endpoint"})
		root["endpoint"] = endpoint
	}
	for _, v := range measures {
		directive.Metrics = append(directive.Metrics, emfMetric{Name: v.name, Unit: v.unit})
		root[v.name] = v.value
	}
	root["_aws"] = emfMetadata{Timestamp: m.now().UnixMilli(), CloudWatchMetrics: []emfDirective{directive}}
	line, err := json.Marshal(root)
	if err != nil { // strings and finite numbers only
		panic("metrics: a document without a JSON form")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	// A metric that cannot be written has nowhere to be reported, and no call may fail for it.
	_, _ = m.w.Write(append(line, '\n'))
}
