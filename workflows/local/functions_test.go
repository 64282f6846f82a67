package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// handlerFunc is a lambda.Handler.
type handlerFunc func(ctx context.Context, payload []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

func echo(_ context.Context, payload []byte) ([]byte, error) { return payload, nil }

type customError struct{}

func (*customError) Error() string { return "went wrong" }

func TestInvoke_FindsFunctionByNameAndARN(t *testing.T) {
	t.Parallel()
	f := &functions{local: map[string]lambda.Handler{"NigredoStack-local-Echo": handlerFunc(echo)}}
	for _, function := range []string{
		"NigredoStack-local-Echo",
		"NigredoStack-local-Echo:$LATEST",
		functionARNPrefix + "NigredoStack-local-Echo",
		functionARNPrefix + "NigredoStack-local-Echo:live",
		account + ":function:NigredoStack-local-Echo",
	} {
		result, err := f.Invoke(t.Context(), function, []byte(`{"a":1}`))
		if err != nil || string(result.Payload) != `{"a":1}` || result.StatusCode != 200 || result.ExecutedVersion != "$LATEST" {
			t.Errorf("%s: got %+v, %v", function, result, err)
		}
	}
}

func TestInvoke_ErrorsBecomeLambdasDocument(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler handlerFunc
		want    string
	}{
		"error of the contract": {
			func(context.Context, []byte) ([]byte, error) {
				return nil, messages.InvokeResponse_Error{Type: "Lead.Conflict", Message: "taken"}
			},
			`{"errorMessage":"taken","errorType":"Lead.Conflict"}`,
		},
		"wrapped: the type name counts, as on Lambda": {
			func(context.Context, []byte) ([]byte, error) {
				return nil, fmt.Errorf("outer: %w", messages.InvokeResponse_Error{Type: "Lead.Conflict", Message: "taken"})
			},
			`wrapError`,
		},
		"pointer type": {
			func(context.Context, []byte) ([]byte, error) { return nil, &customError{} },
			`{"errorMessage":"went wrong","errorType":"customError"}`,
		},
		"panic does not quote its value": {
			func(context.Context, []byte) ([]byte, error) { panic("ana@example.com") },
			`{"errorMessage":"the function panicked","errorType":"string"}`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &functions{local: map[string]lambda.Handler{"F": test.handler}}
			result, err := f.Invoke(t.Context(), "F", nil)
			if err != nil {
				t.Fatal(err)
			}
			if result.FunctionError != "Unhandled" || !strings.Contains(string(result.Payload), test.want) {
				t.Errorf("got %q %s; want Unhandled %s", result.FunctionError, result.Payload, test.want)
			}
		})
	}
}

func TestInvoke_NoOutputIsNull(t *testing.T) {
	t.Parallel()
	f := &functions{local: map[string]lambda.Handler{"F": handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil })}}
	result, err := f.Invoke(t.Context(), "F", nil)
	if err != nil || string(result.Payload) != "null" {
		t.Errorf("got %q, %v; want null", result.Payload, err)
	}
}

func TestInvoke_CallerThatGivesUpDoesNotEndTheFunction(t *testing.T) {
	t.Parallel()
	proceed, ended := make(chan struct{}), make(chan error, 1)
	f := &functions{local: map[string]lambda.Handler{"F": handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		<-proceed
		ended <- ctx.Err()
		return nil, nil
	})}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Invoke(ctx, "F", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller got %v; want context.Canceled", err)
	}
	close(proceed)
	if err := <-ended; err != nil {
		t.Errorf("the function's context: %v", err)
	}
}

// Lambda cuts a function off and reports Sandbox.Timedout. Here its context ends, and
// the error is the function's own.
func TestInvoke_FunctionIsToldThatItsTimeIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &functions{local: map[string]lambda.Handler{"F": handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, messages.InvokeResponse_Error{Type: "Ours.TooSlow", Message: ctx.Err().Error()}
		})}}
		began := time.Now()
		result, err := f.Invoke(t.Context(), "F", nil)
		if err != nil || string(result.Payload) != `{"errorMessage":"context deadline exceeded","errorType":"Ours.TooSlow"}` || time.Since(began) != functionTimeout {
			t.Errorf("got %s, %v after %s", result.Payload, err, time.Since(began))
		}
	})
}

func TestInvoke_EndOfTheProgramEndsTheFunction(t *testing.T) {
	t.Parallel()
	running := make(chan struct{})
	f := &functions{local: map[string]lambda.Handler{"F": handlerFunc(func(ctx context.Context, _ []byte) ([]byte, error) {
		close(running)
		<-ctx.Done()
		return nil, ctx.Err()
	})}}
	go func() {
		<-running
		_ = f.close(t.Context())
	}()
	if result, err := f.Invoke(t.Context(), "F", nil); err != nil || result.FunctionError == "" {
		t.Errorf("got %+v, %v; want the function's error", result, err)
	}
	if _, err := f.Invoke(t.Context(), "F", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: got %v; want context.Canceled", err)
	}
}

