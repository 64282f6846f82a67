package engine

import (
	"context"
	"fmt"
)

// CreateStateMachine stores a machine. It refuses with InvalidName,
// InvalidDefinition (whatever the parser or the integrations do not implement),
// ValidationException, and StateMachineAlreadyExists when the name is taken by a
// machine with other fields; with equal fields it answers that machine.
func (e *Engine) CreateStateMachine(ctx context.Context, in CreateInput) (StateMachine, error) {
	if refused := checkName(in.Name); refused != nil {
		return StateMachine{}, refused
	}
	if in.Type == "" {
		in.Type = Standard
	}
	if in.Type != Standard && in.Type != Express {
		return StateMachine{}, invalidValue("Value '%s' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]", in.Type)
	}
	if in.Logging.Level == "" {
		in.Logging.Level = LogOff
	}
	machine := StateMachine{
		ARN:        e.machineARN(in.Name),
		Name:       in.Name,
		Type:       in.Type,
		Definition: in.Definition,
		RoleARN:    in.RoleARN,
		CreatedAt:  e.now(),
		Logging:    in.Logging,
	}
	if _, err := e.programs.compile(machine); err != nil {
		return StateMachine{}, err
	}
	stored, isNew, err := e.config.Store.CreateMachine(ctx, machine)
	if err != nil {
		return StateMachine{}, fmt.Errorf("create state machine %s: %w", in.Name, err)
	}
	if !isNew && !sameMachine(stored, machine) {
		return StateMachine{}, machineAlreadyExists(machine.ARN)
	}
	return stored, nil
}

// sameMachine compares what AWS's idempotency check compares: definition, type,
// logging. The role is not part of it.
func sameMachine(a, b StateMachine) bool {
	return a.Type == b.Type && a.Definition == b.Definition && a.Logging == b.Logging
}

// DescribeStateMachine answers a machine in its current form, or
// StateMachineDoesNotExist.
func (e *Engine) DescribeStateMachine(ctx context.Context, in DescribeMachineInput) (StateMachine, error) {
	if refused := wantResource(in.StateMachineARN, "stateMachine"); refused != nil {
		return StateMachine{}, refused
	}
	machine, err := e.config.Store.Machine(ctx, in.StateMachineARN)
	if err != nil {
		return StateMachine{}, fmt.Errorf("describe state machine %s: %w", in.StateMachineARN, err)
	}
	if machine == nil {
		return StateMachine{}, machineDoesNotExist(in.StateMachineARN)
	}
	return *machine, nil
}

// ListStateMachines pages through the machines by name. It refuses a token that
// it did not give with InvalidToken.
func (e *Engine) ListStateMachines(ctx context.Context, in ListMachinesInput) (ListMachinesOutput, error) {
	limit, refused := pageSize(in.MaxResults)
	if refused != nil {
		return ListMachinesOutput{}, refused
	}
	after, refused := openToken(in.NextToken, "machines")
	if refused != nil {
		return ListMachinesOutput{}, refused
	}
	page, err := e.config.Store.Machines(ctx, after, limit+1)
	if err != nil {
		return ListMachinesOutput{}, fmt.Errorf("list state machines: %w", err)
	}
	out := ListMachinesOutput{StateMachines: page}
	if len(page) > limit {
		out.StateMachines = page[:limit]
		out.NextToken = sealToken("machines", page[limit-1].Name)
	}
	return out, nil
}
