package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"go.uber.org/zap"
)

// readBody reads the body up to the route's limit and not one byte past it.
func (c *call) readBody(w http.ResponseWriter) responseType {
	if c.route.contentTypes != nil && !c.acceptsType() {
		return unsupportedType
	}
	if c.request.ContentLength > c.route.maxBody {
		return tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, c.request.Body, c.route.maxBody))
	var limit *http.MaxBytesError
	switch {
	case errors.As(err, &limit):
		return tooLarge
	case err != nil, !utf8.Valid(body):
		return badBody
	}
	c.body = body
	return ""
}

// acceptsType tells whether a request template exists for the content type.
// Without a Content-Type API Gateway assumes application/json.
func (c *call) acceptsType() bool {
	header := last(c.request.Header, "Content-Type")
	if header == "" {
		header = "application/json"
	}
	mediaType, _, err := mime.ParseMediaType(header)
	return err == nil && slices.Contains(c.route.contentTypes, mediaType)
}

// integrate calls the integration and waits for it as long as its timeout says.
// The integration itself goes on after that, and after the caller has gone, as
// it does in AWS.
func (g *Gateway) integrate(c *call) (Answer, responseType) {
	ctx := context.WithoutCancel(c.request.Context())
	type result struct {
		answer Answer
		err    error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if p := recover(); p != nil {
				r = result{err: fmt.Errorf("integration of %s %s panicked", c.route.method, c.route.resource)}
			}
			done <- r
		}()
		if c.route.machine != "" {
			r.answer, r.err = g.startSync(ctx, c)
		} else {
			r.answer, r.err = g.invoke(ctx, c)
		}
	}()
	timeout := time.NewTimer(c.route.timeout)
	defer timeout.Stop()
	select {
	case r := <-done:
		if r.err != nil {
			g.cfg.Log.Error("Gateway: integration failed", zap.String("request_id", c.id),
				zap.String("resource", c.route.resource), zap.NamedError("error_message", r.err))
			return Answer{}, integrationFailure
		}
		return r.answer, ""
	case <-timeout.C:
		g.cfg.Log.Error("Gateway: integration timed out", zap.String("request_id", c.id), zap.String("resource", c.route.resource))
		return Answer{}, integrationTimeout
	}
}

func (g *Gateway) startSync(ctx context.Context, c *call) (Answer, error) {
	in := NewIntake(Request{Header: c.header(), Body: string(c.body), SourceIP: c.sourceIP, RequestID: c.id})
	execution, err := g.cfg.StartSync(ctx, c.route.machine, in.JSON())
	var refused *StartError
	switch {
	case errors.As(err, &refused):
		g.cfg.Log.Error("Gateway: execution not started", zap.String("request_id", c.id), zap.String("error_type", refused.Type))
		return UnwrapError(refused), nil
	case err != nil:
		return Answer{}, err
	}
	answer := Unwrap(execution)
	if answer.StatusCode >= http.StatusInternalServerError {
		g.cfg.Log.Error("Gateway: execution answered with an error", zap.String("request_id", c.id),
			zap.String("status", execution.Status), zap.Int("status_code", answer.StatusCode))
	}
	return answer, nil
}

func (g *Gateway) invoke(ctx context.Context, c *call) (Answer, error) {
	payload, err := json.Marshal(g.proxyRequest(c))
	if err != nil {
		return Answer{}, fmt.Errorf("encode proxy event: %w", err)
	}
	out, err := g.cfg.Invoke(ctx, c.route.function, payload)
	if err != nil {
		return Answer{}, err
	}
	var response events.APIGatewayProxyResponse
	if err := json.Unmarshal(out, &response); err != nil {
		return Answer{}, fmt.Errorf("decode proxy response: %w", err)
	}
	return proxyAnswer(response)
}
