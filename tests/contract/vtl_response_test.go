package contract

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/gateway"
)

// syncAnswer is an answer of StartSyncExecution on the wire: an execution, or an
// error of the API.
type syncAnswer struct {
	Status  string `json:"status,omitempty"`
	Output  string `json:"output,omitempty"`
	Error   string `json:"error,omitempty"`
	Cause   string `json:"cause,omitempty"`
	Type    string `json:"__type,omitempty"`
	Message string `json:"message,omitempty"`
}

// local is what the local gateway makes of the same answer.
func (a syncAnswer) local() gateway.Answer {
	if a.Type != "" {
		name := a.Type[strings.LastIndexByte(a.Type, '#')+1:]
		return gateway.UnwrapError(&gateway.StartError{Type: name, Message: a.Message})
	}
	return gateway.Unwrap(gateway.Execution{Status: a.Status, Output: a.Output})
}

func output(t *testing.T, status any, headers map[string]any, body any) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"statusCode": status, "headers": headers, "body": body})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func answers(t *testing.T) map[string]syncAnswer {
	t.Helper()
	problemType := map[string]any{"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
	all := map[string]syncAnswer{
		"accepted": {Status: "SUCCEEDED", Output: output(t, 201, map[string]any{
			"Content-Type": "application/json", "Location": "/api/leads/0192", "Cache-Control": "no-store",
			"RateLimit": `"lead-ip";r=9;t=3600`, "RateLimit-Policy": `"lead-ip";q=10;w=3600`,
		}, `{"id":"0192","reference":"NG-7K3M-9Q2X"}`)},
		"replayed": {Status: "SUCCEEDED", Output: output(t, 201, map[string]any{"Idempotent-Replayed": "true"}, "{}")},
		"receipt page": {Status: "SUCCEEDED", Output: output(t, 303, map[string]any{
			"Location": "/obrigado/?ref=NG-7K3M-9Q2X",
		}, "")},
		"invalid": {Status: "SUCCEEDED", Output: output(t, 422, problemType, `{"status":422,"errors":[{"pointer":"/email"}]}`)},
		"limited": {Status: "SUCCEEDED", Output: output(t, 429, map[string]any{"Retry-After": "3600"}, "{}")},
		"headers beyond the list": {Status: "SUCCEEDED", Output: output(t, 201, map[string]any{
			"Set-Cookie": "a=b", "X-Secret": "s", "location": "/lower-case", "Content-Type": "text/html; charset=utf-8",
		}, "<p>")},
		"no headers":          {Status: "SUCCEEDED", Output: `{"statusCode":200,"body":"x"}`},
		"empty headers":       {Status: "SUCCEEDED", Output: output(t, 200, map[string]any{"Location": ""}, "x")},
		"no body":             {Status: "SUCCEEDED", Output: `{"statusCode":204,"headers":{}}`},
		"no status":           {Status: "SUCCEEDED", Output: `{"headers":{},"body":"x"}`},
		"status out of range": {Status: "SUCCEEDED", Output: `{"statusCode":99,"headers":{},"body":"x"}`},
		"status too large":    {Status: "SUCCEEDED", Output: `{"statusCode":600,"headers":{},"body":"x"}`},
		"empty object":        {Status: "SUCCEEDED", Output: `{}`},
		"failed": {
			Status: "FAILED", Error: "States.Runtime", Cause: `{"errorMessage":"ana@example.com","stackTrace":["secret"]}`,
		},
		"failed with an answer for output": {Status: "FAILED", Output: output(t, 200, nil, "x"), Error: "Lead.Invalid"},
		"timed out":                        {Status: "TIMED_OUT", Error: "States.Timeout", Cause: "secret"},
		"unknown status":                   {Status: "ABORTED"},
		"throttled":                        {Type: "com.amazonaws.swf.service.v2.model#ThrottlingException", Message: "Rate exceeded"},
		"throttled, short name":            {Type: "ThrottlingException", Message: "secret"},
		"too many requests":                {Type: "TooManyRequestsException"},
		"input too large": {
			Type:    "com.amazon.coral.validate#ValidationException",
			Message: "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to 262144",
		},
		"other validation": {
			Type:    "com.amazon.coral.validate#ValidationException",
			Message: "1 validation error detected: Value at 'stateMachineArn' failed to satisfy constraint: Member must have length less than or equal to 256",
		},
		"validation without a message": {Type: "com.amazon.coral.validate#ValidationException"},
		"input that is no JSON":        {Type: "com.amazonaws.swf.service.v2.model#InvalidExecutionInput", Message: "secret"},
		"no such machine":              {Type: "com.amazonaws.swf.service.v2.model#StateMachineDoesNotExist", Message: "secret arn"},
		"access denied":                {Type: "com.amazon.coral.service#AccessDeniedException", Message: "secret role"},
		"nothing known":                {},
	}
	for name, text := range hostile() {
		all["body: "+name] = syncAnswer{Status: "SUCCEEDED", Output: output(t, 200, map[string]any{"Content-Type": "text/plain"}, text)}
		all["cause: "+name] = syncAnswer{Status: "FAILED", Error: text, Cause: text}
	}
	return all
}

func TestResponseTemplate_AnswersWhatTheLocalGatewayAnswers(t *testing.T) {
	t.Parallel()
	all := answers(t)
	names := slices.Sorted(maps.Keys(all))
	var job renderJob
	for _, name := range names {
		b, err := json.Marshal(all[name])
		if err != nil {
			t.Fatal(err)
		}
		job.Responses = append(job.Responses, string(b))
	}
	for i, got := range render(t, job).Responses {
		want := all[names[i]].local()
		if got.StatusCode != want.StatusCode || !maps.Equal(got.Headers, want.Headers) || got.Body != want.Body {
			t.Errorf("%s:\ntemplate %+v\ngateway  %+v", names[i], got, want)
		}
	}
}

func TestResponseTemplate_StatusIsOfTheContract(t *testing.T) {
	t.Parallel()
	all := answers(t)
	for name, want := range map[string]int{
		"accepted": 201, "receipt page": 303, "invalid": 422, "limited": 429, "no status": 502, "empty object": 502,
		"failed": 502, "failed with an answer for output": 502, "timed out": 504, "throttled": 503, "too many requests": 503,
		"input too large": 413, "other validation": 502, "no such machine": 502, "nothing known": 502,
	} {
		got := all[name].local()
		if got.StatusCode != want {
			t.Errorf("%s: %d, want %d", name, got.StatusCode, want)
		}
		if want == 503 && got.Headers["Retry-After"] == "" {
			t.Errorf("%s: no Retry-After", name)
		}
		if want > 500 && (got.Headers["Content-Type"] != "application/problem+json" || strings.Contains(got.Body, "secret") || !json.Valid([]byte(got.Body))) {
			t.Errorf("%s: %+v is no fixed problem document", name, got)
		}
	}
}
