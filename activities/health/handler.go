package health

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/task"
)

// timeout is how long a dependency has to answer: all are asked at once, so it
// is the longest that a call takes.
const timeout = time.Second

// Check asks one dependency for a sign of life. Its error is logged by its name
// and SQLSTATE only.
type Check struct {
	Name string // "database"
	Ask  func(context.Context) error
}

// Status is the answer. Checks is set by /health/ready alone, "ok" or "failed"
// for each dependency.
type Status struct {
	Status string            `json:"status"` // "ok" or "unavailable"
	Checks map[string]string `json:"checks,omitempty"`
}

// The words of a Status.
const (
	ok          = "ok"
	unavailable = "unavailable"
	failed      = "failed"
)

// New makes the activity of both calls: a path that ends in /ready asks the
// checks, any other answers at once.
func New(env task.Env, checks ...Check) *task.Handler {
	env = env.For("health", "GET /health")
	h := &health{env: env, checks: checks, timeout: timeout}
	return task.Proxy(env, task.Public, h.answer)
}

type health struct {
	env     task.Env
	checks  []Check
	timeout time.Duration
}

func (h *health) answer(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	if !strings.HasSuffix(strings.TrimSuffix(request.Path, "/"), "/ready") {
		return task.JSON(http.StatusOK, Status{Status: ok}, nil), nil
	}
	status := Status{Status: ok, Checks: h.ask(ctx)}
	code := http.StatusOK
	for _, result := range status.Checks {
		if result != ok {
			status.Status, code = unavailable, http.StatusServiceUnavailable
		}
	}
	return task.JSON(code, status, nil), nil
}

// ask asks all dependencies at once. One that ignores its context is not waited
// for: it counts as failed when its time is over.
func (h *health) ask(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	results := make(map[string]string, len(h.checks))
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, check := range h.checks {
		results[check.Name] = failed
	}
	for _, check := range h.checks {
		wg.Go(func() {
			answer := make(chan error, 1)
			go func() { answer <- ask(ctx, check) }()
			err := errors.New("no answer in time")
			select {
			case err = <-answer:
			case <-ctx.Done():
			}
			if err != nil {
				h.report(check.Name, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			results[check.Name] = ok
		})
	}
	wg.Wait()
	return results
}

// ask asks one dependency; one that panics did not answer.
func ask(ctx context.Context, check Check) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("the check panicked")
		}
	}()
	return check.Ask(ctx)
}

func (h *health) report(name string, err error) {
	fields := []zap.Field{zap.String("dependency", name), zap.String("error_message", "the dependency did not answer")}
	if state, ok := task.SQLState(err); ok {
		fields = append(fields, zap.String("sqlstate", state))
	}
	h.env.Log.Error("Health: dependency failed", fields...)
}
