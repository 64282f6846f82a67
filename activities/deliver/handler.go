package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store is what an attempt needs of the database. Both return
// Database.Unavailable while it is away.
type Store interface {
	// Dispatch gives what to send, or Lead.Withheld when nothing may be sent any
	// more.
	Dispatch(ctx context.Context, id lead.ID, event uuid.UUID, attempt lead.AttemptKey) (lead.Dispatch, error)
	// RecordAttempt writes the attempt's row, once for its key, and gives its
	// number among all attempts of the event. Lead.Withheld when the lead is gone.
	RecordAttempt(ctx context.Context, attempt lead.Attempt) (int, error)
}

// Input is what the machine gives: ids, and the identity of the attempt out of
// the context object.
type Input struct {
	LeadID       lead.ID   `json:"leadId"`
	EventID      uuid.UUID `json:"eventId"`
	Execution    string    `json:"execution"`
	RedriveCount int       `json:"redriveCount"`
	RetryCount   int       `json:"retryCount"`
}

// Check refuses an input without ids or identity.
func (in Input) Check() error {
	if in.LeadID == uuid.Nil || in.EventID == uuid.Nil || in.Execution == "" || in.RedriveCount < 0 || in.RetryCount < 0 {
		return task.In("check input of an attempt", lead.ErrInvalid)
	}
	return nil
}

// Subject names execution and lead on the line of a failure.
func (in Input) Subject() []zap.Field {
	return []zap.Field{zap.String("execution_arn", in.Execution), zap.Stringer("lead_id", in.LeadID)}
}

// Output is the result of an attempt that was delivered.
type Output struct {
	WebhookID  string `json:"webhookId"`
	Attempt    int    `json:"attempt"`
	StatusCode int    `json:"statusCode"`
}

// New makes the activity; sender is where it sends to.
func New(env task.Env, store Store, sender *Sender) *task.Handler {
	env = env.For("deliver", "")
	d := delivery{env: env, store: store, sender: sender}
	return task.New(env, d.attempt)
}

type delivery struct {
	env    task.Env
	store  Store
	sender *Sender
}

func (d delivery) attempt(ctx context.Context, in Input) (Output, error) {
	key := lead.AttemptKey{Execution: in.Execution, RedriveCount: in.RedriveCount, RetryCount: in.RetryCount}
	dispatch, err := d.store.Dispatch(ctx, in.LeadID, in.EventID, key)
	if err != nil {
		return Output{}, fmt.Errorf("deliver event %s: %w", in.EventID, err)
	}
	id := webhookID(in.EventID)
	if earlier := dispatch.Earlier; earlier != nil {
		if !earlier.Success {
			return Output{}, repeated(*earlier)
		}
		return Output{WebhookID: id, Attempt: earlier.Number, StatusCode: earlier.StatusCode}, nil
	}
	body, err := event(dispatch.Lead)
	if err != nil {
		return Output{}, task.In("encode event", err)
	}

	started := d.env.Now()
	reply := d.sender.Send(ctx, id, body)
	if errors.Is(ctx.Err(), context.Canceled) {
		return Output{}, task.In("send, cut off by the end of the process", ctx.Err())
	}
	attempt := lead.Attempt{
		AttemptKey: key, LeadID: in.LeadID, EventID: in.EventID,
		Success: reply.failure == nil, StatusCode: reply.status, Answer: excerpt(reply.answer, dispatch.Lead), RetryAfter: reply.retryAfter,
		StartedAt: started, Duration: d.env.Now().Sub(started),
	}
	if reply.failure != nil {
		attempt.Error, attempt.Cause, attempt.Message = reply.failure.kind.Error(), reply.failure.cause, reply.failure.message
		attempt.Fingerprint = fingerprint(reply.answer, dispatch.Lead)
	}
	number, err := d.store.RecordAttempt(ctx, attempt)
	d.report(in, attempt, number)
	if err != nil {
		return Output{}, fmt.Errorf("record attempt of event %s: %w", in.EventID, err)
	}
	if reply.failure != nil {
		return Output{}, reply.failure
	}
	return Output{WebhookID: id, Attempt: number, StatusCode: reply.status}, nil
}

// report logs and counts an attempt that was sent. number is 0 when its row
// could not be written.
func (d delivery) report(in Input, a lead.Attempt, number int) {
	d.env.Metrics.Webhook(a.Success, in.RetryCount > 0, a.Duration)
	fields := append(in.Subject(),
		zap.String("webhook_id", webhookID(in.EventID)), zap.Int("attempt_number", number), zap.Int("status_code", a.StatusCode),
		zap.Int64("duration_ms", a.Duration.Milliseconds()))
	if a.Success {
		d.env.Log.Info("Webhook delivered", fields...)
		return
	}
	fields = append(fields, zap.String("error", a.Error), zap.String("cause", string(a.Cause)), zap.String("error_message", a.Message))
	if a.RetryAfter > 0 {
		fields = append(fields, zap.Int64("retry_after_s", int64(a.RetryAfter/time.Second)))
	}
	d.env.Log.Error("Webhook failed", fields...)
}

// failure is why an attempt was not delivered. Its text is ours and quotes
// neither the event nor the answer.
type failure struct {
	kind    error // of lead.Errors
	cause   lead.Cause
	status  int // 0: no answer
	message string
}

func (f *failure) Error() string { return f.message }
func (f *failure) Unwrap() error { return f.kind }

// HTTPStatus lets the adapter show the status.
func (f *failure) HTTPStatus() int { return f.status }

// repeated is the failure that an attempt's row tells of.
func repeated(a lead.Attempt) error {
	for _, kind := range lead.Errors() {
		if kind.Error() == a.Error {
			return &failure{kind: kind, cause: a.Cause, status: a.StatusCode, message: a.Message}
		}
	}
	return task.In("read the earlier attempt", errors.New("its error is not of the list"))
}
