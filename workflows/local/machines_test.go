package local

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// registry is an engine whose machines are taken, or not.
type registry struct {
	refusals []error // of creations, in turn; then none
	kind     engine.MachineType
	running  []string
	created  []engine.CreateInput
	updated  []engine.UpdateInput
	stopped  []string
}

func (r *registry) CreateStateMachine(_ context.Context, in engine.CreateInput) (engine.StateMachine, error) {
	r.created = append(r.created, in)
	if len(r.refusals) == 0 {
		return engine.StateMachine{}, nil
	}
	refusal := r.refusals[0]
	r.refusals = r.refusals[1:]
	return engine.StateMachine{}, refusal
}

func (r *registry) DescribeStateMachine(context.Context, engine.DescribeMachineInput) (engine.StateMachine, error) {
	kind := r.kind
	if kind == "" {
		kind = r.created[len(r.created)-1].Type
	}
	return engine.StateMachine{Type: kind}, nil
}

func (r *registry) UpdateStateMachine(_ context.Context, in engine.UpdateInput) (engine.UpdateOutput, error) {
	r.updated = append(r.updated, in)
	return engine.UpdateOutput{}, nil
}

func (r *registry) ListExecutions(_ context.Context, in engine.ListInput) (engine.ListOutput, error) {
	if in.StatusFilter != engine.Running {
		return engine.ListOutput{}, errors.New("asked for more than what runs")
	}
	var out engine.ListOutput
	for _, arn := range r.running {
		out.Executions = append(out.Executions, engine.Execution{ARN: arn})
	}
	return out, nil
}

func (r *registry) StopExecution(_ context.Context, in engine.StopInput) (engine.StopOutput, error) {
	r.stopped = append(r.stopped, in.ExecutionARN)
	r.running = slices.DeleteFunc(r.running, func(arn string) bool { return arn == in.ExecutionARN })
	return engine.StopOutput{}, nil
}

func TestCreateMachines_ExpressLogsEveryEventAndNoData(t *testing.T) {
	t.Parallel()
	r := &registry{}
	if err := createMachines(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, in := range r.created {
		want := engine.Logging{}
		if in.Type == engine.Express {
			want.Level = engine.LogAll
		}
		if !reflect.DeepEqual(in.Logging, want) {
			t.Errorf("%s logs %+v; want %+v", in.Name, in.Logging, want)
		}
	}
	if len(r.created) == 0 || len(r.updated) != 0 {
		t.Errorf("%d created, %d updated", len(r.created), len(r.updated))
	}
}

func TestCreateMachine_AnotherDefinitionIsAnUpdate(t *testing.T) {
	t.Parallel()
	in := engine.CreateInput{Name: "m", Type: engine.Express, Definition: "d", RoleARN: "r", Logging: engine.Logging{Level: engine.LogAll}}
	r := &registry{refusals: []error{&engine.APIError{Type: "StateMachineAlreadyExists"}}}
	if err := createMachine(t.Context(), r, in); err != nil {
		t.Fatal(err)
	}
	want := []engine.UpdateInput{{StateMachineARN: machineARN("m"), Definition: &in.Definition, RoleARN: &in.RoleARN, Logging: &in.Logging}}
	if !reflect.DeepEqual(r.updated, want) {
		t.Errorf("got %+v", r.updated)
	}
}

func TestCreateMachine_AnotherTypeIsAnError(t *testing.T) {
	t.Parallel()
	r := &registry{refusals: []error{&engine.APIError{Type: "StateMachineAlreadyExists"}}, kind: engine.Standard}
	if err := createMachine(t.Context(), r, engine.CreateInput{Name: "m", Type: engine.Express}); err == nil || len(r.updated) != 0 {
		t.Errorf("got %v, %d updates", err, len(r.updated))
	}
}

func TestCreateMachine_WaitsUntilADeletedOneHasGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		deleting := &engine.APIError{Type: "StateMachineDeleting"}
		r := &registry{refusals: []error{deleting, deleting, deleting}, running: []string{"a", "b"}}
		if err := createMachine(t.Context(), r, engine.CreateInput{Name: "m", Type: engine.Standard}); err != nil {
			t.Fatal(err)
		}
		if len(r.created) != 4 || !slices.Equal(r.stopped, []string{"a", "b"}) {
			t.Errorf("created %d times, stopped %v", len(r.created), r.stopped)
		}
		r.refusals = []error{deleting}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if err := createMachine(gone, r, engine.CreateInput{Name: "m", Type: engine.Standard}); !errors.Is(err, context.Canceled) {
			t.Errorf("the caller went away: got %v", err)
		}
	})
}

func TestCreateMachines_ARefusedDefinitionIsAnError(t *testing.T) {
	t.Parallel()
	refusal := &engine.APIError{Type: "InvalidDefinition"}
	r := &registry{refusals: []error{refusal}}
	if err := createMachines(t.Context(), r); !errors.Is(err, refusal) {
		t.Errorf("got %v; want %v", err, refusal)
	}
	if len(r.updated) != 0 {
		t.Errorf("a refused definition was made current")
	}
}
