package local

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func TestRecovery_StartsEachUnderTheNameOfLeadIntake(t *testing.T) {
	t.Parallel()
	owed := []lead.Owed{{LeadID: uuid.New(), EventID: uuid.New()}, {LeadID: uuid.New(), EventID: uuid.New()}, {LeadID: uuid.New(), EventID: uuid.New()}}
	answers := []error{&engine.APIError{Type: "ExecutionAlreadyExists"}, errors.New("database away"), nil}
	var started []engine.StartInput
	r := recovery{
		log:  zap.NewNop(),
		owed: func(context.Context, time.Duration, int) ([]lead.Owed, error) { return owed, nil },
		start: func(_ context.Context, in engine.StartInput) (engine.StartOutput, error) {
			started = append(started, in)
			return engine.StartOutput{}, answers[len(started)-1]
		},
	}
	r.once(t.Context(), 0)
	if len(started) != len(owed) {
		t.Fatalf("%d started; want %d, whatever became of the others", len(started), len(owed))
	}
	for n, in := range started {
		var input map[string]string
		if err := json.Unmarshal([]byte(in.Input), &input); err != nil {
			t.Fatal(err)
		}
		if in.Name != "lead-"+owed[n].LeadID.String() || input["leadId"] != owed[n].LeadID.String() || input["eventId"] != owed[n].EventID.String() || len(input) != 2 {
			t.Errorf("got %+v", in)
		}
	}
}

func TestRecovery_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	r := recovery{log: zap.NewNop(), owed: func(context.Context, time.Duration, int) ([]lead.Owed, error) {
		cancel()
		return nil, ctx.Err()
	}}
	r.run(ctx)
}
