package stamp

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// endpoint is the call that this activity serves.
const endpoint = "GET /api/stamp"

// Issuer makes stamps.
type Issuer interface {
	Issue(at time.Time) string
}

// issued is the answer.
type issued struct {
	Stamp     string `json:"stamp"`
	ExpiresAt string `json:"expiresAt"` // from then on it tells nothing: fetch another
}

// New makes the activity.
func New(env task.Env, issuer Issuer) *task.Handler {
	env = env.For("stamp", endpoint)
	return task.Proxy(env, task.Public, func(_ context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		if faults := task.Query(request, nil); len(faults) > 0 {
			return task.BadQuery(faults), nil
		}
		now := env.Now()
		return task.JSON(http.StatusOK, issued{Stamp: issuer.Issue(now), ExpiresAt: task.Time(now.Add(lead.StampKeep))}, nil), nil
	})
}
