// Package tracing exports one span for each invocation of a function over OTLP/HTTP, with
// otellambda. A span says which activity ran for which execution and lead, how long, and
// under which name it failed; nothing else of a payload is read into it. Its parent is
// Lambda's own, out of X-Amzn-Trace-Id, whose sampling decision holds.
//
// The span goes out at the end of the invocation, which waits for it no longer than
// Patience; see infra/adr/0019.
package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
)

const (
	// Patience is how long an answer waits for its span to go out.
	Patience = 50 * time.Millisecond

	// What a collector does not take in this time is dropped; it is not tried again.
	exportTimeout = 2 * time.Second
	// While it does not, so many spans wait.
	queue = 64
)

// Wrap gives a handler that traces. endpoint is the address of a collector, to which
// /v1/traces is added when it has no path; "xray" is AWS's own in the function's region,
// with signed requests; empty gives the handler itself, and nothing is made or started.
// Errors name no more than the variable.
func Wrap(ctx context.Context, handler lambda.Handler, activity, endpoint string, log *zap.Logger) (lambda.Handler, error) {
	if endpoint == "" {
		return handler, nil
	}
	client := &http.Client{Timeout: exportTimeout}
	if endpoint == "xray" {
		signed, address, err := xray(http.DefaultTransport)
		if err != nil {
			return nil, err
		}
		client.Transport, endpoint = signed, address
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("NIGREDO_TRACES_ENDPOINT: want xray or an https address")
	}
	if u.Path == "" || u.Path == "/" {
		u.Path = "/v1/traces"
	}
	traced, _, err := wrap(ctx, handler, activity, u.String(), client, log)
	return traced, err
}

// loopback allows a collector beside the program, without TLS.
func loopback(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }

// wrap also gives the provider, whose goroutine lives as long as a function's process.
func wrap(ctx context.Context, handler lambda.Handler, activity, endpoint string, client *http.Client, log *zap.Logger) (lambda.Handler, *sdktrace.TracerProvider, error) {
	exporter, err := otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(endpoint), otlptracehttp.WithHTTPClient(client), otlptracehttp.WithTimeout(exportTimeout),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}))
	if err != nil {
		return nil, nil, fmt.Errorf("NIGREDO_TRACES_ENDPOINT: %w", err)
	}
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(exporter, sdktrace.WithExportTimeout(exportTimeout), sdktrace.WithMaxQueueSize(queue), sdktrace.WithMaxExportBatchSize(queue)),
		// Who called decides; a call that nobody traces gets a trace of its own.
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())),
		sdktrace.WithResource(function()),
	)
	// The text of an export error may quote what the collector answered.
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {
		log.Warn("Task: spans were not exported", zap.String("activity", activity))
	}))
	return otellambda.WrapHandler(noting{handler},
		otellambda.WithTracerProvider(provider),
		otellambda.WithPropagator(propagator{}),
		otellambda.WithFlusher(bounded{provider}),
		otellambda.WithTraceAttributeFn(func(payload []byte) []attribute.KeyValue {
			return append(subject(payload), attribute.String("activity", activity))
		}),
	), provider, nil
}

// function is what every span of this process has in common, out of what Lambda says of
// itself. AWS's names (OpenTelemetry's semantic conventions, resource/faas and cloud).
func function() *resource.Resource {
	name := os.Getenv("AWS_LAMBDA_FUNCTION_NAME")
	return resource.NewSchemaless(
		attribute.String("service.name", name),
		attribute.String("faas.name", name),
		attribute.String("faas.version", os.Getenv("AWS_LAMBDA_FUNCTION_VERSION")),
		attribute.String("cloud.provider", "aws"),
		attribute.String("cloud.platform", "aws_lambda"),
		attribute.String("cloud.region", os.Getenv("AWS_REGION")),
	)
}

// noting marks the span of a call that failed with the name of its error.
type noting struct{ handler lambda.Handler }

// Invoke implements lambda.Handler.
func (n noting) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	out, err := n.handler.Invoke(ctx, payload)
	if err != nil {
		name := "error"
		var told messages.InvokeResponse_Error
		if errors.As(err, &told) {
			name = told.Type
		}
		trace.SpanFromContext(ctx).SetStatus(codes.Error, name)
	}
	return out, err
}

// bounded flushes for no longer than Patience, whatever the invocation has left. A span
// that is not out by then follows with the next one.
type bounded struct{ provider *sdktrace.TracerProvider }

// ForceFlush implements otellambda.Flusher. It reports nothing: the error handler does.
func (b bounded) ForceFlush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
	defer cancel()
	_ = b.provider.ForceFlush(ctx) // told by the error handler
	return nil
}

// maxExecution is the longest ARN of an execution that is told. The pattern does not count
// so far: that made it a thousand times as large, and every start 4 ms longer.
const maxExecution = 350

var executionForm = regexp.MustCompile(`^arn:aws[a-z-]*:states:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9:._-]+$`)

// subject reads which execution and which lead a payload is about, where it has the form
// of such a thing: whatever else it holds may be a person's.
func subject(payload []byte) []attribute.KeyValue {
	var in struct {
		Execution string `json:"execution"`
		LeadID    string `json:"leadId"`
	}
	_ = json.Unmarshal(payload, &in) // a payload of another shape is about neither
	var found []attribute.KeyValue
	if len(in.Execution) <= maxExecution && executionForm.MatchString(in.Execution) {
		found = append(found, attribute.String("execution_arn", in.Execution))
	}
	if id, err := uuid.Parse(in.LeadID); err == nil {
		found = append(found, attribute.String("lead_id", id.String()))
	}
	return found
}
