package tracing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// traceKey is where aws-lambda-go puts Lambda's trace header into the context, and
// traceHeader its name on the wire.
const (
	traceKey    = "x-amzn-trace-id"
	traceHeader = "X-Amzn-Trace-Id"
)

// propagator reads the parent of an invocation out of its context. The propagator of
// OpenTelemetry's contrib is no longer maintained.
type propagator struct{}

// Extract implements propagation.TextMapPropagator; a carrier has nothing to say.
func (propagator) Extract(ctx context.Context, _ propagation.TextMapCarrier) context.Context {
	header, _ := ctx.Value(traceKey).(string)
	if parent, ok := parse(header); ok {
		return trace.ContextWithRemoteSpanContext(ctx, parent)
	}
	return ctx
}

// Inject implements propagation.TextMapPropagator: no call of ours carries a trace on.
func (propagator) Inject(context.Context, propagation.TextMapCarrier) {}

// Fields implements propagation.TextMapPropagator.
func (propagator) Fields() []string { return []string{traceHeader} }

// parse reads "Root=1-<8 digits>-<24 digits>;Parent=<16 digits>;Sampled=1". Without a
// decision the trace is not sampled, as in AWS's own agents.
func parse(header string) (trace.SpanContext, bool) {
	var parent trace.SpanContextConfig
	for field := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		var err error
		switch name {
		case "Root":
			version, digits, _ := strings.Cut(value, "-")
			if version != "1" {
				return trace.SpanContext{}, false
			}
			parent.TraceID, err = trace.TraceIDFromHex(strings.Replace(digits, "-", "", 1))
		case "Parent":
			parent.SpanID, err = trace.SpanIDFromHex(value)
		case "Sampled":
			if value == "1" {
				parent.TraceFlags = trace.FlagsSampled
			}
		}
		if err != nil {
			return trace.SpanContext{}, false
		}
	}
	span := trace.NewSpanContext(parent)
	return span, span.IsValid()
}

// signing signs requests for AWS (SigV4, service xray) with the function's credentials.
type signing struct {
	next    http.RoundTripper
	signer  *v4.Signer
	region  string
	account aws.Credentials
}

// xray gives what sends to X-Ray's OTLP endpoint, and its address.
func xray(next http.RoundTripper) (http.RoundTripper, string, error) {
	region := os.Getenv("AWS_REGION")
	account := aws.Credentials{
		AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"), SessionToken: os.Getenv("AWS_SESSION_TOKEN"),
	}
	if region == "" || !account.HasKeys() {
		return nil, "", errors.New("NIGREDO_TRACES_ENDPOINT: xray needs AWS_REGION and AWS's credentials")
	}
	address := fmt.Sprintf("https://xray.%s.amazonaws.com/v1/traces", region)
	// For tests, by the name that AWS's own clients read.
	if other := os.Getenv("AWS_ENDPOINT_URL_XRAY"); other != "" {
		address = other + "/v1/traces"
	}
	return signing{next: next, signer: v4.NewSigner(), region: region, account: account}, address, nil
}

// RoundTrip implements http.RoundTripper.
func (s signing) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	signed := request.Clone(request.Context())
	signed.Body, signed.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	hash := sha256.Sum256(body)
	if err := s.signer.SignHTTP(signed.Context(), s.account, signed, hex.EncodeToString(hash[:]), "xray", s.region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign spans: %w", err)
	}
	return s.next.RoundTrip(signed)
}
