package list_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/list"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

// store has n leads, a second apart, and keeps what was asked.
type store struct {
	n     int
	err   error
	asked []lead.Filter
}

var newest = time.Date(2026, 11, 21, 12, 0, 0, 123_456_000, time.UTC)

func (s *store) List(_ context.Context, filter lead.Filter) ([]lead.Summary, error) {
	s.asked = append(s.asked, filter)
	var leads []lead.Summary
	for i := range min(s.n, filter.Limit) {
		leads = append(leads, lead.Summary{
			ID: uuid.UUID{15: byte(i + 1)}, Reference: "NG-2222-2222", Status: lead.StatusAccepted, Name: "Ana", Email: "a•••@example.com",
			Source: "direct", CreatedAt: newest.Add(-time.Duration(i) * time.Second),
		})
	}
	return leads, s.err
}

func call(t *testing.T, s *store, role string, query map[string][]string) (events.APIGatewayProxyResponse, map[string]any) {
	t.Helper()
	request := events.APIGatewayProxyRequest{
		QueryStringParameters: map[string]string{}, MultiValueQueryStringParameters: query, RequestContext: tasktest.SignedIn(role),
	}
	for name, values := range query {
		request.QueryStringParameters[name] = values[len(values)-1]
	}
	h := list.New(task.NewEnv(&bytes.Buffer{}, func() time.Time { return newest }), s)
	response := tasktest.Call(t, h, request)
	return response, tasktest.Read[map[string]any](t, response)
}

func TestList_GoesOnWhereThePageEnded(t *testing.T) {
	t.Parallel()
	s := &store{n: 3}
	response, body := call(t, s, "operator", map[string][]string{"limit": {"2"}})
	leads, ok := body["leads"].([]any)
	if response.StatusCode != 200 || !ok || len(leads) != 2 || response.Headers["Cache-Control"] != "no-store" {
		t.Fatalf("page = %+v", response)
	}
	first, ok := leads[0].(map[string]any)
	if !ok || first["createdAt"] != "2026-11-21T12:00:00.123Z" || first["email"] != "a•••@example.com" || first["reference"] != "NG-2222-2222" {
		t.Errorf("lead = %v", leads[0])
	}
	cursor, ok := body["cursor"].(string)
	if !ok {
		t.Fatalf("no cursor in %v", body)
	}
	call(t, s, "operator", map[string][]string{"limit": {"2"}, "cursor": {cursor}})
	if got, want := s.asked[1].After, (lead.Position{CreatedAt: newest.Add(-time.Second), ID: uuid.UUID{15: 2}}); got != want {
		t.Errorf("next page starts after %v, want %v", got, want)
	}
}

func TestList_LastPageHasNoCursor(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2} {
		_, body := call(t, &store{n: n}, "operator", map[string][]string{"limit": {"2"}})
		if _, more := body["cursor"]; more {
			t.Errorf("%d leads, page of 2: there is a cursor", n)
		}
		if leads, ok := body["leads"].([]any); !ok || len(leads) != n {
			t.Errorf("%d leads, page of 2: %v", n, body)
		}
	}
}

func TestList_PassesEveryFilterOn(t *testing.T) {
	t.Parallel()
	s := &store{}
	response, _ := call(t, s, "engineer,operator", map[string][]string{
		"q": {" ana "}, "status": {"failed"}, "source": {"newsletter"}, "from": {"2026-11-01T00:00:00-03:00"}, "to": {"2026-11-21T00:00:00Z"}, "cursor": {""},
	})
	if response.StatusCode != 200 {
		t.Fatalf("status %d: %s", response.StatusCode, response.Body)
	}
	got := s.asked[0]
	if got.Query != "ana" || got.Status != lead.StatusFailed || got.Source != "newsletter" || got.Limit != 26 || got.After != (lead.Position{}) {
		t.Errorf("filter = %+v", got)
	}
	if !got.From.Equal(time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)) || !got.To.Equal(time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("from %s to %s", got.From, got.To)
	}
}

