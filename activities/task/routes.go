package task

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

// Route is one call of an activity that serves several.
type Route struct {
	Operation Operation
	Serve     func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error)
}

// Routes makes the handler of an activity that serves several calls, each under
// the name it has in the OpenAPI document ("POST /api/redrives/{id}/pause"): that
// is what its metrics carry. Each is as Proxy has it. A call that is not among
// them is 404.
func Routes(env Env, activity string, routes map[string]Route) lambda.Handler {
	r := router{handlers: make(map[string]*Handler, len(routes))}
	for call, route := range routes {
		r.handlers[call] = Proxy(env.For(activity, call), route.Operation, route.Serve)
	}
	r.otherwise = Proxy(env.For(activity, ""), Public, func(context.Context, Caller, events.APIGatewayProxyRequest) (Answer, error) {
		return NewProblem(http.StatusNotFound, "There is nothing at this address for this method.").Answer(nil), nil
	})
	return r
}

type router struct {
	handlers  map[string]*Handler
	otherwise *Handler
}

// Invoke implements lambda.Handler.
func (r router) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var request struct{ HTTPMethod, Resource string }
	_ = json.Unmarshal(payload, &request) // a payload that is no request gets its error from the handler
	if h, ok := r.handlers[request.HTTPMethod+" "+request.Resource]; ok {
		return h.Invoke(ctx, payload)
	}
	return r.otherwise.Invoke(ctx, payload)
}
