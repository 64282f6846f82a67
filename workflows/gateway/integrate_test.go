package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"go.uber.org/zap"
)

func TestGateway_IntegrationsThatFail(t *testing.T) {
	t.Parallel()
	start := func(e Execution, err error) func(*bundle) {
		return func(b *bundle) {
			b.StartSync = func(context.Context, string, []byte) (Execution, error) { return e, err }
		}
	}
	invoke := func(out string, err error) func(*bundle) {
		return func(b *bundle) {
			b.Invoke = func(context.Context, string, []byte) ([]byte, error) { return []byte(out), err }
		}
	}
	tests := map[string]struct {
		change func(*bundle)
		post   bool
		status int
	}{
		"execution failed":      {start(Execution{Status: "FAILED"}, nil), true, 502},
		"execution timed out":   {start(Execution{Status: "TIMED_OUT"}, nil), true, 504},
		"throttled":             {start(Execution{}, &StartError{Type: "ThrottlingException"}), true, 503},
		"no such machine":       {start(Execution{}, fmt.Errorf("start: %w", &StartError{Type: "StateMachineDoesNotExist"})), true, 502},
		"engine is gone":        {start(Execution{}, errors.New("connection refused")), true, 502},
		"output is no answer":   {start(Execution{Status: "SUCCEEDED", Output: `"x"`}, nil), true, 502},
		"output is no JSON":     {start(Execution{Status: "SUCCEEDED", Output: `{`}, nil), true, 502},
		"function failed":       {invoke("", errors.New("Database.Unavailable")), false, 502},
		"function says nothing": {invoke("", nil), false, 502},
		"function says null":    {invoke("null", nil), false, 502},
		"function says text":    {invoke(`"hello"`, nil), false, 502},
		"no status code":        {invoke(`{"body":"x"}`, nil), false, 502},
		"status code too small": {invoke(`{"statusCode":100}`, nil), false, 502},
		"body is no base64":     {invoke(`{"statusCode":200,"isBase64Encoded":true,"body":"%"}`, nil), false, 502},
		"function panics": {func(b *bundle) {
			b.Invoke = func(context.Context, string, []byte) ([]byte, error) { panic("ana@example.com") }
		}, false, 502},
		"machine panics": {func(b *bundle) {
			b.StartSync = func(context.Context, string, []byte) (Execution, error) { panic("ana@example.com") }
		}, true, 502},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			test.change(b)
			r := request("GET", "/api/leads", "", "Authorization", "Bearer good")
			if test.post {
				r = request("POST", "/api/leads", "{}", "Content-Type", asJSON)
			}
			mustBeProblem(t, send(b.serve(t), r), test.status)
			if b.logs.FilterLevelExact(zap.ErrorLevel).Len() == 0 {
				t.Error("nothing was logged")
			}
			for _, entry := range b.logs.All() {
				if strings.Contains(fmt.Sprint(entry.Message, entry.ContextMap()), "ana@example.com") {
					t.Errorf("the log quotes a panic: %v", entry)
				}
			}
		})
	}
}

func TestGateway_SlowIntegrationIs504AndGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Document = bytes.ReplaceAll(b.Document, []byte("timeoutInMillis: 29000"), []byte("timeoutInMillis: 50"))
	release, ended := make(chan struct{}), make(chan error, 1)
	b.StartSync = func(ctx context.Context, _ string, _ []byte) (Execution, error) {
		<-release
		ended <- ctx.Err()
		return Execution{}, nil
	}
	mustBeProblem(t, send(b.serve(t), request("POST", "/api/leads", "{}", "Content-Type", asJSON)), 504)
	close(release)
	if err := <-ended; err != nil {
		t.Errorf("the execution was cancelled: %v", err)
	}
}

func TestGateway_ExecutionOutlivesItsCaller(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, hangUp := context.WithCancel(t.Context())
	b.StartSync = func(ctx context.Context, _ string, _ []byte) (Execution, error) {
		hangUp()
		return Execution{Status: "SUCCEEDED", Output: accepted}, ctx.Err()
	}
	if w := send(b.serve(t), request("POST", "/api/leads", "{}", "Content-Type", asJSON).WithContext(ctx)); w.Code != 201 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestGateway_HeadersOfAnAnswerCannotEndALine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Invoke = func(context.Context, string, []byte) ([]byte, error) {
		return json.Marshal(events.APIGatewayProxyResponse{StatusCode: 200, Headers: map[string]string{
			"X-One": "a\r\nSet-Cookie: x=y", "X-Two": "fine",
		}})
	}
	w := send(b.serve(t), request("GET", "/health", ""))
	if w.Header().Get("X-One") != "" || w.Header().Get("X-Two") != "fine" {
		t.Errorf("headers %v", w.Header())
	}
}