func TestList_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		query   map[string][]string
		pointer string
		code    string
	}{
		"unknown filter":    {map[string][]string{"email": {"ana@example.com"}}, "/email", "unknown"},
		"capitals":          {map[string][]string{"Status": {"failed"}}, "/Status", "unknown"},
		"slash in name":     {map[string][]string{"a/b~": {"1"}}, "/a~1b~0", "unknown"},
		"long name":         {map[string][]string{strings.Repeat("x", 500): {"1"}}, "/" + strings.Repeat("x", 64), "unknown"},
		"given twice":       {map[string][]string{"status": {"failed", "accepted"}}, "/status", "repeated"},
		"limit 0":           {map[string][]string{"limit": {"0"}}, "/limit", "value"},
		"limit 101":         {map[string][]string{"limit": {"101"}}, "/limit", "value"},
		"limit not whole":   {map[string][]string{"limit": {"1e1"}}, "/limit", "value"},
		"limit huge":        {map[string][]string{"limit": {"99999999999999999999"}}, "/limit", "value"},
		"status unknown":    {map[string][]string{"status": {"open"}}, "/status", "value"},
		"time without zone": {map[string][]string{"from": {"2026-11-01T00:00:00"}}, "/from", "value"},
		"date alone":        {map[string][]string{"to": {"2026-11-01"}}, "/to", "value"},
		"year 0":            {map[string][]string{"from": {"0000-01-01T00:00:00Z"}}, "/from", "value"},
		"empty span":        {map[string][]string{"from": {"2026-11-02T00:00:00Z"}, "to": {"2026-11-02T00:00:00Z"}}, "/to", "value"},
		"q with NUL":        {map[string][]string{"q": {"a\x00b"}}, "/q", "value"},
		"q too long":        {map[string][]string{"q": {strings.Repeat("ã", 201)}}, "/q", "value"},
		"source control":    {map[string][]string{"source": {"a\nb"}}, "/source", "value"},
		"cursor no base64":  {map[string][]string{"cursor": {"***"}}, "/cursor", "value"},
		"cursor short":      {map[string][]string{"cursor": {"AAAA"}}, "/cursor", "value"},
		"cursor of year 1":  {map[string][]string{"cursor": {strings.Repeat("A", 32)}}, "/cursor", "value"},
		"cursor far away":   {map[string][]string{"cursor": {"f" + strings.Repeat("_", 31)}}, "/cursor", "value"},
	} {
		s := &store{n: 1}
		response, body := call(t, s, "operator", row.query)
		if response.StatusCode != 400 || response.Headers["Content-Type"] != "application/problem+json" || len(s.asked) != 0 {
			t.Errorf("%s: status %d, asked %d times", name, response.StatusCode, len(s.asked))
			continue
		}
		faults, ok := body["errors"].([]any)
		if !ok || len(faults) != 1 {
			t.Errorf("%s: errors = %v", name, body["errors"])
			continue
		}
		fault, ok := faults[0].(map[string]any)
		if !ok || fault["pointer"] != row.pointer || fault["code"] != row.code {
			t.Errorf("%s: %v, want %s %s", name, fault, row.pointer, row.code)
		}
		if strings.Contains(response.Body, "ana@") {
			t.Errorf("%s: the answer quotes the value", name)
		}
	}
}

func TestList_IsForOperators(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"operator": 200, "[auditor operator]": 200, "": 401, "engineer": 403, "auditor": 403, "privacy": 403, "Operator": 403, "operators": 403} {
		s := &store{}
		response, _ := call(t, s, role, nil)
		if response.StatusCode != status || (len(s.asked) > 0) != (status == 200) {
			t.Errorf("role %q: status %d, asked %d times, want %d", role, response.StatusCode, len(s.asked), status)
		}
	}
}

func TestList_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	response, body := call(t, &store{err: fmt.Errorf("list leads: %w", lead.ErrDatabaseUnavailable)}, "operator", nil)
	if response.StatusCode != 503 || response.Headers["Retry-After"] == "" || body["title"] != "Service Unavailable" {
		t.Errorf("answer = %+v", response)
	}
}
