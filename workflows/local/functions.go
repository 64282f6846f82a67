package local

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

const (
	functionARNPrefix = "arn:aws:lambda:" + region + ":" + account + ":function:"
	latest            = "$LATEST"
	// maxPayload is Lambda's quota for a synchronous answer, in bytes. AWS says 6 MB
	// and counts 100 bytes more.
	maxPayload = 6<<20 + 100
)

// functions is the Lambda API as the engine sees it: functions of ours run in
// process, any other is invoked over HTTP at endpoint when there is one. With
// NIGREDO_LAMBDA_ONLY there are none of ours, and all are.
type functions struct {
	local    map[string]lambda.Handler // by function name
	endpoint string                    // without a slash at its end; empty: none
	client   *http.Client
	inFlight inFlight // invocations of ours
}

// Invoke implements engine.Invoker. function is a name, a partial or a whole
// ARN, with or without a qualifier. A function of ours has one version, whatever
// the qualifier.
func (f *functions) Invoke(ctx context.Context, function string, payload []byte) (engine.Result, error) {
	name, qualifier := splitFunction(function)
	if handler, ok := f.local[name]; ok {
		return f.invokeLocal(ctx, handler, payload)
	}
	if f.endpoint == "" {
		return engine.Result{}, notFound(name, qualifier)
	}
	return f.invokeRemote(ctx, name, qualifier, payload)
}

// Call invokes a function of ours for a caller that wants the answer or an
// error and no more, such as the gateway.
func (f *functions) Call(ctx context.Context, function string, payload []byte) ([]byte, error) {
	result, err := f.Invoke(ctx, function, payload)
	if err != nil {
		return nil, err
	}
	if result.FunctionError != "" {
		name, _ := splitFunction(function)
		return nil, fmt.Errorf("function %s failed: %s", name, result.Payload)
	}
	return result.Payload, nil
}

// splitFunction takes what an API user may write for a function apart. The name is
// the whole ARN when the function is another account's or another region's.
func splitFunction(function string) (name, qualifier string) {
	name, qualifier, _ = strings.Cut(function, ":")
	owner, rest, isARN := strings.Cut(function, "function:")
	if !isARN {
		return name, qualifier
	}
	name, qualifier, _ = strings.Cut(rest, ":")
	if owner != "arn:aws:lambda:"+region+":"+account+":" && owner != account+":" && owner != "" {
		name = owner + "function:" + name
	}
	return name, qualifier
}

func notFound(name, qualifier string) *engine.InvokeError {
	arn := name
	if !strings.Contains(name, ":") {
		arn = functionARNPrefix + name
	}
	if qualifier != "" {
		arn += ":" + qualifier
	}
	return &engine.InvokeError{
		Name: "Lambda.ResourceNotFoundException",
		Cause: fmt.Sprintf("Function not found: %s (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: %s; Proxy: null)",
			arn, uuid.NewString()),
	}
}

// invokeLocal runs a handler in this process. As on Lambda, a caller that gives
// up (a stopped execution, a task over its time) does not end the function: a
// webhook that is under way gets its row.
func (f *functions) invokeLocal(ctx context.Context, handler lambda.Handler, payload []byte) (engine.Result, error) {
	answer := make(chan engine.Result, 1)
	if !f.inFlight.run(ctx, func(ctx context.Context) { answer <- invoke(ctx, handler, payload) }) {
		return engine.Result{}, context.Canceled
	}
	select {
	case result := <-answer:
		return result, nil
	case <-ctx.Done():
		return engine.Result{}, ctx.Err()
	}
}

// close ends what still runs and waits for it.
func (f *functions) close(context.Context) error {
	f.inFlight.end()
	return nil
}

// invoke is one invocation. What Lambda does to a process that panics is done to
// the invocation alone: it fails with the same document.
func invoke(ctx context.Context, handler lambda.Handler, payload []byte) (result engine.Result) {
	result = engine.Result{StatusCode: http.StatusOK, ExecutedVersion: latest, RequestID: uuid.NewString()}
	defer func() {
		if v := recover(); v != nil {
			// The value may quote an input; its type cannot.
			fail(&result, messages.InvokeResponse_Error{Type: typeName(v), Message: "the function panicked"})
		}
	}()
	out, err := handler.Invoke(ctx, payload)
	if err != nil {
		fail(&result, document(err))
		return result
	}
	switch {
	case len(out) > maxPayload:
		tooLarge(&result)
	case len(out) == 0:
		result.Payload = []byte("null")
	default:
		result.Payload = out
	}
	return result
}

