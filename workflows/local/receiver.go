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
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/workflows/gateway"
	"github.com/alquimista-ai/nigredo/workflows/local/inbox"
)

const (
	webhookPath = "/webhooks/nigredo"
	// webhookLimit is more than the receiver takes, so that the refusal is its own.
	webhookLimit = 128 << 10
)

// startReceiver serves the built-in Fibonacci receiver on a port of its own,
// loopback only, and gives its URL: the site may be public, this is not.
func (i *Instance) startReceiver(ctx context.Context, cfg settled, env task.Env, secrets func() ([]string, error)) (string, error) {
	pool, err := postgres.Open(ctx, i.databaseURL, postgres.Options{MaxConns: receiverConnections, Name: "nigredo-receiver", Relaxed: true})
	if err != nil {
		return "", err
	}
	i.later(func(context.Context) error { pool.Close(); return nil })
	events := bus{log: env.Log} // no rule matches the receiver's events: no function is called
	handler, err := fibonacci.New(env, secrets, inbox.New(pool), events)
	if err != nil {
		return "", err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.Handle("POST "+webhookPath, fibonacci.Dial(env, faults(cfg.DataDir, env.Log), proxied(handler)))
	i.serve(env.Log, server{"receiver", l, gateway.NewServer(mux)})
	url := "http://" + l.Addr().String() + webhookPath
	env.Log.Info("Local: the built-in receiver listens", zap.String("url", url))
	return url, nil
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
