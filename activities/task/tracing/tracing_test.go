package tracing

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"go.opentelemetry.io/otel/attribute"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"
)

const (
	parentHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	execution    = "arn:aws:states:sa-east-1:111122223333:execution:fibonacci_delivery:lead-1"
	leadID       = "0192aa11-2233-7444-8555-666677778888"
	payload      = `{"execution":"` + execution + `","leadId":"` + leadID + `","name":"Ana Marker","request":{"body":"ana@marker.example","sourceIp":"203.0.113.7"}}`
)

type handlerFunc func(context.Context, []byte) ([]byte, error)

func (f handlerFunc) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	return f(ctx, payload)
}

// invocation is the context that aws-lambda-go makes.
func invocation(ctx context.Context, header string) context.Context {
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{
		AwsRequestID: "8476a536-e9f4-11e8-9739-2dfe598c3fcd", InvokedFunctionArn: "arn:aws:lambda:sa-east-1:111122223333:function:NigredoStack-prod-Deliver:live",
	})
	return context.WithValue(ctx, traceKey, header) //nolint:staticcheck // the key is aws-lambda-go's
}

// post is one request that a collector got.
type post struct {
	path   string
	header http.Header
	body   []byte
}

// receive is a collector that takes everything.
func receive(t *testing.T) (address string, posts chan post) {
	t.Helper()
	posts = make(chan post, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		posts <- post{r.URL.Path, r.Header, body}
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	return server.URL, posts
}

func (p post) span(t *testing.T) (*tracepb.Span, map[string]string) {
	t.Helper()
	var request collector.ExportTraceServiceRequest
	if err := proto.Unmarshal(p.body, &request); err != nil {
		t.Fatal(err)
	}
	if len(request.ResourceSpans) != 1 || len(request.ResourceSpans[0].ScopeSpans) != 1 || len(request.ResourceSpans[0].ScopeSpans[0].Spans) != 1 {
		t.Fatalf("not one span: %v", &request)
	}
	return request.ResourceSpans[0].ScopeSpans[0].Spans[0], attributes(request.ResourceSpans[0].Resource.Attributes)
}

func attributes(list []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range list {
		m[a.Key] = a.Value.GetStringValue()
	}
	return m
}

func inFunction(t *testing.T) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_LAMBDA_FUNCTION_NAME": "NigredoStack-prod-Deliver", "AWS_LAMBDA_FUNCTION_VERSION": "7", "AWS_REGION": "sa-east-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": "session",
	} {
		t.Setenv(name, value)
	}
}

