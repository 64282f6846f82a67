package local

import (
	"context"
	"errors"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// registry is an engine whose machines are taken or not, and a store that notes
// what is made current.
type registry struct {
	refusal error
	created []engine.CreateInput
	updated []engine.StateMachine
}

func (r *registry) CreateStateMachine(_ context.Context, in engine.CreateInput) (engine.StateMachine, error) {
	r.created = append(r.created, in)
	return engine.StateMachine{}, r.refusal
}

func (r *registry) UpdateMachine(_ context.Context, machine engine.StateMachine) error {
	r.updated = append(r.updated, machine)
	return nil
}

func TestCreateMachines_ExpressLogsEveryEventAndNoData(t *testing.T) {
	t.Parallel()
	r := &registry{}
	if err := createMachines(t.Context(), r, r); err != nil {
		t.Fatal(err)
	}
	for _, in := range r.created {
		want := engine.Logging{}
		if in.Type == engine.Express {
			want.Level = engine.LogAll
		}
		if in.Logging != want {
			t.Errorf("%s logs %+v; want %+v", in.Name, in.Logging, want)
		}
	}
	if len(r.created) == 0 || len(r.updated) != 0 {
		t.Errorf("%d created, %d updated", len(r.created), len(r.updated))
	}
}

func TestCreateMachines_AnotherDefinitionBecomesARevision(t *testing.T) {
	t.Parallel()
	r := &registry{refusal: &engine.APIError{Type: "StateMachineAlreadyExists"}}
	if err := createMachines(t.Context(), r, r); err != nil {
		t.Fatal(err)
	}
	if len(r.updated) != len(r.created) {
		t.Fatalf("%d updated; want %d", len(r.updated), len(r.created))
	}
	for n, machine := range r.updated {
		if machine.RevisionID == "" || machine.ARN != machineARN(r.created[n].Name) || machine.Definition != r.created[n].Definition {
			t.Errorf("got %+v", machine)
		}
	}
}

func TestCreateMachines_ARefusedDefinitionIsAnError(t *testing.T) {
	t.Parallel()
	refusal := &engine.APIError{Type: "InvalidDefinition"}
	r := &registry{refusal: refusal}
	if err := createMachines(t.Context(), r, r); !errors.Is(err, refusal) {
		t.Errorf("got %v; want %v", err, refusal)
	}
	if len(r.updated) != 0 {
		t.Errorf("a refused definition was made current")
	}
}
