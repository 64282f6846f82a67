package ratelimit

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store claims slots.
type Store interface {
	// Reserve claims the key of a submission and a slot for owner. A refusal is an
	// outcome; an error is lead.ErrDatabaseUnavailable, lead.ErrInvalid when the
	// address or key is none, or a defect.
	Reserve(ctx context.Context, submission lead.Submission, owner string) (lead.Reservation, error)
}

// Result is what the state "Reserved?" chooses by. Answer is null for reserved.
type Result struct {
	Outcome lead.Outcome `json:"outcome"`
	Answer  *task.Answer `json:"answer"`
}

// New makes the activity. quota is the one that the store holds posts against,
// for the headers of a refusal.
func New(env task.Env, store Store, quota lead.Quota) *task.Handler {
	env = env.For("ratelimit", task.CreateLead)
	return task.New(env, func(ctx context.Context, in task.Intake) (Result, error) {
		reservation, err := store.Reserve(ctx, in.Submission, in.Execution)
		if err != nil {
			return Result{}, err
		}
		var answer task.Answer
		switch reservation.Outcome {
		case lead.OutcomeReserved:
			return Result{Outcome: lead.OutcomeReserved}, nil
		case lead.OutcomeRunning:
			return Result{}, task.In("reserve slot", lead.ErrRunning)
		case lead.OutcomeReplay:
			answer = task.Accepted(in.Submission, reservation.Receipt, true)
			env.Log.Info("Lead replayed", zap.String("lead_id", reservation.Receipt.ID.String()), zap.String("execution_arn", in.Execution))
		case lead.OutcomeConflict:
			answer, err = conflict(in.Submission)
		case lead.OutcomeLimited:
			answer, err = limited(in.Submission, quota, reservation.RetryAfter)
			env.Metrics.RateLimitHit(env.Endpoint)
		default:
			return Result{}, task.In(fmt.Sprintf("reserve slot, outcome %q", reservation.Outcome), errOutcome)
		}
		if err != nil {
			return Result{}, err
		}
		env.Metrics.Request(env.Endpoint, in.StartedAt, answer.StatusCode)
		return Result{Outcome: reservation.Outcome, Answer: &answer}, nil
	})
}
