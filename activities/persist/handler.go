package persist

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store makes leads.
type Store interface {
	// Accept makes the lead if a.Execution holds the reservation of its key, all or
	// nothing, and gives the time of acceptance.
	Accept(ctx context.Context, a lead.Accepted) (at time.Time, held bool, err error)
	// Reserve claims the key again, see ratelimit.
	Reserve(ctx context.Context, submission lead.Submission, owner string) (lead.Reservation, error)
	// Release gives a reservation back; one that is completed stays.
	Release(ctx context.Context, key lead.Key, owner string) error
}

// Result is what lead_intake goes on with.
type Result struct {
	Outcome string      `json:"outcome"` // always accepted
	LeadID  string      `json:"leadId"`
	EventID string      `json:"eventId"`
	Deliver bool        `json:"deliver"` // false: quarantined
	Answer  task.Answer `json:"answer"`
}

// releaseTimeout bounds what is done for a reservation after its post failed; it
// is void after 30 seconds anyway.
const releaseTimeout = 300 * time.Millisecond

// New makes the activity. newID makes UUIDs of version 7.
func New(env task.Env, store Store, newID func() (uuid.UUID, error)) *task.Handler {
	env = env.For("persist", task.CreateLead)
	p := &persister{env: env, store: store, newID: newID}
	return task.New(env, func(ctx context.Context, in task.Intake) (Result, error) {
		result, err := p.persist(ctx, in)
		if err != nil {
			return Result{}, err
		}
		env.Metrics.Request(env.Endpoint, in.StartedAt, result.Answer.StatusCode)
		return result, nil
	})
}

type persister struct {
	env   task.Env
	store Store
	newID func() (uuid.UUID, error)
}

func (p *persister) persist(ctx context.Context, in task.Intake) (Result, error) {
	accepted, err := p.draft(in)
	if err != nil {
		return Result{}, err
	}
	done, err := p.accept(ctx, &accepted)
	if err != nil {
		return Result{}, err
	}
	if done {
		return p.created(in, accepted), nil
	}
	reservation, err := p.store.Reserve(ctx, in.Submission, in.Execution)
	if err != nil {
		return Result{}, err
	}
	switch reservation.Outcome {
	case lead.OutcomeReplay:
		return p.repeated(in, reservation), nil
	case lead.OutcomeLimited:
		p.env.Metrics.RateLimitHit(p.env.Endpoint)
		return Result{}, task.In("claim lost slot", lead.ErrRateLimited)
	case lead.OutcomeConflict:
		return Result{}, task.In("claim lost slot", lead.ErrConflict)
	case lead.OutcomeReserved:
		done, err := p.accept(ctx, &accepted)
		if err != nil {
			return Result{}, err
		}
		if done {
			return p.created(in, accepted), nil
		}
	case lead.OutcomeRunning:
	}
	return Result{}, task.In("claim lost slot", lead.ErrRunning)
}

// draft makes the ids that the lead will have if this try commits.
func (p *persister) draft(in task.Intake) (lead.Accepted, error) {
	id, err := p.newID()
	if err != nil {
		return lead.Accepted{}, task.In("make lead id", err)
	}
	event, err := p.newID()
	if err != nil {
		return lead.Accepted{}, task.In("make event id", err)
	}
	return lead.Accepted{
		Receipt:    lead.Receipt{ID: id, Reference: lead.NewReference(id), Status: lead.StatusAccepted},
		EventID:    event,
		Submission: in.Submission,
		Execution:  in.Execution,
		StartedAt:  in.StartedAt,
	}, nil
}

// accept writes the lead. When that fails its slot is given back at once, so that
// a post that was never accepted does not count for 30 seconds; whether that
// succeeds changes nothing for the caller.
func (p *persister) accept(ctx context.Context, a *lead.Accepted) (held bool, err error) {
	a.Receipt.CreatedAt, held, err = p.store.Accept(ctx, *a)
	if err == nil {
		return held, nil
	}
	releasing, stop := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer stop()
	if p.store.Release(releasing, a.Submission.Key, a.Execution) != nil {
		p.env.Log.Warn("Persist: slot held until its time is over", zap.String("execution_arn", a.Execution))
	}
	return false, err
}

// created reports a new lead.
func (p *persister) created(in task.Intake, a lead.Accepted) Result {
	p.env.Metrics.Submission(p.env.Endpoint)
	p.env.Log.Info("Lead created",
		zap.String("lead_id", a.Receipt.ID.String()),
		zap.String("execution_arn", in.Execution),
		zap.String("source", in.Submission.Source),
		zap.String("verdict", string(in.Submission.Verdict)))
	return Result{
		Outcome: "accepted",
		LeadID:  a.Receipt.ID.String(),
		EventID: a.EventID.String(),
		Deliver: in.Submission.Verdict != lead.VerdictSpam,
		Answer:  task.Accepted(in.Submission, a.Receipt, false),
	}
}

// repeated gives the answer of the lead that exists. When this very execution
// made it, an earlier try lost its answer, and most likely its report as well: a
// lead counted twice on that day is the lesser fault.
func (p *persister) repeated(in task.Intake, r lead.Reservation) Result {
	own := r.Owner == in.Execution
	text := "Lead replayed"
	if own {
		text = "Lead created"
		p.env.Metrics.Submission(p.env.Endpoint)
	}
	p.env.Log.Info(text,
		zap.String("lead_id", r.Receipt.ID.String()),
		zap.String("execution_arn", in.Execution),
		zap.String("source", in.Submission.Source))
	return Result{
		Outcome: "accepted",
		LeadID:  r.Receipt.ID.String(),
		EventID: r.EventID.String(),
		Deliver: r.Deliver,
		Answer:  task.Accepted(in.Submission, r.Receipt, !own),
	}
}
