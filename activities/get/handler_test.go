package get_test

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/get"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

// store has one lead and keeps the views.
type store struct {
	err   error
	views []lead.View
}

var (
	leadID  = uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	entryID = uuid.MustParse("01930000-0000-7000-8000-00000000000b")
)

func (s *store) View(_ context.Context, view lead.View) (lead.Record, bool, error) {
	s.views = append(s.views, view)
	if view.LeadID != leadID || s.err != nil {
		return lead.Record{}, false, s.err
	}
	shown, unknown := true, false
	return lead.Record{
		ID: leadID, Reference: "NG-2222-2222", Status: lead.StatusDelivered, Name: "Ana O'Brien", Email: "ana@example.com", Phone: "+5511987654321",
		Source: "direct", UTM: map[string]string{"source": "mail"}, Variant: "hero-b", Locale: "en", Verdict: lead.VerdictSuspicious,
		Consent: lead.Consent{Marketing: true, TextID: "reply", Recognised: &shown, MarketingTextHash: "ab", MarketingRecognised: &unknown}, CreatedAt: time.Date(2026, 11, 21, 12, 0, 0, 123_456_000, time.UTC),
	}, true, nil
}

func call(t *testing.T, s *store, role, id string) (events.APIGatewayProxyResponse, map[string]any, string) {
	t.Helper()
	log := &bytes.Buffer{}
	h := get.New(task.NewEnv(log, time.Now), s, func() (uuid.UUID, error) { return entryID, nil })
	response := tasktest.Call(t, h, events.APIGatewayProxyRequest{
		PathParameters: map[string]string{"id": id}, RequestContext: tasktest.SignedIn(role),
	})
	return response, tasktest.Read[map[string]any](t, response), log.String()
}

func TestGet_ShowsTheLeadAndRecordsTheViewer(t *testing.T) {
	t.Parallel()
	s := &store{}
	response, body, log := call(t, s, "operator", leadID.String())
	if response.StatusCode != 200 || response.Headers["Cache-Control"] != "no-store" {
		t.Fatalf("answer = %+v", response)
	}
	for name, want := range map[string]any{
		"id": leadID.String(), "reference": "NG-2222-2222", "status": "delivered", "name": "Ana O'Brien", "email": "ana@example.com",
		"phone": "+5511987654321", "variant": "hero-b", "verdict": "suspicious", "createdAt": "2026-11-21T12:00:00.123Z",
	} {
		if body[name] != want {
			t.Errorf("%s = %v, want %v", name, body[name], want)
		}
	}
	if want := (map[string]any{
		"marketing": true, "textId": "reply", "textVersion": "", "textHash": "", "recognised": true,
		"marketingTextHash": "ab", "marketingRecognised": false,
	}); !reflect.DeepEqual(body["consent"], want) {
		t.Errorf("consent = %v, want %v", body["consent"], want)
	}
	if want := (lead.View{ID: entryID, LeadID: leadID, Subject: "subject-1"}); len(s.views) != 1 || s.views[0] != want {
		t.Errorf("views = %v, want %v", s.views, want)
	}
	if strings.Contains(log, "ana@") || strings.Contains(log, "Brien") {
		t.Errorf("the log holds personal data: %s", log)
	}
}

func TestGet_OfNobodyIsNotFound(t *testing.T) {
	t.Parallel()
	for id, asked := range map[string]int{
		"01930000-0000-7000-8000-00000000000c": 1,
		"":                                     0,
		"1":                                    0,
		"NG-2222-2222":                         0,
		"' OR 1=1 --":                          0,
		"{" + leadID.String() + "}":            0,
		strings.ToUpper(leadID.String()):       0,
		strings.ReplaceAll(leadID.String(), "-", ""):    0,
		"urn:uuid:" + leadID.String():                   0,
		leadID.String() + "\x00":                        0,
		"../" + leadID.String():                         0,
		"01930000-0000-7000-8000-00000000000c/history":  0,
		"01930000-0000-7000-8000-00000000000\u0663":     0,
		"01930000-0000-7000-8000-00000000000a?limit=10": 0,
	} {
		s := &store{}
		response, body, _ := call(t, s, "operator", id)
		if response.StatusCode != 404 || body["title"] != "Not Found" || len(s.views) != asked {
			t.Errorf("%q: status %d after %d views, want 404 after %d", id, response.StatusCode, len(s.views), asked)
		}
	}
}

func TestGet_IsForOperators(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"": 401, "engineer": 403, "auditor": 403, "privacy": 403, "[engineer auditor]": 403} {
		s := &store{}
		if response, _, _ := call(t, s, role, leadID.String()); response.StatusCode != status || len(s.views) != 0 {
			t.Errorf("role %q: status %d after %d views, want %d", role, response.StatusCode, len(s.views), status)
		}
	}
}

func TestGet_FailuresSayNothingOfTheInside(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{
		fmt.Errorf("view lead: %w", lead.ErrDatabaseUnavailable): 503,
		fmt.Errorf("relation nigredo.leads has ana@example.com"): 500,
	} {
		response, _, log := call(t, &store{err: err}, "operator", leadID.String())
		if response.StatusCode != status || strings.Contains(response.Body+log, "nigredo.leads") || strings.Contains(response.Body+log, "ana@") {
			t.Errorf("%v: %+v, log %s", err, response, log)
		}
	}
}
