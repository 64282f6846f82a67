package task

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Proxy makes the handler of an API call by Lambda proxy integration. It refuses
// a caller without the role that op needs (401 without a caller, 403 without the
// role) before f runs, times the call, and answers an error of f with a problem
// document: 503 while the database is away, 500 otherwise. The invocation itself
// fails only on a panic. env must come from Env.For with the endpoint.
func Proxy(env Env, op Operation, f func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error)) *Handler {
	h := &Handler{env: env}
	inner := Event(env, func(ctx context.Context, request events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
		started := env.Now()
		answer := h.serve(ctx, op, request, f)
		env.Metrics.Request(env.Endpoint, started, answer.StatusCode)
		return answer.proxy(), nil
	})
	h.call = inner.call
	return h
}

func (h *Handler) serve(ctx context.Context, op Operation, request events.APIGatewayProxyRequest, f func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error)) Answer {
	caller := callerOf(request)
	if !caller.may(op) {
		if caller.Subject == "" {
			return NewProblem(http.StatusUnauthorized, "Sign in to use this call.").Answer(nil)
		}
		return NewProblem(http.StatusForbidden, "Your role does not allow this call.").Answer(nil)
	}
	answer, err := f(ctx, caller, request)
	if err == nil {
		return answer
	}
	h.log(adapt(err), err, nil)
	if errors.Is(err, lead.ErrDatabaseUnavailable) {
		return NewProblem(http.StatusServiceUnavailable, "The data could not be read just now. Try again in a few seconds.").
			Answer(map[string]string{"Retry-After": "5"})
	}
	return NewProblem(http.StatusInternalServerError, "The call failed for a reason of ours. It was recorded.").Answer(nil)
}
