package failures_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/failures"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

// store has groups and keeps what was asked.
type store struct {
	groups []lead.FailureGroup
	err    error
	asked  []lead.FailureFilter
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 123_456_000, time.UTC)

func (s *store) Failures(_ context.Context, filter lead.FailureFilter) ([]lead.FailureGroup, int, error) {
	s.asked = append(s.asked, filter)
	return s.groups, 7, s.err
}

// group is one of the answer.
type group struct {
	Error             string `json:"error"`
	StatusCode        int    `json:"statusCode"`
	Cause             string `json:"cause"`
	Fingerprint       string `json:"fingerprint"`
	Count             int    `json:"count"`
	FirstSeen         string `json:"firstSeen"`
	LastSeen          string `json:"lastSeen"`
	SampleLeadID      string `json:"sampleLeadId"`
	Answer            string `json:"answer"`
	RetryAfterSeconds int    `json:"retryAfterSeconds"`
	RepairFirst       bool   `json:"repairFirst"`
	NextStep          string `json:"nextStep"`
}

func call(t *testing.T, s *store, role string, query map[string][]string) events.APIGatewayProxyResponse {
	t.Helper()
	request := events.APIGatewayProxyRequest{
		QueryStringParameters: map[string]string{}, MultiValueQueryStringParameters: query, RequestContext: tasktest.SignedIn(role),
	}
	for name, values := range query {
		request.QueryStringParameters[name] = values[len(values)-1]
	}
	return tasktest.Call(t, failures.New(task.NewEnv(&bytes.Buffer{}, func() time.Time { return noon }), s), request)
}

func TestFailures_TellsWhatFailedAndWhatToDo(t *testing.T) {
	t.Parallel()
	s := &store{groups: []lead.FailureGroup{
		{
			Error: "Fibonacci.Throttled", StatusCode: 429, Cause: lead.CauseHTTP, Fingerprint: "0123456789ab", Count: 5,
			FirstSeen: noon.Add(-time.Hour), LastSeen: noon, Sample: uuid.UUID{15: 1}, Answer: "slow down", RetryAfter: 90 * time.Second,
		},
		{Count: 2, FirstSeen: noon, LastSeen: noon, Sample: uuid.UUID{15: 2}},
	}}
	response := call(t, s, "engineer", nil)
	if response.StatusCode != 200 || response.Headers["Cache-Control"] != "no-store" {
		t.Fatalf("answer = %+v", response)
	}
	got := tasktest.Read[struct {
		Failures []group
		Total    int
	}](t, response)
	want := group{
		Error: "Fibonacci.Throttled", StatusCode: 429, Cause: "http", Fingerprint: "0123456789ab", Count: 5,
		FirstSeen: "2026-11-21T11:00:00.123Z", LastSeen: "2026-11-21T12:00:00.123Z", SampleLeadID: "00000000-0000-0000-0000-000000000001",
		Answer: "slow down", RetryAfterSeconds: 90,
		NextStep: "The receiver asks for fewer events at a time. Wait as long as it asked for, then redrive at a lower rate.",
	}
	if len(got.Failures) != 2 || got.Failures[0] != want || got.Total != 7 {
		t.Errorf("%+v", got)
	}
	for _, absent := range []string{`"error":""`, `"statusCode":0`, `"cause":""`, `"answer":""`, `"retryAfterSeconds":0`} {
		if strings.Contains(response.Body, absent) {
			t.Errorf("%s in %s", absent, response.Body)
		}
	}
}

func TestFailures_NoneIsAnEmptyList(t *testing.T) {
	t.Parallel()
	if response := call(t, &store{}, "operator", nil); !strings.Contains(response.Body, `"failures":[]`) {
		t.Errorf("%s", response.Body)
	}
}