func TestInvoke_UnknownFunction(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]string{
		"Nobody":                                functionARNPrefix + "Nobody (Service: AWSLambda; Status Code: 404;",
		"Nobody:live":                           functionARNPrefix + "Nobody:live (Service",
		functionARNPrefix + "Nobody:7":          functionARNPrefix + "Nobody:7 (Service",
		"arn:aws:lambda:eu-west-1:1:function:F": "arn:aws:lambda:eu-west-1:1:function:F (Service",
	} {
		f := &functions{local: map[string]lambda.Handler{"F": handlerFunc(echo)}}
		_, err := f.Invoke(t.Context(), function, nil)
		wantInvokeError(t, err, "Lambda.ResourceNotFoundException", "Function not found: "+want)
	}
}

func TestInvoke_AnswerOverTheQuotaIsTheFunctionsError(t *testing.T) {
	t.Parallel()
	const want = `{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}`
	for size, over := range map[int]bool{6_291_556: false, 6_291_557: true} {
		answer := bytes.Repeat([]byte(" "), size)
		ours := &functions{local: map[string]lambda.Handler{"F": handlerFunc(func(context.Context, []byte) ([]byte, error) { return answer, nil })}}
		theirs := remote(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(answer) }) //nolint:errcheck // a test server
		for name, f := range map[string]*functions{"ours": ours, "theirs": theirs} {
			result, err := f.Invoke(t.Context(), "F", nil)
			switch {
			case err != nil:
				t.Errorf("%s, %d bytes: %v", name, size, err)
			case over && (result.FunctionError != "Unhandled" || string(result.Payload) != want):
				t.Errorf("%s, %d bytes: got %s %s", name, size, result.FunctionError, result.Payload[:min(len(result.Payload), 200)])
			case !over && (result.FunctionError != "" || len(result.Payload) != size):
				t.Errorf("%s, %d bytes: got %s and %d bytes", name, size, result.FunctionError, len(result.Payload))
			}
		}
	}
}

func TestInvoke_RemoteFunction(t *testing.T) {
	t.Parallel()
	f := remote(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Amz-Executed-Version", "7")
		w.Header().Set("X-Amzn-Requestid", "req-1")
		fmt.Fprintf(w, `{"path":%q,"type":%q,"got":%s}`, r.Method+" "+r.URL.RequestURI(), r.Header.Get("X-Amz-Invocation-Type"), body) //nolint:errcheck // a fake
	})
	for function, path := range map[string]string{
		"Theirs":                                     "Theirs/invocations",
		functionARNPrefix + "Theirs":                 "Theirs/invocations",
		functionARNPrefix + "Theirs:$LATEST":         "Theirs/invocations?Qualifier=%24LATEST",
		"Theirs:live":                                "Theirs/invocations?Qualifier=live",
		account + ":function:Theirs":                 "Theirs/invocations",
		"arn:aws:lambda:eu-west-1:1:function:Theirs": "arn:aws:lambda:eu-west-1:1:function:Theirs/invocations",
	} {
		result, err := f.Invoke(t.Context(), function, []byte(`{"n":1}`))
		if err != nil {
			t.Fatal(err)
		}
		want := engine.Result{
			StatusCode: 200, ExecutedVersion: "7", RequestID: "req-1",
			Payload: []byte(`{"path":"POST /2015-03-31/functions/` + path + `","type":"RequestResponse","got":{"n":1}}`),
		}
		if fmt.Sprintf("%+v", result) != fmt.Sprintf("%+v", want) {
			t.Errorf("%s:\n got %+v\nwant %+v", function, result, want)
		}
	}
}

func TestInvoke_RemoteFunctionError(t *testing.T) {
	t.Parallel()
	f := remote(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		io.WriteString(w, `{"errorType":"Their.Error","errorMessage":"no"}`) //nolint:errcheck // a test server
	})
	result, err := f.Invoke(t.Context(), "Theirs", nil)
	if err != nil || result.FunctionError != "Unhandled" || !json.Valid(result.Payload) {
		t.Errorf("got %+v, %v", result, err)
	}
}

