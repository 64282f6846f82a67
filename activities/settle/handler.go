package settle

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store keeps the books. Its errors are lead.ErrDatabaseUnavailable or defects.
type Store interface {
	// Track applies a change unless it is a repeat or overtaken.
	Track(ctx context.Context, change lead.StatusChange) (lead.Tracked, error)
	// Looked notes that a look brought no answer.
	Looked(ctx context.Context, event uuid.UUID) error
	// Checked notes that an execution was asked and had no news.
	Checked(ctx context.Context, event uuid.UUID, execution string) error
	// Balance gives the books.
	Balance(ctx context.Context) (lead.Balance, error)
	// RightsDue counts the open requests of data subjects by when they are due.
	RightsDue(ctx context.Context) (lead.RightsDue, error)
}

// The outcomes of a look at one delivery.
const (
	started   = "started"   // its execution was started, or ran already
	described = "described" // Step Functions said what became of it
	vanished  = "vanished"  // Step Functions does not know the execution
	unclear   = "unclear"   // the look failed
)

// finding is what delivery_sweep learned of one delivery.
type finding struct {
	Outcome      string    `json:"outcome"`
	LeadID       uuid.UUID `json:"leadId"`
	EventID      uuid.UUID `json:"eventId"`
	ExecutionARN string    `json:"executionArn"`
	Status       string    `json:"status"`
	StartedAt    string    `json:"startedAt"`
	StoppedAt    string    `json:"stoppedAt"`
	RedriveCount int       `json:"redriveCount"`
	Output       string    `json:"output"`
	Error        string    `json:"error"`
}

type input struct {
	Execution string    `json:"execution"`
	Restored  int       `json:"restored"`
	Findings  []finding `json:"findings"`
}

// Check refuses what delivery_sweep cannot have made.
func (in input) Check() error {
	if in.Execution == "" {
		return task.In("check input, execution is absent", lead.ErrInvalid)
	}
	return nil
}

// Subject is what a log line may say of it.
func (in input) Subject() []zap.Field { return []zap.Field{zap.String("execution_arn", in.Execution)} }

// output counts what a sweep did. Each finding is in one count.
type output struct {
	Restored  int          `json:"restored"`
	Started   int          `json:"started"`
	Recorded  int          `json:"recorded"`
	Unchanged int          `json:"unchanged"`
	Unclear   int          `json:"unclear"`
	Balance   lead.Balance `json:"balance"`
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("settle", "")
	return task.New(env, func(ctx context.Context, in input) (output, error) {
		log := env.Log.With(zap.String("execution_arn", in.Execution))
		out := output{Restored: in.Restored}
		for _, f := range in.Findings {
			count, err := settle(ctx, store, f, env.Now())
			switch {
			case errors.Is(err, lead.ErrDatabaseUnavailable):
				return output{}, err
			case err != nil:
				log.Error("Sweep: finding not recorded", append(task.Told(err), zap.Stringer("lead_id", f.LeadID))...)
			case count == unclear:
				log.Warn("Sweep: delivery not looked into", zap.Stringer("lead_id", f.LeadID), zap.String("error", f.Error))
			}
			out.add(count)
		}
		var err error
		if out.Balance, err = store.Balance(ctx); err != nil {
			return output{}, err
		}
		due, err := store.RightsDue(ctx)
		if err != nil {
			return output{}, err
		}
		out.report(log)
		env.Metrics.Sweep(out.Balance.Unaccounted)
		remind(log, due)
		env.Metrics.Rights(due.Open, due.Soon, due.AtOnce, due.Overdue)
		return out, nil
	})
}

// settle records one finding and gives the count that it belongs to.
func settle(ctx context.Context, store Store, f finding, now time.Time) (string, error) {
	change, ok := f.change(now)
	if !ok {
		return unclear, store.Looked(ctx, f.EventID)
	}
	tracked, err := store.Track(ctx, change)
	switch {
	case err != nil || !tracked.Known:
		return unclear, err
	case tracked.Applied || f.Outcome == started: // its event may have been faster
		return f.Outcome, nil
	case change.Status != lead.ExecutionRunning:
		// It has closed, and the books have it so or know better. Where they still say
		// that it runs, this is no sign of life.
		return "", store.Looked(ctx, change.EventID)
	}
	return "", store.Checked(ctx, change.EventID, change.Execution)
}

// change reads the finding as the status change that its event would have brought;
// not ok when it tells nothing. An execution that vanished has failed now, unless an
// attempt succeeded.
func (f finding) change(now time.Time) (lead.StatusChange, bool) {
	change := lead.StatusChange{
		Execution: f.ExecutionARN, LeadID: f.LeadID, EventID: f.EventID,
		Status: lead.ExecutionStatus(f.Status), RedriveCount: f.RedriveCount, Error: f.Error,
	}
	switch f.Outcome {
	case started, described:
	case vanished:
		change.Status, change.Error = lead.ExecutionFailed, lead.Vanished
	default:
		return lead.StatusChange{}, false
	}
	var err error
	if change.StartedAt, err = time.Parse(time.RFC3339, f.StartedAt); err != nil {
		return lead.StatusChange{}, false
	}
	switch {
	case f.Outcome == vanished:
		change.StoppedAt = now.UTC()
	case change.Status == lead.ExecutionRunning:
	case change.Status.Closed():
		if change.Status == lead.ExecutionSucceeded {
			change.Outcome = lead.OutcomeOf(f.Output)
		}
		if change.StoppedAt, err = time.Parse(time.RFC3339, f.StoppedAt); err != nil {
			return lead.StatusChange{}, false
		}
	default:
		return lead.StatusChange{}, false
	}
	return change, f.ExecutionARN != "" && f.EventID != uuid.Nil && f.RedriveCount >= 0
}

func (o *output) add(count string) {
	switch count {
	case started:
		o.Started++
	case described, vanished:
		o.Recorded++
	case unclear:
		o.Unclear++
	default:
		o.Unchanged++
	}
}

// report writes the one line by which a run is found.
func (o *output) report(log *zap.Logger) {
	write := log.Info
	if o.Balance.Unaccounted > 0 {
		write = log.Error
	}
	write("Sweep: books settled",
		zap.Int("restored", o.Restored), zap.Int("started", o.Started), zap.Int("recorded", o.Recorded),
		zap.Int("unchanged", o.Unchanged), zap.Int("unclear", o.Unclear),
		zap.Int("accepted", o.Balance.Accepted), zap.Int("delivered", o.Balance.Delivered), zap.Int("failed", o.Balance.Failed),
		zap.Int("withheld", o.Balance.Withheld), zap.Int("quarantined", o.Balance.Quarantined),
		zap.Int("in_flight", o.Balance.InFlight), zap.Int("unaccounted", o.Balance.Unaccounted))
}

// remind writes a line while requests of data subjects are open, louder as the day comes
// that the law has set.
func remind(log *zap.Logger, due lead.RightsDue) {
	write := log.Info
	switch {
	case due.Overdue > 0:
		write = log.Error
	case due.Soon > 0:
		write = log.Warn
	case due.Open == 0:
		return
	}
	write("Sweep: rights requests are open",
		zap.Int("open", due.Open), zap.Int("due_in_5_days", due.Soon), zap.Int("due_in_2_days", due.AtOnce), zap.Int("overdue", due.Overdue))
}
