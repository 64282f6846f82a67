package release

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// endpoint is the call that this activity serves.
const endpoint = "POST /api/leads/{id}/release"

// Store releases leads. Its errors are lead.ErrDatabaseUnavailable or defects.
type Store interface {
	// ReleaseLead makes a quarantined lead accepted and its delivery due, all or
	// nothing; see lead.Released.
	ReleaseLead(ctx context.Context, r lead.Release) (lead.Released, error)
}

// Starter starts machines.
type Starter interface {
	// StartDelivery starts the machine fibonacci_delivery on one event, under a name.
	// A name that is taken is success.
	StartDelivery(ctx context.Context, name string, id lead.ID, event uuid.UUID) error
}

// released is the answer.
type released struct {
	ID         string `json:"id"`
	Reference  string `json:"reference"`
	Status     string `json:"status"`
	ReleasedAt string `json:"releasedAt"`
	Started    bool   `json:"started"` // false: the sweep starts the delivery
}

// New makes the activity. newID makes UUIDs of version 7.
func New(env task.Env, store Store, starter Starter, newID func() (uuid.UUID, error)) *task.Handler {
	env = env.For("release", endpoint)
	r := releaser{env: env, store: store, starter: starter, newID: newID}
	return task.Proxy(env, task.ReleaseLead, task.NoQuery(r.serve))
}

type releaser struct {
	env     task.Env
	store   Store
	starter Starter
	newID   func() (uuid.UUID, error)
}

func (r releaser) serve(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	id, err := uuid.Parse(request.PathParameters["id"])
	if err != nil || id.String() != request.PathParameters["id"] {
		return noLead(), nil //nolint:nilerr // what is no id is the id of nobody
	}
	reason, refused := task.ReadReason(request.Body)
	if refused != nil {
		return refused.Answer(nil), nil
	}
	entry, err := r.newID()
	if err != nil {
		return task.Answer{}, task.In("make ledger entry id", err)
	}
	done, err := r.store.ReleaseLead(ctx, lead.Release{ID: entry, LeadID: id, Subject: caller.Subject, Reason: reason})
	switch {
	case err != nil:
		return task.Answer{}, err
	case !done.Found:
		return noLead(), nil
	case !done.Done && done.Earlier:
		return conflict("The lead was released already; it is " + string(done.Status) + "."), nil
	case !done.Done:
		return conflict("The lead is not quarantined; it is " + string(done.Status) + "."), nil
	}
	return task.JSON(http.StatusOK, released{
		ID: id.String(), Reference: done.Reference, Status: string(done.Status),
		ReleasedAt: task.Time(done.At), Started: r.start(ctx, id, entry, done),
	}, nil), nil
}

// start tells whether the delivery was started.
func (r releaser) start(ctx context.Context, id lead.ID, entry uuid.UUID, done lead.Released) bool {
	if done.EventID == uuid.Nil {
		return false // the delivery runs already, or its row is lost, which the sweep restores
	}
	// The sweep starts it under the same name, see Work.
	name := "lead-" + id.String()
	if done.Taken {
		name += "-" + entry.String()
	}
	err := r.starter.StartDelivery(ctx, name, id, done.EventID)
	if err != nil {
		r.env.Log.Warn("Release: delivery not started, the sweep starts it",
			zap.Stringer("lead_id", id), zap.NamedError("error_message", err))
	}
	return err == nil
}

func noLead() task.Answer {
	return task.NewProblem(http.StatusNotFound, "There is no such lead.").Answer(nil)
}

func conflict(detail string) task.Answer {
	return task.NewProblem(http.StatusConflict, detail).Answer(nil)
}