func TestInvoke_RemoteRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, header, body, want, cause string
		status                          int
	}{
		{"named by its header", "InvalidParameterValueException:http://internal", `{"Message":"bad qualifier"}`, "Lambda.InvalidParameterValueException", "bad qualifier (Service: AWSLambda; Status Code: 400;", 400},
		{"not found with a document", "ResourceNotFoundException", `{"Message":"Function not found: x"}`, "Lambda.ResourceNotFoundException", "Function not found: x", 404},
		{"not found with a message alone", "", `{"Message":"no such function"}`, "Lambda.ResourceNotFoundException", "no such function (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException", 404},
		{"not found without one", "", `404 page not found`, "Lambda.ResourceNotFoundException", "Function not found: ", 404},
		{"throttled", "", ``, "Lambda.TooManyRequestsException", "Status Code: 429", 429},
		{"throttled by name", "TooManyRequestsException:", `{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","message":"Rate Exceeded."}`, "Lambda.TooManyRequestsException", "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException;", 429},
		{"request too large", "RequestTooLargeException", `{"message":"Request must be smaller than 6291456 bytes"}`, "Lambda.RequestTooLargeException", "Request must be smaller", 413},
		{"redirect", "", ``, "Lambda.AWSLambdaException", "Status Code: 307", 307},
		{"service fault", "", ``, "Lambda.ServiceException", "Status Code: 503", 503},
		{"anything else", "", ``, "Lambda.AWSLambdaException", "Status Code: 403", 403},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := remote(t, func(w http.ResponseWriter, _ *http.Request) {
				if test.header != "" {
					w.Header().Set("X-Amzn-Errortype", test.header)
				}
				if test.status == http.StatusTemporaryRedirect {
					w.Header().Set("Location", "/")
				}
				w.WriteHeader(test.status)
				io.WriteString(w, test.body) //nolint:errcheck // a test server
			})
			_, err := f.Invoke(t.Context(), "Theirs", nil)
			wantInvokeError(t, err, test.want, test.cause)
		})
	}
}

func TestInvoke_RemoteUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	f := &functions{endpoint: server.URL, client: lambdaClient()}
	_, err := f.Invoke(t.Context(), "Theirs", nil)
	wantInvokeError(t, err, "Lambda.SdkClientException", "could not be reached")
}

// The connection that is lost half way gave no answer.
func TestInvoke_RemoteLostHalfWay(t *testing.T) {
	t.Parallel()
	f := remote(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{"a":`) //nolint:errcheck // a test server
	})
	_, err := f.Invoke(t.Context(), "Theirs", nil)
	wantInvokeError(t, err, "Lambda.SdkClientException", "could not be reached")
}

// An endpoint that does not answer in the client's time is told apart.
func TestInvoke_RemoteTooSlow(t *testing.T) {
	t.Parallel()
	f := remote(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	f.client.Timeout = time.Millisecond
	_, err := f.Invoke(t.Context(), "Theirs", nil)
	wantInvokeError(t, err, "Lambda.ClientExecutionTimeoutException", "did not answer in time")
}

// A function's ARN as Resource reaches the function, ours and others', with its
// answer as result and its error under its name.
func TestInvoke_DirectFunctionARNs(t *testing.T) {
	t.Parallel()
	f := remote(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("Qualifier") == "broken" {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			io.WriteString(w, `{"errorType":"Their.Error","errorMessage":"no"}`) //nolint:errcheck // a test server
			return
		}
		io.Copy(w, r.Body) //nolint:errcheck // a test server
	})
	f.local = map[string]lambda.Handler{"Ours": handlerFunc(echo)}
	e, err := engine.New(engine.Config{Region: region, Account: account, Store: enginetest.NewStore(), Invoker: f})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	task := func(name, resource, next string) string {
		return `"` + name + `": {"Type": "Task", "Resource": "` + resource + `", "Arguments": {"` + name + `": "{% $states.input %}"}, ` + next + `}`
	}
	machine, err := e.CreateStateMachine(t.Context(), engine.CreateInput{
		Name: "m", Type: engine.Express, RoleARN: "role",
		Definition: `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {` +
			task("A", functionARNPrefix+"Ours:live", `"Next": "B"`) + `, ` +
			task("B", functionARNPrefix+"Theirs", `"Next": "C"`) + `, ` +
			task("C", functionARNPrefix+"Theirs:broken", `"End": true, "Catch": [{"ErrorEquals": ["Their.Error"], "Output": "{% $states.input %}", "Next": "Z"}]`) +
			`, "Z": {"Type": "Succeed"}}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine.ARN, Input: `1`})
	if err != nil || out.Output != `{"B":{"A":1}}` {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestInvoke_RemoteCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := remote(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if _, err := f.Invoke(ctx, "Theirs", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want %v", err, context.Canceled)
	}
}

func remote(t *testing.T, handler http.HandlerFunc) *functions {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &functions{endpoint: server.URL, client: lambdaClient()}
}

func wantInvokeError(t *testing.T, err error, name, cause string) {
	t.Helper()
	var got *engine.InvokeError
	if !errors.As(err, &got) {
		t.Fatalf("got %v; want an InvokeError %s", err, name)
	}
	if got.Name != name || !strings.Contains(got.Cause, cause) {
		t.Errorf("got %s, %q; want %s, %q", got.Name, got.Cause, name, cause)
	}
}
