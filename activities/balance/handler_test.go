package balance_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/balance"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

type store struct {
	balance lead.Balance
	leads   []lead.Unaccounted
	err     error
	asked   int
}

func (s *store) Balance(context.Context) (lead.Balance, error) {
	s.asked++
	return s.balance, s.err
}

func (s *store) Unaccounted(_ context.Context, limit int) ([]lead.Unaccounted, error) {
	return s.leads[:min(limit, len(s.leads))], s.err
}

func call(t *testing.T, s *store, role string) events.APIGatewayProxyResponse {
	t.Helper()
	return tasktest.Call(t, balance.New(task.NewEnv(&bytes.Buffer{}, time.Now), s),
		events.APIGatewayProxyRequest{RequestContext: tasktest.SignedIn(role)})
}

func TestBalance_GivesTheBooks(t *testing.T) {
	t.Parallel()
	s := &store{balance: lead.Balance{Accepted: 21, Delivered: 1, Failed: 2, Withheld: 3, Quarantined: 7, InFlight: 8}}
	response := call(t, s, "operator")
	want := `{"accepted":21,"delivered":1,"failed":2,"withheld":3,"quarantined":7,"inFlight":8,"unaccounted":0,"leads":[]}`
	if response.StatusCode != 200 || response.Body != want || response.Headers["Cache-Control"] != "no-store" {
		t.Errorf("got  %+v\nwant %s", response, want)
	}
}

func TestBalance_NamesTheOldestThatNothingExplains(t *testing.T) {
	t.Parallel()
	s := &store{balance: lead.Balance{Accepted: 30, Unaccounted: 30}}
	for n := range 30 {
		s.leads = append(s.leads, lead.Unaccounted{
			LeadID: uuid.UUID{15: byte(n)}, Problem: lead.ProblemNotStarted, AcceptedAt: time.Date(2026, 11, 21, 12, 0, n, 0, time.UTC),
		})
	}
	response := call(t, s, "engineer")
	if n := strings.Count(response.Body, `"problem":"not_started"`); response.StatusCode != 200 || n != 20 {
		t.Errorf("status %d, %d named, want 20", response.StatusCode, n)
	}
	if first := `"leads":[{"id":"00000000-0000-0000-0000-000000000000","problem":"not_started","acceptedAt":"2026-11-21T12:00:00.000Z"}`; !strings.Contains(response.Body, first) {
		t.Errorf("got %s, want it to begin with %s", response.Body, first)
	}
}

func TestBalance_IsForOperatorsAndEngineers(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"": 401, "auditor": 403, "privacy": 403, "operator": 200, "engineer": 200} {
		s := &store{}
		response := call(t, s, role)
		if asked := map[bool]int{true: 1}[status == 200]; response.StatusCode != status || s.asked != asked {
			t.Errorf("role %q: status %d after %d questions, want %d", role, response.StatusCode, s.asked, status)
		}
	}
}

func TestBalance_FailuresSayNothingOfTheInside(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{lead.ErrDatabaseUnavailable: 503, errors.New("view nigredo.balance is gone"): 500} {
		if response := call(t, &store{err: err}, "operator"); response.StatusCode != status || strings.Contains(response.Body, "nigredo.") {
			t.Errorf("%v: %+v", err, response)
		}
	}
}

func TestBalance_TakesNoParameters(t *testing.T) {
	t.Parallel()
	s := &store{}
	response := tasktest.Call(t, balance.New(task.NewEnv(&bytes.Buffer{}, time.Now), s), events.APIGatewayProxyRequest{
		QueryStringParameters: map[string]string{"from": "2026-11-21T00:00:00Z"}, RequestContext: tasktest.SignedIn("operator"),
	})
	if response.StatusCode != 400 || s.asked > 0 || !strings.Contains(response.Body, `"pointer":"/from"`) {
		t.Errorf("%+v after %d questions", response, s.asked)
	}
}
