package task

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestRoutes_EachCallHasItsRightsAndItsMetrics(t *testing.T) {
	t.Parallel()
	env, out := setup()
	serve := func(_ context.Context, _ Caller, request events.APIGatewayProxyRequest) (Answer, error) {
		return JSON(200, map[string]string{"id": request.PathParameters["id"]}, nil), nil
	}
	h := Routes(env, "redrives", map[string]Route{
		"GET /api/leads/{id}":            {GetLead, serve},
		"POST /api/redrives/{id}/cancel": {CancelRedrive, serve},
	})
	for _, row := range []struct {
		method, resource, groups string
		status                   int
		endpoint                 string
	}{
		{"GET", "/api/leads/{id}", "operator", 200, "GET /api/leads/{id}"},
		{"GET", "/api/leads/{id}", "auditor", 403, "GET /api/leads/{id}"},
		{"POST", "/api/redrives/{id}/cancel", "operator", 403, "POST /api/redrives/{id}/cancel"},
		{"POST", "/api/redrives/{id}/cancel", "engineer", 200, "POST /api/redrives/{id}/cancel"},
		{"POST", "/api/redrives/{id}", "engineer", 404, ""},
		{"GET", "/api/leads/7", "engineer", 404, ""},
		{"", "", "engineer", 404, ""},
	} {
		out.Reset()
		payload := fmt.Sprintf(`{"httpMethod":%q,"resource":%q,"pathParameters":{"id":"7"},"requestContext":{"authorizer":{"claims":{"sub":"s","cognito:groups":%q}}}}`, row.method, row.resource, row.groups)
		raw, err := h.Invoke(t.Context(), []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		var answer events.APIGatewayProxyResponse
		if err := json.Unmarshal(raw, &answer); err != nil || answer.StatusCode != row.status {
			t.Errorf("%s %s by %s: %s, %v", row.method, row.resource, row.groups, raw, err)
		}
		if got, _ := lines(t, out)[0]["endpoint"].(string); got != row.endpoint {
			t.Errorf("%s %s is counted under %q", row.method, row.resource, got)
		}
	}
}

func TestRoutes_WhatIsNoRequestIsAnError(t *testing.T) {
	t.Parallel()
	env, _ := setup()
	if _, err := Routes(env, "redrives", nil).Invoke(t.Context(), []byte("x")); err == nil {
		t.Error("an invocation without a request has an answer")
	}
}