// Every group has a next step of its own; what is refused says that a redrive
// alone is for nothing.
func TestFailures_EveryFailureHasANextStep(t *testing.T) {
	t.Parallel()
	var s store
	for _, cause := range lead.Causes() {
		if cause != lead.CauseHTTP {
			s.groups = append(s.groups, lead.FailureGroup{Error: "Fibonacci.Unavailable", Cause: cause})
		}
	}
	for _, status := range []int{302, 401, 404, 410, 422, 429, 503} {
		s.groups = append(s.groups, lead.FailureGroup{Error: "Fibonacci.Rejected", Cause: lead.CauseHTTP, StatusCode: status})
	}
	for _, name := range []string{"", "Fibonacci.Rejected", "Fibonacci.Unavailable", "Database.Unavailable", "Lambda.Unknown", "States.Runtime", "Delivery.Vanished"} {
		s.groups = append(s.groups, lead.FailureGroup{Error: name})
	}
	got := tasktest.Read[struct{ Failures []group }](t, call(t, &s, "operator", nil)).Failures
	seen := map[string]string{}
	for i, g := range got {
		name := fmt.Sprint(s.groups[i].Error, " ", g.Cause, " ", g.StatusCode)
		if other, taken := seen[g.NextStep]; taken || len(g.NextStep) < 40 || !strings.Contains(strings.ToLower(g.NextStep), "redrive") {
			t.Errorf("%s: %q, as for %q", name, g.NextStep, other)
		}
		seen[g.NextStep] = name
		if want := g.Error == "Fibonacci.Rejected" || g.Cause == "blocked"; g.RepairFirst != want {
			t.Errorf("%s: repair first %t", name, g.RepairFirst)
		}
	}
}

func TestFailures_PassesEveryFilterOn(t *testing.T) {
	t.Parallel()
	s := &store{}
	response := call(t, s, "operator", map[string][]string{
		"error": {"Fibonacci.Rejected"}, "from": {"2026-11-01T00:00:00-03:00"}, "to": {"2026-11-21T00:00:00Z"}, "limit": {"100"},
	})
	if response.StatusCode != 200 {
		t.Fatalf("status %d: %s", response.StatusCode, response.Body)
	}
	got := s.asked[0]
	if got.Error != "Fibonacci.Rejected" || got.Limit != 100 || !got.From.Equal(time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)) || !got.To.Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("filter = %+v", got)
	}
	call(t, s, "operator", map[string][]string{"error": {""}})
	if got := s.asked[1]; got != (lead.FailureFilter{Limit: 25}) {
		t.Errorf("filter of nothing = %+v", got)
	}
}

func TestFailures_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		query   map[string][]string
		pointer string
		code    string
	}{
		"unknown filter":    {map[string][]string{"status": {"503"}}, "/status", "unknown"},
		"slash in name":     {map[string][]string{"a/b~": {"1"}}, "/a~1b~0", "unknown"},
		"long name":         {map[string][]string{strings.Repeat("x", 500): {"1"}}, "/" + strings.Repeat("x", 64), "unknown"},
		"given twice":       {map[string][]string{"error": {"a", "b"}}, "/error", "repeated"},
		"limit 0":           {map[string][]string{"limit": {"0"}}, "/limit", "value"},
		"limit 101":         {map[string][]string{"limit": {"101"}}, "/limit", "value"},
		"error with NUL":    {map[string][]string{"error": {"a\x00"}}, "/error", "value"},
		"error too long":    {map[string][]string{"error": {strings.Repeat("a", 257)}}, "/error", "value"},
		"time without zone": {map[string][]string{"from": {"2026-11-01T00:00:00"}}, "/from", "value"},
		"a span":            {map[string][]string{"from": {"24h"}}, "/from", "value"},
		"empty span":        {map[string][]string{"from": {"2026-11-02T00:00:00Z"}, "to": {"2026-11-02T00:00:00Z"}}, "/to", "value"},
	} {
		s := &store{}
		response := call(t, s, "operator", row.query)
		got := tasktest.Read[struct{ Errors []task.FieldError }](t, response)
		if response.StatusCode != 400 || len(s.asked) != 0 || len(got.Errors) != 1 || got.Errors[0].Pointer != row.pointer || got.Errors[0].Code != row.code {
			t.Errorf("%s: %d, %+v, want %s %s", name, response.StatusCode, got.Errors, row.pointer, row.code)
		}
	}
}

func TestFailures_IsForOperatorsAndEngineers(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"operator": 200, "engineer": 200, "": 401, "auditor": 403, "privacy": 403, "engineers": 403} {
		s := &store{}
		if response := call(t, s, role, nil); response.StatusCode != status || (len(s.asked) > 0) != (status == 200) {
			t.Errorf("role %q: status %d, asked %d times, want %d", role, response.StatusCode, len(s.asked), status)
		}
	}
}

func TestFailures_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	response := call(t, &store{err: fmt.Errorf("list failures: %w", lead.ErrDatabaseUnavailable)}, "operator", nil)
	if response.StatusCode != 503 || response.Headers["Retry-After"] == "" {
		t.Errorf("answer = %+v", response)
	}
}
