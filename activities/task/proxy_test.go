package task

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

func call(t *testing.T, h *Handler, claims any) events.APIGatewayProxyResponse {
	t.Helper()
	return tasktest.Call(t, h, map[string]any{
		"httpMethod": "GET", "path": "/api/leads", "resource": "/api/leads", "not yet known": 1,
		"requestContext": map[string]any{"authorizer": map[string]any{"claims": claims}},
	})
}

func TestProxy_ChecksTheRoleBeforeTheCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		op     Operation
		claims any
		want   int
	}{
		{"operator", ListLeads, map[string]string{"sub": "u", "cognito:groups": "operator"}, 200},
		{"operator among others, as the Cognito authorizer prints a list", GetLead, map[string]string{"sub": "u", "cognito:groups": "[auditor operator]"}, 200},
		{"operator among others, with commas", GetLead, map[string]string{"sub": "u", "cognito:groups": "auditor,operator"}, 200},
		{"operator among others, with blanks", GetLead, map[string]string{"sub": "u", "cognito:groups": "auditor operator"}, 200},
		{"auditor", ListLeads, map[string]string{"sub": "u", "cognito:groups": "auditor"}, 403},
		{"a group with a longer name", ListLeads, map[string]string{"sub": "u", "cognito:groups": "operators"}, 403},
		{"a group in capitals", ListLeads, map[string]string{"sub": "u", "cognito:groups": "Operator"}, 403},
		{"no group", ListLeads, map[string]string{"sub": "u"}, 403},
		{"groups that are no text", ListLeads, map[string]any{"sub": "u", "cognito:groups": []string{"operator"}}, 403},
		{"nobody", ListLeads, nil, 401},
		{"a role without a subject", ListLeads, map[string]string{"cognito:groups": "operator"}, 401},
		{"claims that are no object", ListLeads, "operator", 401},
		{"an operation that nobody may do", Operation("unknown"), map[string]string{"sub": "u", "cognito:groups": "operator"}, 403},
		{"a public call", Public, nil, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env, out := setup()
			ran := false
			h := Proxy(env.For("list", "GET /api/leads"), tt.op, func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error) {
				ran = true
				return JSON(http.StatusOK, struct{}{}, nil), nil
			})
			got := call(t, h, tt.claims)
			if got.StatusCode != tt.want || ran != (tt.want == 200) {
				t.Errorf("status %d, ran %v, want %d", got.StatusCode, ran, tt.want)
			}
			if log := lines(t, out); len(log) != 1 || log[0]["ApiErrors"] != 0.0 || log[0]["endpoint"] != "GET /api/leads" {
				t.Errorf("metrics %v", log)
			}
		})
	}
}

func TestProxy_AnswersAnErrorWithoutItsText(t *testing.T) {
	t.Parallel()
	for want, err := range map[int]error{
		503: fmt.Errorf("list: %w: ana@example.com", lead.ErrDatabaseUnavailable),
		500: errors.New("ana@example.com"),
	} {
		env, out := setup()
		h := Proxy(env.For("list", "GET /api/leads"), Public, func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error) {
			return Answer{}, err
		})
		got := call(t, h, nil)
		if got.StatusCode != want || got.Headers["Content-Type"] != "application/problem+json" || strings.Contains(got.Body+out.String(), "ana") {
			t.Errorf("%d %v %s\n%s", got.StatusCode, got.Headers, got.Body, out)
		}
		if log := lines(t, out); len(log) != 2 || log[0]["level"] != "ERROR" || log[1]["ApiErrors"] != 1.0 {
			t.Errorf("log %v", log)
		}
	}
}

func TestAnswer_RefusesHeadersThatTheGatewayDrops(t *testing.T) {
	t.Parallel()
	for _, name := range AnswerHeaders() {
		if got := NewProblem(429, "").Answer(map[string]string{name: "x"}).Headers[name]; got != "x" {
			t.Errorf("%s became %q", name, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a header outside the list was taken")
		}
	}()
	JSON(200, nil, map[string]string{"Set-Cookie": "x"})
}

func TestAnswer_Forms(t *testing.T) {
	t.Parallel()
	redirect := SeeOther("/obrigado/?ref=NG-2222-2222", map[string]string{"RateLimit": `"lead-ip";r=3`})
	if redirect.StatusCode != 303 || redirect.Headers["Location"] != "/obrigado/?ref=NG-2222-2222" || redirect.Headers["RateLimit"] == "" {
		t.Errorf("%+v", redirect)
	}
	for _, a := range []Answer{redirect, Page(422, "<p>", nil), JSON(201, 1, nil), NewProblem(400, "no").Answer(nil)} {
		if a.Headers["Cache-Control"] != "no-store" || a.Headers["Content-Type"] == "" {
			t.Errorf("headers %v", a.Headers)
		}
		for name := range a.Headers {
			if !slices.Contains(AnswerHeaders(), name) {
				t.Errorf("header %s", name)
			}
		}
	}
	if body := NewProblem(404, "Gone.").Answer(nil).Body; body != `{"type":"about:blank","title":"Not Found","status":404,"detail":"Gone."}` {
		t.Error(body)
	}
}
