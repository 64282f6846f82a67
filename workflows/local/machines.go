package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// The names of functions and roles in AWS begin with the stack and the
// environment, and this environment is called local.
const stackPrefix = "NigredoStack-local-"

// function gives the ARN of one of our functions by its name in the stack.
func function(name string) string { return functionARNPrefix + stackPrefix + name }

func machineARN(name string) string {
	return "arn:aws:states:" + region + ":" + account + ":stateMachine:" + name
}

// placeholders are the values of ${…} in the machine files and in the OpenAPI
// document, as far as they name functions and machines.
func placeholders() map[string]string {
	return map[string]string{
		"ValidateArn":          function("Validate"),
		"RatelimitArn":         function("Ratelimit"),
		"PersistArn":           function("CreateLead"),
		"DeliverArn":           function("Deliver"),
		"ListArn":              function("ListLeads"),
		"GetArn":               function("GetLead"),
		"HealthArn":            function("Health"),
		"LeadIntakeArn":        machineARN("lead_intake"),
		"FibonacciDeliveryArn": machineARN("fibonacci_delivery"),
	}
}

// machines is the part of the engine that createMachines needs.
type machines interface {
	CreateStateMachine(ctx context.Context, in engine.CreateInput) (engine.StateMachine, error)
}

// revisions makes another definition current.
type revisions interface {
	UpdateMachine(ctx context.Context, machine engine.StateMachine) error
}

// createMachines creates every machine of package states. One that is there with
// another definition gets a new revision: executions that run keep theirs. As in
// AWS the Express ones log every event and no data.
func createMachines(ctx context.Context, e machines, store revisions) error {
	for _, machine := range states.Machines() {
		definition, err := states.Substitute(machine.Name, placeholders())
		if err != nil {
			return err
		}
		in := engine.CreateInput{
			Name:       machine.Name,
			Type:       engine.MachineType(machine.Type),
			Definition: definition,
			RoleARN:    "arn:aws:iam::" + account + ":role/" + stackPrefix + machine.Name,
		}
		if in.Type == engine.Express {
			in.Logging = engine.Logging{Level: engine.LogAll}
		}
		if err := createMachine(ctx, e, store, in); err != nil {
			return fmt.Errorf("create state machine %s: %w", machine.Name, err)
		}
	}
	return nil
}

// createMachine creates or updates one machine. The engine has refused a
// definition that it cannot run before it says that the name is taken.
func createMachine(ctx context.Context, e machines, store revisions, in engine.CreateInput) error {
	_, err := e.CreateStateMachine(ctx, in)
	var refused *engine.APIError
	if !errors.As(err, &refused) || refused.Type != "StateMachineAlreadyExists" {
		return err
	}
	return store.UpdateMachine(ctx, engine.StateMachine{
		ARN:        machineARN(in.Name),
		Name:       in.Name,
		Type:       in.Type,
		Definition: in.Definition,
		RoleARN:    in.RoleARN,
		RevisionID: uuid.NewString(),
		CreatedAt:  time.Now().UTC(),
		Logging:    in.Logging,
	})
}
