package get

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// endpoint is the call that this activity serves.
const endpoint = "GET /api/leads/{id}"

// Store shows leads.
type Store interface {
	// View gives one lead and records the view; not found records nothing. Its
	// error is lead.ErrDatabaseUnavailable or a defect.
	View(ctx context.Context, view lead.View) (found lead.Record, ok bool, err error)
}

// record is the answer: a lead, its time in the API's format.
type record struct {
	lead.Record
	CreatedAt string `json:"createdAt"`
}

// New makes the activity. newID makes UUIDs of version 7. An id that is no UUID
// is 404 like any other that no lead has.
func New(env task.Env, store Store, newID func() (uuid.UUID, error)) *task.Handler {
	env = env.For("get", endpoint)
	return task.Proxy(env, task.GetLead, func(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		notFound := task.NewProblem(http.StatusNotFound, "There is no such lead.").Answer(nil)
		id, err := uuid.Parse(request.PathParameters["id"])
		if err != nil || id.String() != request.PathParameters["id"] {
			return notFound, nil //nolint:nilerr // what is no id is the id of nobody
		}
		entry, err := newID()
		if err != nil {
			return task.Answer{}, task.In("make ledger entry id", err)
		}
		found, ok, err := store.View(ctx, lead.View{ID: entry, LeadID: id, Subject: caller.Subject})
		switch {
		case err != nil:
			return task.Answer{}, err
		case !ok:
			return notFound, nil
		}
		return task.JSON(http.StatusOK, record{Record: found, CreatedAt: task.Time(found.CreatedAt)}, nil), nil
	})
}
