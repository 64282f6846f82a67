package validate

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Input is the execution input of lead_intake and the time it came.
type Input struct {
	Request   Request   `json:"request"`
	StartedAt time.Time `json:"startedAt"`
}

// Request is one HTTP request as the gateway hands it over: seven strings. A
// header that was not sent is the empty string; an absent member is nil.
type Request struct {
	Body           *string `json:"body"`
	ContentType    *string `json:"contentType"`
	SourceIP       *string `json:"sourceIp"`
	UserAgent      *string `json:"userAgent"`
	RequestID      *string `json:"requestId"`
	IdempotencyKey *string `json:"idempotencyKey"`
	Origin         *string `json:"origin"`
}

// Check refuses an input that the gateway cannot have made.
func (in Input) Check() error {
	r := in.Request
	for _, member := range []*string{r.Body, r.ContentType, r.SourceIP, r.UserAgent, r.RequestID, r.IdempotencyKey, r.Origin} {
		if member == nil {
			return task.In("check input, a member of request is absent", lead.ErrInvalid)
		}
	}
	if in.StartedAt.IsZero() {
		return task.In("check input, startedAt is absent", lead.ErrInvalid)
	}
	if _, err := netip.ParseAddr(*r.SourceIP); err != nil {
		return task.In("check input, sourceIp is not an address", lead.ErrInvalid)
	}
	return nil
}

// Result is one of two: a submission (outcome valid) or an answer (refused).
type Result struct {
	Outcome    string           `json:"outcome"`
	Submission *lead.Submission `json:"submission,omitempty"`
	Answer     *task.Answer     `json:"answer,omitempty"`
}

// The outcomes, as the state "Valid?" compares them.
const (
	outcomeValid   = "valid"
	outcomeRefused = "refused"
)

// New makes the activity. schema is the form's, see NewSchema. A refusal counts
// as an answered request; it takes no slot of the limiter. stamps reads what the
// form sends in checks.stamp.
func New(env task.Env, schema Schema, stamps Stamps) *task.Handler {
	env = env.For("validate", task.CreateLead)
	v := &validator{schema: schema, stamps: stamps}
	return task.New(env, func(_ context.Context, in Input) (Result, error) {
		submission, err := v.submission(in.Request, in.StartedAt)
		var refused *refusal
		if errors.As(err, &refused) {
			answer, err := refused.answer()
			if err != nil {
				return Result{}, err
			}
			env.Metrics.Request(env.Endpoint, in.StartedAt, answer.StatusCode)
			return Result{Outcome: outcomeRefused, Answer: &answer}, nil
		}
		if err != nil {
			return Result{}, err
		}
		return Result{Outcome: outcomeValid, Submission: &submission}, nil
	})
}

// Stamps reads stamps of forms.
type Stamps interface {
	// Age tells how old a stamp is; not ok: it is none of ours.
	Age(stamp string, now time.Time) (age time.Duration, ok bool)
}

type validator struct {
	schema Schema
	stamps Stamps
}

// submission gives the submission or a *refusal. A retry finds the same signals,
// because the time is that of the execution.
func (v *validator) submission(r Request, at time.Time) (lead.Submission, error) {
	post, err := read(*r.ContentType, *r.Body)
	if err != nil {
		return lead.Submission{}, err
	}
	key, err := parseKey(*r.IdempotencyKey)
	if err != nil {
		return lead.Submission{}, err
	}
	s, faults := v.judge(post.document)
	if len(faults) > 0 {
		return lead.Submission{}, &refusal{status: statusInvalid, locale: post.locale(), faults: faults, form: post.form, values: post.values}
	}
	s.Signals = v.signals(s, checksOf(post.document["checks"]), at)
	s.Verdict = verdict(s.Signals)
	s.Locale = post.locale()
	if err := recognise(&s.Consent, s.Locale); err != nil {
		return lead.Submission{}, err
	}
	s.Form = post.form
	s.Key = makeKey(key, s)
	s.Address = netip.MustParseAddr(*r.SourceIP).Unmap().WithZone("").String()
	s.UserAgentHash = digest(*r.UserAgent)
	s.RequestID = *r.RequestID
	return s, nil
}