// tooLarge is what Lambda makes of an answer over its quota.
func tooLarge(result *engine.Result) {
	fail(result, messages.InvokeResponse_Error{
		Type:    "Function.ResponseSizeTooLarge",
		Message: fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload),
	})
}

// document is what the Go runtime of Lambda reports for an error: one of its own
// error type as it stands, any other under the name of its Go type.
func document(err error) messages.InvokeResponse_Error {
	if known, ok := err.(messages.InvokeResponse_Error); ok { //nolint:errorlint // as the runtime does: not unwrapped
		return known
	}
	return messages.InvokeResponse_Error{Type: typeName(err), Message: err.Error()}
}

func typeName(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

func fail(result *engine.Result, doc messages.InvokeResponse_Error) {
	body, err := json.Marshal(doc)
	if err != nil { // strings and numbers only
		panic(err)
	}
	result.FunctionError, result.Payload = "Unhandled", body
}

// invokeRemote calls the Invoke operation of the Lambda API.
func (f *functions) invokeRemote(ctx context.Context, name, qualifier string, payload []byte) (engine.Result, error) {
	address := f.endpoint + "/2015-03-31/functions/" + url.PathEscape(name) + "/invocations"
	if qualifier != "" {
		address += "?Qualifier=" + url.QueryEscape(qualifier)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(payload))
	if err != nil {
		return engine.Result{}, &engine.InvokeError{Name: "Lambda.SdkClientException", Cause: err.Error()}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
	response, err := f.client.Do(request)
	if err != nil {
		return engine.Result{}, clientException(ctx, err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end below
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPayload+1))
	if err != nil {
		return engine.Result{}, clientException(ctx, err)
	}
	if response.StatusCode/100 != 2 {
		return engine.Result{}, refusal(name, qualifier, response, body)
	}
	result := engine.Result{
		StatusCode:      response.StatusCode,
		ExecutedVersion: cmp.Or(response.Header.Get("X-Amz-Executed-Version"), latest),
		FunctionError:   response.Header.Get("X-Amz-Function-Error"),
		RequestID:       cmp.Or(response.Header.Get("X-Amzn-Requestid"), uuid.NewString()),
		Payload:         body,
	}
	if len(body) > maxPayload {
		tooLarge(&result)
	}
	return result, nil
}

// clientException is a call that got no answer.
func clientException(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return &engine.InvokeError{Name: "Lambda.ClientExecutionTimeoutException", Cause: "the Lambda endpoint did not answer in time"}
	}
	return &engine.InvokeError{Name: "Lambda.SdkClientException", Cause: "Unable to execute HTTP request: the Lambda endpoint could not be reached"}
}

// refusal is an error answer of the Lambda API.
func refusal(name, qualifier string, response *http.Response, body []byte) error {
	kind, _, _ := strings.Cut(response.Header.Get("X-Amzn-Errortype"), ":")
	var doc struct{ Message string }
	_ = json.Unmarshal(body, &doc) // an answer of another shape has no message
	switch {
	case response.StatusCode == http.StatusNotFound && doc.Message == "":
		return notFound(name, qualifier)
	case kind == "" && response.StatusCode == http.StatusNotFound:
		kind = "ResourceNotFoundException"
	case kind == "" && response.StatusCode == http.StatusTooManyRequests:
		kind = "TooManyRequestsException"
	case kind == "" && response.StatusCode >= http.StatusInternalServerError:
		kind = "ServiceException"
	case kind == "":
		kind = "AWSLambdaException"
	}
	return &engine.InvokeError{
		Name: "Lambda." + kind,
		Cause: fmt.Sprintf("%s (Service: AWSLambda; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
			doc.Message, response.StatusCode, kind, response.Header.Get("X-Amzn-Requestid")),
	}
}

// lambdaClient calls the Lambda endpoint. The longest task of Lambda takes 15
// minutes; the state's own timeout ends a call earlier by its context. The API has
// no redirects, and one that was followed would be another call.
func lambdaClient() *http.Client {
	return &http.Client{
		Timeout:       15*time.Minute + 30*time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
