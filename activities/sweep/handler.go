package sweep

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Limit is the most that one run looks into, and the most rows it restores. Answer
// and findings of so many stay below the 262,144 bytes of a payload.
const Limit = 500

// silent is how long a running execution may say nothing before it is asked. The
// three attempts of a delivery take 25 to 40 seconds.
const silent = time.Minute

// Store knows the deliveries. Its errors are lead.ErrDatabaseUnavailable or defects.
type Store interface {
	// Undelivered gives accepted leads without a delivery row, oldest first.
	Undelivered(ctx context.Context, limit int) ([]lead.ID, error)
	// Restore makes a lost row anew, under its own event id where that is known; not
	// restored: it is there already, or the lead is gone.
	Restore(ctx context.Context, id lead.ID, execution string) (restored bool, err error)
	// Work gives what is to be done, oldest first: deliveries due for owed without an
	// execution, and those of which nothing was heard for silent.
	Work(ctx context.Context, owed, silent time.Duration, limit int) ([]lead.Work, error)
}

type input struct {
	Execution         string `json:"execution"`
	MachineARN        string `json:"machineArn"` // of fibonacci_delivery
	MinimumAgeSeconds int    `json:"minimumAgeSeconds"`
}

// machineARN is that of a machine and of no version or alias: executions are named
// under the machine alone.
var machineARN = regexp.MustCompile(`^arn:[^:]+:states:[^:]+:[^:]+:stateMachine:[^:]+$`)

// Check refuses what delivery_sweep cannot have made.
func (in input) Check() error {
	switch {
	case in.Execution == "":
		return task.In("check input, execution is absent", lead.ErrInvalid)
	case !machineARN.MatchString(in.MachineARN):
		return task.In("check input, machineArn is none of a machine", lead.ErrInvalid)
	case in.MinimumAgeSeconds < 0:
		return task.In("check input, minimumAgeSeconds is negative", lead.ErrInvalid)
	}
	return nil
}

// Subject is what a log line may say of it.
func (in input) Subject() []zap.Field { return []zap.Field{zap.String("execution_arn", in.Execution)} }

// piece is one delivery to look into, for the machine: owed ones have the name to
// start, all have the execution to ask for.
type piece struct {
	Kind         string `json:"kind"` // owed, unknown
	LeadID       string `json:"leadId"`
	EventID      string `json:"eventId"`
	Name         string `json:"name"`
	ExecutionARN string `json:"executionArn"`
	StartedAt    string `json:"startedAt"` // "": not known
	RedriveCount int    `json:"redriveCount"`
}

type output struct {
	Restored int     `json:"restored"`
	Work     []piece `json:"work"`
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("sweep", "")
	return task.New(env, func(ctx context.Context, in input) (output, error) {
		restored, err := restore(ctx, env.Log, store, in.Execution)
		if err != nil {
			return output{}, err
		}
		work, err := store.Work(ctx, time.Duration(in.MinimumAgeSeconds)*time.Second, silent, Limit)
		if err != nil {
			return output{}, err
		}
		out := output{Restored: restored, Work: make([]piece, len(work))}
		for i, w := range work {
			out.Work[i] = in.piece(w)
		}
		return out, nil
	})
}

// restore makes lost rows anew. One that cannot be restored stays unaccounted, and
// holds up no other.
func restore(ctx context.Context, log *zap.Logger, store Store, execution string) (int, error) {
	lost, err := store.Undelivered(ctx, Limit)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, id := range lost {
		restored, err := store.Restore(ctx, id, execution)
		switch {
		case errors.Is(err, lead.ErrDatabaseUnavailable):
			return 0, err
		case err != nil:
			log.Error("Sweep: delivery not restored", append(task.Told(err), zap.String("execution_arn", execution), zap.Stringer("lead_id", id))...)
		case restored:
			log.Warn("Sweep: delivery restored", zap.String("execution_arn", execution), zap.Stringer("lead_id", id))
			n++
		}
	}
	return n, nil
}

// piece gives a delivery to the machine.
func (in input) piece(w lead.Work) piece {
	p := piece{
		Kind: "owed", LeadID: w.LeadID.String(), EventID: w.EventID.String(),
		Name: w.Name, RedriveCount: w.RedriveCount,
	}
	if w.Execution == "" {
		p.ExecutionARN = strings.Replace(in.MachineARN, ":stateMachine:", ":execution:", 1) + ":" + p.Name
		return p
	}
	p.Kind, p.ExecutionARN, p.StartedAt = "unknown", w.Execution, task.Time(w.StartedAt)
	p.Name = w.Execution[strings.LastIndexByte(w.Execution, ':')+1:]
	return p
}