func equal(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for name := range got {
		if got[name] != want[name] {
			t.Errorf("%s %s = %q, want %q", what, name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}

func TestWrap_ExportsOneSpanWithNothingOfAPerson(t *testing.T) {
	inFunction(t)
	address, posts := receive(t)
	failure := messages.InvokeResponse_Error{Type: "Fibonacci.Unavailable", Message: "ana@marker.example"}
	handler, err := Wrap(t.Context(), handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, failure }), "deliver", address, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	_, err = handler.Invoke(invocation(t.Context(), parentHeader), []byte(payload))
	if told, ok := err.(messages.InvokeResponse_Error); !ok || told.Type != failure.Type || told.Message != failure.Message { //nolint:errorlint // the runtime does not unwrap
		t.Errorf("error %v, want it as it was", err)
	}
	got := <-posts
	if got.path != "/v1/traces" || got.header.Get("Content-Type") != "application/x-protobuf" || got.header.Get("Authorization") != "" {
		t.Errorf("%s %v", got.path, got.header)
	}
	if strings.Contains(strings.ToLower(string(got.body)), "marker") || strings.Contains(string(got.body), "203.0.113.7") || strings.Contains(string(got.body), "s3cret") {
		t.Errorf("the span names a person or a secret: %q", got.body)
	}
	span, resource := got.span(t)
	if span.Name != "NigredoStack-prod-Deliver" || span.Kind != tracepb.Span_SPAN_KIND_SERVER {
		t.Errorf("span %s, %s", span.Name, span.Kind)
	}
	if hex := span.TraceId; string(hex) != "\x57\x59\xe9\x88\xbd\x86\x2e\x3f\xe1\xbe\x46\xa9\x94\x27\x27\x93" {
		t.Errorf("trace %x", hex)
	}
	if parent := span.ParentSpanId; string(parent) != "\x53\x99\x5c\x3f\x42\xcd\x8a\xd8" {
		t.Errorf("parent %x", parent)
	}
	if span.Status.GetCode() != tracepb.Status_STATUS_CODE_ERROR || span.Status.GetMessage() != "Fibonacci.Unavailable" || len(span.Events) != 0 {
		t.Errorf("status %v, events %v", span.Status, span.Events)
	}
	equal(t, "attribute", attributes(span.Attributes), map[string]string{
		"activity": "deliver", "execution_arn": execution, "lead_id": leadID,
		"faas.invocation_id":     "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
		"aws.lambda.invoked_arn": "arn:aws:lambda:sa-east-1:111122223333:function:NigredoStack-prod-Deliver:live",
		"cloud.account.id":       "111122223333",
	})
	equal(t, "resource", resource, map[string]string{
		"service.name": "NigredoStack-prod-Deliver", "faas.name": "NigredoStack-prod-Deliver", "faas.version": "7",
		"cloud.provider": "aws", "cloud.platform": "aws_lambda", "cloud.region": "sa-east-1",
	})
}

func TestWrap_SignsForXRay(t *testing.T) {
	inFunction(t)
	address, posts := receive(t)
	t.Setenv("AWS_ENDPOINT_URL_XRAY", address)
	handler, err := Wrap(t.Context(), handlerFunc(func(context.Context, []byte) ([]byte, error) { return []byte("{}"), nil }), "deliver", "xray", zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := handler.Invoke(invocation(t.Context(), parentHeader), []byte(payload)); err != nil || string(out) != "{}" {
		t.Errorf("%s, %v", out, err)
	}
	got := <-posts
	signature := got.header.Get("Authorization")
	if !strings.HasPrefix(signature, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(signature, "/sa-east-1/xray/aws4_request") ||
		!strings.Contains(signature, "content-type;host") || got.header.Get("X-Amz-Security-Token") != "session" || got.header.Get("X-Amz-Date") == "" {
		t.Errorf("headers %v", got.header)
	}
	if span, _ := got.span(t); span.Status.GetCode() != tracepb.Status_STATUS_CODE_UNSET {
		t.Errorf("status %v", span.Status)
	}
}

func TestXRay_AddressOfTheRegion(t *testing.T) {
	inFunction(t)
	if _, address, err := xray(nil); err != nil || address != "https://xray.sa-east-1.amazonaws.com/v1/traces" {
		t.Errorf("%s, %v", address, err)
	}
}

func TestWrap_KeepsTheDecisionNotToSample(t *testing.T) {
	inFunction(t)
	address, posts := receive(t)
	handler, err := Wrap(t.Context(), handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil }), "deliver", address, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{strings.Replace(parentHeader, "Sampled=1", "Sampled=0", 1), parentHeader} {
		if _, err := handler.Invoke(invocation(t.Context(), header), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
	<-posts // of the second
	if len(posts) != 0 {
		t.Error("the span of a trace that is not sampled went out")
	}
}

// hanging is a collector that takes the connection and says nothing.
type hanging struct{}

func (hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// Time in the bubble is not real: what is measured is exact.
func TestWrap_ACollectorThatHangsCostsNoMoreThanPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const work = 7 * time.Millisecond
		handler, provider, err := wrap(t.Context(), handlerFunc(func(context.Context, []byte) ([]byte, error) {
			time.Sleep(work)
			return []byte("{}"), nil
		}), "deliver", "https://collector.example/v1/traces", &http.Client{Transport: hanging{}, Timeout: exportTimeout}, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		// Far more than the queue holds: neither a full one nor an export under way waits longer.
		for i := range 3 * queue {
			before := time.Now()
			out, err := handler.Invoke(invocation(t.Context(), parentHeader), []byte(payload))
			if took := time.Since(before); err != nil || string(out) != "{}" || took > work+Patience {
				t.Fatalf("call %d: %s, %v after %s", i, out, err, took)
			}
		}
		_ = provider.Shutdown(context.WithoutCancel(t.Context())) // the collector hangs to the end
	})
}

func TestWrap_OffIsNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	original := handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil })
	handler, err := Wrap(t.Context(), &original, "deliver", "", nil)
	if err != nil || handler != lambda.Handler(&original) {
		t.Errorf("%v, %v: want the handler itself", handler, err)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, before %d", after, before)
	}
}

func TestWrap_RefusesAnAddressThatIsNone(t *testing.T) {
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_DEFAULT_REGION", "")
	for _, endpoint := range []string{"collector", "http://collector.example", "ftp://x", "https://", "xray", "https://s3cret@["} {
		_, err := Wrap(t.Context(), nil, "deliver", endpoint, zap.NewNop())
		if err == nil || !strings.HasPrefix(err.Error(), "NIGREDO_TRACES_ENDPOINT: ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		parentHeader: true,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8": true,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1":               false,
		"Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8": false,
		"Root=1-5759e988;Parent=53995c3f42cd8ad8":                          false,
		"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=xyz":              false,
		"": false,
	} {
		if _, ok := parse(header); ok != want {
			t.Errorf("%q: %t", header, ok)
		}
	}
}

func TestSubject_ReadsNothingThatIsNotAnID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]attribute.KeyValue{
		payload: {attribute.String("execution_arn", execution), attribute.String("lead_id", leadID)},
		`{"execution":"ana@marker.example","leadId":"Ana"}`: nil,
		`{"execution":"` + execution + ` Ana"}`:             nil,
		`{"execution":7,"leadId":"` + leadID + `"}`:         {attribute.String("lead_id", leadID)},
		`[]`:                    nil,
		`{"lead_id":"` + leadID: nil,
	} {
		got := subject([]byte(in))
		if len(got) != len(want) {
			t.Errorf("%s: %v, want %v", in, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", in, got, want)
			}
		}
	}
}

// With tracing off an invocation costs what the handler costs: compare Off and Bare.
func BenchmarkInvoke(b *testing.B) {
	bare := handlerFunc(func(context.Context, []byte) ([]byte, error) { return nil, nil })
	off, err := Wrap(b.Context(), bare, "deliver", "", nil)
	if err != nil {
		b.Fatal(err)
	}
	for name, handler := range map[string]lambda.Handler{"Bare": bare, "Off": off} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			ctx := invocation(b.Context(), parentHeader)
			for b.Loop() {
				_, _ = handler.Invoke(ctx, nil)
			}
		})
	}
}
