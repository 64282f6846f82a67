package task

import (
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// CreateLead is the API call that the activities of lead_intake serve together.
const CreateLead = "POST /api/leads"

// Intake is the input of the activities behind Validate Lead: what it made of
// the post, and which execution of lead_intake asks, since when.
type Intake struct {
	Submission lead.Submission `json:"submission"`
	Execution  string          `json:"execution"`
	StartedAt  time.Time       `json:"startedAt"`
}

// Check refuses an input that lead_intake cannot have made.
func (in Intake) Check() error {
	switch {
	case in.Execution == "":
		return In("check input, execution is absent", lead.ErrInvalid)
	case in.StartedAt.IsZero():
		return In("check input, startedAt is absent", lead.ErrInvalid)
	case in.Submission.Key.Hash == "" || in.Submission.Key.Keep <= 0:
		return In("check input, the submission has no key", lead.ErrInvalid)
	}
	return nil
}

// Subject is what a log line may say of it.
func (in Intake) Subject() []zap.Field {
	return []zap.Field{zap.String("execution_arn", in.Execution)}
}
