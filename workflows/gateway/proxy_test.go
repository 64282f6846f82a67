package gateway

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestProxy_EventHasTheShapeOfTheRESTAPI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	send(b.serve(t), request("GET", "/api/leads/a%2Fb%20c?tag=1&tag=2&q=Jo%C3%A3o", "",
		"Authorization", "Bearer good", "User-Agent", "curl", "Accept", "a", "Accept", "b", "CloudFront-Viewer-Address", "6.6.6.6:1"))
	function, payload, _ := strings.Cut(b.invoked[0], " ")
	if function != "GetArn" {
		t.Errorf("invoked %s", function)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(payload), &got); err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal([]byte(`{
		"resource": "/api/leads/{id}",
		"path": "/api/leads/a/b c",
		"httpMethod": "GET",
		"headers": {"Accept": "b", "Authorization": "Bearer good", "Host": "example.com", "User-Agent": "curl"},
		"multiValueHeaders": {"Accept": ["a", "b"], "Authorization": ["Bearer good"], "Host": ["example.com"], "User-Agent": ["curl"]},
		"queryStringParameters": {"q": "João", "tag": "2"},
		"multiValueQueryStringParameters": {"q": ["João"], "tag": ["1", "2"]},
		"pathParameters": {"id": "a/b c"},
		"stageVariables": null,
		"body": "",
		"requestContext": {
			"requestId": "request-1", "stage": "local", "resourcePath": "/api/leads/{id}", "path": "/api/leads/a/b c",
			"httpMethod": "GET", "protocol": "HTTP/1.1",
			"requestTime": "21/Nov/2026:12:00:00 +0000", "requestTimeEpoch": 1795262400000,
			"identity": {"sourceIp": "203.0.113.7", "userAgent": "curl"},
			"authorizer": {"claims": {"sub": "s", "cognito:groups": "operator"}}
		}
	}`), &want); err != nil {
		t.Fatal(err)
	}
	for name, v := range want {
		g := got[name]
		if name == "requestContext" {
			context, ok := g.(map[string]any)
			if !ok {
				t.Fatalf("requestContext %v", g)
			}
			for name, v := range v.(map[string]any) {
				if name == "identity" {
					dropEmpty(context[name])
				}
				if !reflect.DeepEqual(context[name], v) {
					t.Errorf("requestContext.%s = %v, want %v", name, context[name], v)
				}
			}
			continue
		}
		if !reflect.DeepEqual(g, v) {
			t.Errorf("%s = %v, want %v", name, g, v)
		}
	}
}

func dropEmpty(v any) {
	m, _ := v.(map[string]any)
	for name, value := range m {
		if value == "" || value == nil {
			delete(m, name)
		}
	}
}

func TestProxy_PublicRouteHasNoClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	send(b.serve(t), request("GET", "/health", "", "Authorization", "Bearer good"))
	_, payload, _ := strings.Cut(b.invoked[0], " ")
	var event events.APIGatewayProxyRequest
	if err := json.Unmarshal([]byte(payload), &event); err != nil {
		t.Fatal(err)
	}
	if len(event.RequestContext.Authorizer) > 0 {
		t.Errorf("authorizer %v on a public route", event.RequestContext.Authorizer)
	}
}

func TestProxy_AnswerOfAFunction(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		response events.APIGatewayProxyResponse
		headers  map[string]string
		body     string
	}{
		"headers in any case": {
			events.APIGatewayProxyResponse{StatusCode: 200, Headers: map[string]string{"content-type": "text/plain", "x-a": "1"}, Body: "x"},
			map[string]string{"Content-Type": "text/plain", "X-A": "1"},
			"x",
		},
		"no content type": {
			events.APIGatewayProxyResponse{StatusCode: 404, Body: "{}"},
			map[string]string{"Content-Type": "application/json"},
			"{}",
		},
		"base64": {
			events.APIGatewayProxyResponse{StatusCode: 200, Body: "aGVsbG8=", IsBase64Encoded: true},
			map[string]string{"Content-Type": "application/json"},
			"hello",
		},
		"lists of values count more": {
			events.APIGatewayProxyResponse{StatusCode: 200, Headers: map[string]string{"vary": "a"}, MultiValueHeaders: map[string][]string{"Vary": {"b", "c"}}},
			map[string]string{"Vary": "b, c"},
			"",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.Invoke = func(context.Context, string, []byte) ([]byte, error) { return json.Marshal(test.response) }
			w := send(b.serve(t), request("GET", "/health", ""))
			if w.Code != test.response.StatusCode || w.Body.String() != test.body {
				t.Errorf("got %d %s", w.Code, w.Body)
			}
			for name, want := range test.headers {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}
