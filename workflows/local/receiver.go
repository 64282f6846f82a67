package local

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/workflows/gateway"
)

const (
	webhookPath = "/webhooks/nigredo"
	// webhookLimit is more than the receiver takes, so that the refusal is its own.
	webhookLimit = 128 << 10
	// rememberedEvents is how many ids the built-in receiver knows again.
	rememberedEvents = 100_000
)

// startReceiver serves the built-in Fibonacci receiver on a port of its own,
// loopback only, and gives its URL: the site may be public, this is not.
func (i *Instance) startReceiver(ctx context.Context, env task.Env, webhookSecrets []string) (string, error) {
	handler, err := fibonacci.New(env, webhookSecrets, fibonacci.NewMemory(rememberedEvents), logged{env.Log})
	if err != nil {
		return "", err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+webhookPath, proxied(handler))
	i.serve(env.Log, server{"receiver", l, gateway.NewServer(mux)})
	return "http://" + l.Addr().String() + webhookPath, nil
}

// logged takes the place of EventBridge: an event that was taken is a log line,
// by its ids.
type logged struct{ log *zap.Logger }

// Put implements fibonacci.Sink.
func (l logged) Put(_ context.Context, event fibonacci.Event) error {
	l.log.Info("Fibonacci: event put on the bus", zap.String("webhook_id", event.WebhookID), zap.String("type", event.Type))
	return nil
}

// proxied calls a function of a Lambda proxy integration for a request.
func proxied(handler lambda.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhookLimit))
		if err != nil {
			http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
			return
		}
		response, err := callProxy(r.Context(), handler, events.APIGatewayProxyRequest{
			HTTPMethod: r.Method, Path: r.URL.Path, MultiValueHeaders: r.Header, Body: string(body),
		})
		if err != nil {
			http.Error(w, http.StatusText(http.StatusBadGateway), http.StatusBadGateway)
			return
		}
		for name, value := range response.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(response.StatusCode)
		_, _ = io.WriteString(w, response.Body) // the caller is gone
	})
}

func callProxy(ctx context.Context, handler lambda.Handler, request events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	var response events.APIGatewayProxyResponse
	payload, err := json.Marshal(request)
	if err != nil {
		return response, err
	}
	out, err := handler.Invoke(ctx, payload)
	if err != nil {
		return response, err
	}
	return response, json.Unmarshal(out, &response)
}
