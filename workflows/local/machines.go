package local

import (
	"context"
	"errors"
	"fmt"
	"time"

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
		"CampaignArn":          function("Campaign"),
		"SweepArn":             function("Sweep"),
		"SettleArn":            function("Settle"),
		"BalanceArn":           function("Balance"),
		"ListArn":              function("ListLeads"),
		"GetArn":               function("GetLead"),
		"FailuresArn":          function("Failures"),
		"HealthArn":            function("Health"),
		"RedrivesArn":          function("Redrives"),
		"RightsArn":            function("Rights"),
		"ViewsArn":             function("Views"),
		"StatsArn":             function("Stats"),
		"ReleaseArn":           function("Release"),
		"StampArn":             function("Stamp"),
		"LeadIntakeArn":        machineARN("lead_intake"),
		"FibonacciDeliveryArn": machineARN("fibonacci_delivery"),
		// Where AWS is told an alias to start, and the machine to derive names from.
		"FibonacciDeliveryMachineArn": machineARN("fibonacci_delivery"),
		"RedriveBatchArn":             machineARN("redrive_batch"),
		"RedriveCampaignArn":          machineARN("redrive_campaign"),
	}
}

// machines is the part of the engine that createMachines needs.
type machines interface {
	CreateStateMachine(ctx context.Context, in engine.CreateInput) (engine.StateMachine, error)
	DescribeStateMachine(ctx context.Context, in engine.DescribeMachineInput) (engine.StateMachine, error)
	UpdateStateMachine(ctx context.Context, in engine.UpdateInput) (engine.UpdateOutput, error)
	ListExecutions(ctx context.Context, in engine.ListInput) (engine.ListOutput, error)
	StopExecution(ctx context.Context, in engine.StopInput) (engine.StopOutput, error)
}

// createMachines creates every machine of package states. One that is there with
// another definition is updated: executions that run keep theirs. One that somebody
// deleted is made again when it has gone, see replaceMachine. As in AWS the Express
// ones log every event and no data.
func createMachines(ctx context.Context, e machines) error {
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
		if err := createMachine(ctx, e, in); err != nil {
			return fmt.Errorf("create state machine %s: %w", machine.Name, err)
		}
	}
	return nil
}

// createMachine creates or updates one machine. The engine has refused a
// definition that it cannot run before it says that the name is taken.
func createMachine(ctx context.Context, e machines, in engine.CreateInput) error {
	_, err := e.CreateStateMachine(ctx, in)
	switch {
	case refusedAs(err, "StateMachineAlreadyExists"):
		return updateMachine(ctx, e, in)
	case refusedAs(err, "StateMachineDeleting"):
		return replaceMachine(ctx, e, in)
	}
	return err
}

func updateMachine(ctx context.Context, e machines, in engine.CreateInput) error {
	arn := machineARN(in.Name)
	there, err := e.DescribeStateMachine(ctx, engine.DescribeMachineInput{StateMachineARN: arn})
	if err != nil {
		return err
	}
	if there.Type != in.Type {
		return fmt.Errorf("it is there as %s, and a type is fixed: delete it first", there.Type)
	}
	_, err = e.UpdateStateMachine(ctx, engine.UpdateInput{
		StateMachineARN: arn, Definition: &in.Definition, RoleARN: &in.RoleARN, Logging: &in.Logging,
	})
	return err
}

// replacePause is the wait between looks at a machine that is being deleted.
const replacePause = time.Second

// replaceMachine creates a machine whose namesake is being deleted. What still runs
// there holds the deletion up, for a year at worst, and cannot go on in any case:
// it is stopped.
func replaceMachine(ctx context.Context, e machines, in engine.CreateInput) error {
	tick := time.NewTicker(replacePause)
	defer tick.Stop()
	for {
		if err := stopAll(ctx, e, in); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until its namesake is deleted: %w", ctx.Err())
		case <-tick.C:
		}
		if _, err := e.CreateStateMachine(ctx, in); !refusedAs(err, "StateMachineDeleting") {
			return err
		}
	}
}

func stopAll(ctx context.Context, e machines, in engine.CreateInput) error {
	if in.Type == engine.Express {
		return nil // they run on by themselves
	}
	running, err := e.ListExecutions(ctx, engine.ListInput{StateMachineARN: machineARN(in.Name), StatusFilter: engine.Running})
	if refusedAs(err, "StateMachineDoesNotExist") || refusedAs(err, "StateMachineTypeNotSupported") {
		return nil
	}
	if err != nil {
		return err
	}
	cause := "State machine " + in.Name + " has been deleted"
	for _, execution := range running.Executions {
		if _, err := e.StopExecution(ctx, engine.StopInput{ExecutionARN: execution.ARN, Cause: &cause}); err != nil && !refusedAs(err, "ExecutionDoesNotExist") {
			return err
		}
	}
	return nil
}

func refusedAs(err error, kind string) bool {
	var refused *engine.APIError
	return errors.As(err, &refused) && refused.Type == kind
}
