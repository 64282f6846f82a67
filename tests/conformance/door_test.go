package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// door is a way to the API. Members and answers are JSON as on the wire.
type door interface {
	call(t *testing.T, operation string, members []byte) (answer any, refused *refusal)
	// post sends a request that no SDK would send.
	post(t *testing.T, operation, body string) (answer any, refused *refusal)
	close()
}

// direct calls the API's handler as a function.
type direct struct{ handler http.Handler }

func (d direct) call(t *testing.T, operation string, members []byte) (any, *refusal) {
	t.Helper()
	return d.post(t, operation, string(members))
}

func (d direct) post(t *testing.T, operation, body string) (any, *refusal) {
	t.Helper()
	recorder := httptest.NewRecorder()
	d.handler.ServeHTTP(recorder, newRequest(operation, body))
	return answerOf(t, operation, recorder.Code, recorder.Body.Bytes())
}

func (d direct) close() {}

func newRequest(operation, body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", strings.NewReader(body))
	req.RequestURI = "" // of a server; a client refuses it
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AWSStepFunctions."+operation)
	return req
}

func answerOf(t *testing.T, operation string, status int, body []byte) (any, *refusal) {
	t.Helper()
	if status != http.StatusOK {
		var failed struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		if err := json.Unmarshal(body, &failed); err != nil || status != http.StatusBadRequest {
			t.Errorf("%s: HTTP %d %s, %v", operation, status, body, err)
		}
		_, name, _ := strings.Cut(failed.Type, "#")
		return nil, &refusal{name, failed.Message}
	}
	return unmark(t, decode(t, body)), nil
}

var marker = regexp.MustCompile(`^com\.amazonaws\.swf\.base\.model#[A-Z][A-Za-z]+$`)

// unmark takes the "__type" out of an answer's objects: the service writes the name of a
// class there, which SDKs drop. Every event has one (recordings of radkawar/stackd).
func unmark(t *testing.T, value any) any {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			out[key] = unmark(t, member)
		}
		name, marked := v["__type"].(string)
		if _, event := v["previousEventId"]; event && name != "com.amazonaws.swf.base.model#HistoryEvent" {
			t.Errorf("__type of an event is %q", name)
		}
		if marked && marker.MatchString(name) {
			delete(out, "__type")
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = unmark(t, item)
		}
		return out
	}
	return value
}

func decode(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	return value
}

// overHTTP calls the API through the AWS SDK and an HTTP server; the network between
// the two is in memory, so that both may live in the bubble of fake time.
type overHTTP struct {
	server *http.Server
	http   *http.Client
	sdk    *client.Client
	last   []byte // the body of the last answer
}

func serve(t *testing.T, handler http.Handler) *overHTTP {
	t.Helper()
	network := &pipes{conns: make(chan net.Conn), done: make(chan struct{})}
	transport := &http.Transport{DialContext: network.dial}
	o := &overHTTP{server: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, http: &http.Client{Transport: transport}}
	go func() { _ = o.server.Serve(network) }() // ends with close
	endpoint := "http://127.0.0.1"
	o.sdk = client.New(client.Options{
		Region: enginetest.Region, BaseEndpoint: &endpoint, RetryMaxAttempts: 1, HTTPClient: o,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
		APIOptions:  []func(*middleware.Stack) error{withoutHostPrefix, withoutValidation},
	})
	return o
}

// withoutHostPrefix keeps the SDK from putting sync- before the host. It has to be
// a middleware: the SDK clears such values when a call begins.
func withoutHostPrefix(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("WithoutHostPrefix",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(smithyhttp.DisableEndpointHostPrefix(ctx, true), in)
		}), middleware.After)
}

// withoutValidation lets requests through that lack members: the server's refusal is
// what is looked at.
func withoutValidation(stack *middleware.Stack) error {
	_, _ = stack.Initialize.Remove("OperationInputValidation") // operations without required members have none
	return nil
}

// Do implements the SDK's HTTPClient and keeps what came back.
func (o *overHTTP) Do(req *http.Request) (*http.Response, error) {
	res, err := o.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	o.last, err = io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(o.last))
	return res, err
}

// call finds the operation's method by its name: the members of an SDK's input are
// called as on the wire, but for the first letter.
func (o *overHTTP) call(t *testing.T, operation string, members []byte) (any, *refusal) {
	t.Helper()
	method := reflect.ValueOf(o.sdk).MethodByName(operation)
	if !method.IsValid() {
		t.Fatalf("the SDK has no operation %s", operation)
	}
	in := reflect.New(method.Type().In(1).Elem())
	decoder := json.NewDecoder(bytes.NewReader(members))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(in.Interface()); err != nil {
		t.Fatalf("%s %s: %v", operation, members, err)
	}
	returned := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), in})
	if err, failed := returned[1].Interface().(error); failed {
		var api smithy.APIError
		if !errors.As(err, &api) {
			t.Fatalf("%s: %v", operation, err)
		}
		return nil, &refusal{api.ErrorCode(), api.ErrorMessage()}
	}
	sent := unmark(t, decode(t, o.last))
	if read, _ := wireOf(returned[0]); !reflect.DeepEqual(read, sent) {
		t.Errorf("%s: the SDK reads\n     %s\nfrom %s", operation, compact(read), compact(sent))
	}
	return sent, nil
}

func (o *overHTTP) post(t *testing.T, operation, body string) (any, *refusal) {
	t.Helper()
	res, err := o.http.Do(newRequest(operation, body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answerOf(t, operation, res.StatusCode, raw)
}

func (o *overHTTP) close() {
	_ = o.server.Close()
	o.http.CloseIdleConnections()
}

// wireOf turns an SDK's value into JSON as on the wire; false: it is absent there.
func wireOf(v reflect.Value) (any, bool) {
	if at, ok := v.Interface().(time.Time); ok {
		return float64(at.UnixMilli()) / 1000, true
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, false
		}
		if text, ok := v.Interface().(*string); ok {
			return *text, true
		}
		return wireOf(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() || field.Name == "ResultMetadata" {
				continue
			}
			if member, ok := wireOf(v.Field(i)); ok {
				out[strings.ToLower(field.Name[:1])+field.Name[1:]] = member
			}
		}
		return out, true
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i], _ = wireOf(v.Index(i))
		}
		return out, !v.IsNil()
	case reflect.Map:
		out := map[string]any{}
		for entries := v.MapRange(); entries.Next(); {
			out[entries.Key().String()], _ = wireOf(entries.Value())
		}
		return out, !v.IsNil()
	case reflect.String: // an enumeration, empty when absent, or an element
		return v.String(), v.String() != ""
	case reflect.Bool:
		return v.Bool(), true
	default:
		return float64(v.Int()), true
	}
}

// pipes is a network of one listener.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener; http.Server calls it once.
func (p *pipes) Close() error {
	close(p.done)
	return nil
}

// Addr implements net.Listener.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }
