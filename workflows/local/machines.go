package local

import (
	"context"
	"fmt"

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

// createMachines creates every machine of package states, or gives one that is
// there the definition of this program. Executions that run keep theirs. As in
// AWS the Express ones log every event and no data.
func createMachines(ctx context.Context, e *engine.Engine) error {
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
		if _, err := e.CreateStateMachine(ctx, in); err != nil {
			return fmt.Errorf("create state machine %s: %w", machine.Name, err)
		}
	}
	return nil
}
