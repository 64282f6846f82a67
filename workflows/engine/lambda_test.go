package engine_test

import (
	"context"
	"errors"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const functionARN = "arn:aws:lambda:us-east-1:000000000000:function:f"

// function is an engine.Invoker that answers the same to every call and keeps what
// it was called with.
type function struct {
	name, payload string
	task          engine.TaskCall
	answer        engine.Result
	err           error
}

func (f *function) Invoke(ctx context.Context, name string, payload []byte) (engine.Result, error) {
	f.task, _ = engine.TaskOf(ctx)
	f.name, f.payload = name, string(payload)
	return f.answer, f.err
}

// call runs a task of the resource with the function as the only one.
func (f *function) call(t *testing.T, resource, arguments string) (string, error) {
	t.Helper()
	b := startWith(t, enginetest.NewStore(), f, &bus{})
	integration, ok := b.IntegrationOf(resource)
	if !ok {
		t.Fatalf("no integration for %s", resource)
	}
	result, err := integration.Run(t.Context(), attempt(t, 4, arguments))
	if err != nil {
		return "", err
	}
	return text(result), nil
}

// radkawar/stackd, lambda_integrations.json, optimized-success: members and headers.
func TestLambdaInvoke_Result(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		f := &function{answer: engine.Result{
			StatusCode: 200, ExecutedVersion: "7", RequestID: "13564142-816d-4b96-a1a8-6f76320f5940", Payload: []byte(`{ "b": 2, "a": [1, null] }`),
		}}
		got, err := f.call(t, "arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Payload": {}}`)
		const id, trace = "13564142-816d-4b96-a1a8-6f76320f5940", "Root=1-386d4380-13564142816d4b96a1a86f76;Parent=a1a86f76320f5940;Sampled=0"
		want := `{"ExecutedVersion":"7","Payload":{"b":2,"a":[1,null]},"SdkHttpMetadata":{"AllHttpHeaders":{"X-Amz-Executed-Version":["7"],` +
			`"x-amzn-Remapped-Content-Length":["0"],"Connection":["keep-alive"],"x-amzn-RequestId":["` + id + `"],"Content-Length":["26"],` +
			`"Date":["Sat, 01 Jan 2000 00:00:00 GMT"],"X-Amzn-Trace-Id":["` + trace + `"],"Content-Type":["application/json"]},` +
			`"HttpHeaders":{"Connection":"keep-alive","Content-Length":"26","Content-Type":"application/json","Date":"Sat, 01 Jan 2000 00:00:00 GMT",` +
			`"X-Amz-Executed-Version":"7","x-amzn-Remapped-Content-Length":"0","x-amzn-RequestId":"` + id + `","X-Amzn-Trace-Id":"` + trace + `"},` +
			`"HttpStatusCode":200},"SdkResponseMetadata":{"RequestId":"` + id + `"},"StatusCode":200}`
		if err != nil || got != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
		if f.task.State != "A" || f.task.ExecutionARN != arnBase+"execution:parent:1" {
			t.Errorf("task: got %+v", f.task)
		}
	})
}

// radkawar/stackd, lambda_integrations.json, and LocalStack, test_invoke_json_values:
// what the function receives.
func TestLambda_Payload(t *testing.T) {
	for name, c := range map[string]struct{ resource, arguments, function, payload string }{
		"absent":                {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f"}`, "f", `{}`},
		"null":                  {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Payload": null}`, "f", `{}`},
		"object":                {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Payload": {"b": 2, "a": 1}}`, "f", `{"b":2,"a":1}`},
		"number":                {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Payload": 0}`, "f", `0`},
		"text that is JSON":     {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Payload": "{\"a\": 1}"}`, "f", `{"a": 1}`},
		"text that is no JSON":  {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Payload": "hello"}`, "f", `"hello"`},
		"qualifier":             {"arn:aws:states:::lambda:invoke", `{"FunctionName": "f", "Qualifier": "live", "InvocationType": "RequestResponse"}`, "f:live", `{}`},
		"direct: object":        {functionARN, `{"b": 2, "a": 1}`, functionARN, `{"b":2,"a":1}`},
		"direct: null":          {functionARN, `null`, functionARN, `null`},
		"direct: text":          {functionARN, `"HelloWorld"`, functionARN, `"HelloWorld"`},
		"direct: text of JSON":  {functionARN, `"{}"`, functionARN, `"{}"`},
		"direct: with an alias": {functionARN + ":live", `1`, functionARN + ":live", `1`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				f := &function{}
				if _, err := f.call(t, c.resource, c.arguments); err != nil || f.name != c.function || f.payload != c.payload {
					t.Errorf("got %s %s, %v; want %s %s", f.name, f.payload, err, c.function, c.payload)
				}
			})
		})
	}
}

func TestLambdaFunction_ResultIsThePayload(t *testing.T) {
	for name, c := range map[string]struct{ payload, want string }{
		"object": {`{"received": {}}`, `{"received":{}}`},
		"null":   {`null`, `null`},
		"empty":  {``, `null`},
		"number": {`0.0`, `0`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				got, err := (&function{answer: engine.Result{Payload: []byte(c.payload)}}).call(t, functionARN, `{}`)
				if err != nil || got != c.want {
					t.Errorf("got %s, %v; want %s", got, err, c.want)
				}
			})
		})
	}
}

func TestLambda_Failures(t *testing.T) {
	const unknown = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
	for name, c := range map[string]struct {
		function    function
		name, cause string
	}{
		"function error": {
			function{answer: engine.Result{FunctionError: "Unhandled", Payload: []byte(`{ "errorMessage": "no", "errorType": "Custom" }`)}},
			"Custom", `{ "errorMessage": "no", "errorType": "Custom" }`,
		},
		"function error without a type": {
			function{answer: engine.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"Task timed out after 3.00 seconds"}`)}},
			"Lambda.Unknown", unknown + `{"errorMessage":"Task timed out after 3.00 seconds"}`,
		},
		"function error that is no JSON": {function{answer: engine.Result{FunctionError: "Unhandled", Payload: []byte("\xffx")}}, "Lambda.Unknown", unknown + "\uFFFDx"},
		"answer that is no JSON":         {function{answer: engine.Result{Payload: []byte("x")}}, "Lambda.Unknown", "The function's answer is not JSON."},
		"refused call":                   {function{err: &engine.InvokeError{Name: "Lambda.TooManyRequestsException", Cause: "slow down"}}, "Lambda.TooManyRequestsException", "slow down"},
		"no answer":                      {function{err: errors.New("gone")}, "Lambda.SdkClientException", "gone"},
	} {
		for _, resource := range []string{functionARN, "arn:aws:states:::lambda:invoke"} {
			t.Run(name+" "+resource, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					f := c.function
					_, err := f.call(t, resource, `{"FunctionName": "f"}`)
					var failed *engine.TaskError
					if !errors.As(err, &failed) || failed.Name != c.name || failed.Cause != c.cause {
						t.Errorf("got %v\nwant %s: %s", err, c.name, c.cause)
					}
				})
			})
		}
	}
}
