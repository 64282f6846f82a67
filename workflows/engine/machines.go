package engine

import (
	"context"
	"fmt"
	"slices"
)

// CreateStateMachine stores a machine. It refuses with InvalidName,
// InvalidDefinition (whatever the parser or the integrations do not implement),
// ValidationException, StateMachineDeleting while a machine of that name is being
// deleted, and StateMachineAlreadyExists when the name is taken by a machine with
// other fields; with equal fields it answers that machine.
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
	now := e.now()
	machine := StateMachine{
		ARN:        e.machineARN(in.Name),
		Name:       in.Name,
		Type:       in.Type,
		Status:     MachineActive,
		Definition: in.Definition,
		RoleARN:    in.RoleARN,
		CreatedAt:  now,
		UpdatedAt:  now,
		Logging:    in.Logging.complete(),
	}
	if refused := checkARNs(machine); refused != nil {
		return StateMachine{}, refused
	}
	compiled, err := e.programs.compile(machine)
	if err != nil {
		return StateMachine{}, within("create state machine "+in.Name, err)
	}
	epoch, err := e.hold()
	if err != nil {
		return StateMachine{}, within("create state machine "+in.Name, err)
	}
	e.programs.change.Lock()
	defer e.programs.change.Unlock()
	stored, isNew, err := e.config.Store.CreateMachine(ctx, epoch, machine)
	switch {
	case err != nil:
		return StateMachine{}, e.unwritten("create state machine "+in.Name, err)
	case isNew:
		e.programs.keep(compiled)
	case stored.Status == MachineDeleting:
		return StateMachine{}, machineDeleting(machine.ARN)
	case !sameMachine(stored, machine):
		return StateMachine{}, machineAlreadyExists(machine.ARN)
	}
	return stored, nil
}

// checkARNs refuses ARNs that cannot be kept. What they name is not looked at.
func checkARNs(machine StateMachine) *APIError {
	for _, arn := range append([]string{machine.RoleARN}, machine.Logging.Destinations...) {
		if !storable(arn) {
			return invalidARN(arn)
		}
	}
	return nil
}

// sameMachine compares what AWS's idempotency check compares: definition, type,
// logging. The role is not part of it.
func sameMachine(a, b StateMachine) bool {
	return a.Type == b.Type && a.Definition == b.Definition && a.Logging.equal(b.Logging)
}

func (l Logging) complete() Logging {
	if l.Level == "" {
		l.Level = LogOff
	}
	return l
}

func (l Logging) equal(other Logging) bool {
	return l.Level == other.Level && l.IncludeExecutionData == other.IncludeExecutionData &&
		slices.Equal(l.Destinations, other.Destinations)
}

// UpdateStateMachine gives a machine another revision, with which executions begin
// from now on; those that run, and their redrives, keep theirs. What changes
// nothing makes no revision. It refuses with InvalidArn, MissingRequiredParameter,
// InvalidDefinition, StateMachineDoesNotExist and StateMachineDeleting.
func (e *Engine) UpdateStateMachine(ctx context.Context, in UpdateInput) (UpdateOutput, error) {
	if refused := wantMachine(in.StateMachineARN); refused != nil {
		return UpdateOutput{}, refused
	}
	if in.Definition == nil && in.RoleARN == nil && in.Logging == nil && !in.Tracing {
		return UpdateOutput{}, nothingToUpdate()
	}
	epoch, err := e.hold()
	if err != nil {
		return UpdateOutput{}, within("update state machine "+in.StateMachineARN, err)
	}
	e.programs.change.Lock()
	defer e.programs.change.Unlock()
	// What is stored need not run: another version of this program may have made it.
	known, err := e.config.Store.Machine(ctx, in.StateMachineARN)
	if err != nil {
		return UpdateOutput{}, within("update state machine "+in.StateMachineARN, err)
	}
	if known == nil {
		return UpdateOutput{}, machineDoesNotExist(in.StateMachineARN)
	}
	machine := *known
	if machine.Status == MachineDeleting {
		return UpdateOutput{}, machineDeleting(in.StateMachineARN)
	}
	if in.Definition != nil {
		machine.Definition = *in.Definition
	}
	if in.RoleARN != nil {
		machine.RoleARN = *in.RoleARN
	}
	if in.Logging != nil {
		machine.Logging = in.Logging.complete()
	}
	if sameMachine(machine, *known) && machine.RoleARN == known.RoleARN {
		return UpdateOutput{UpdateDate: machine.UpdatedAt, RevisionID: machine.RevisionID}, nil
	}
	if refused := checkARNs(machine); refused != nil {
		return UpdateOutput{}, refused
	}
	machine.RevisionID, machine.UpdatedAt = e.config.NewID(), e.now()
	compiled, err := e.programs.compile(machine)
	if err != nil {
		return UpdateOutput{}, within("update state machine "+in.StateMachineARN, err)
	}
	updated, err := e.config.Store.UpdateMachine(ctx, epoch, machine)
	if err != nil {
		return UpdateOutput{}, e.unwritten("update state machine "+in.StateMachineARN, err)
	}
	if !updated {
		return UpdateOutput{}, machineDoesNotExist(in.StateMachineARN)
	}
	e.programs.keep(compiled)
	return UpdateOutput{UpdateDate: machine.UpdatedAt, RevisionID: machine.RevisionID}, nil
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
		return StateMachine{}, unknownMachine(in.StateMachineARN)
	}
	return e.described(ctx, *machine), nil
}

// described adds to a stored machine what its definition says.
func (e *Engine) described(ctx context.Context, machine StateMachine) StateMachine {
	if program, err := e.programs.revision(ctx, machine.ARN, machine.RevisionID); err == nil && len(program.variables) > 0 {
		machine.VariableReferences = program.variables
	}
	return machine
}

// DescribeStateMachineForExecution answers the machine in the revision that an
// execution is pinned to. It refuses with InvalidArn and ExecutionDoesNotExist.
func (e *Engine) DescribeStateMachineForExecution(ctx context.Context, in DescribeInput) (StateMachine, error) {
	record, err := e.lookup(ctx, in.ExecutionARN)
	if err != nil {
		return StateMachine{}, err
	}
	machine, err := e.config.Store.Revision(ctx, record.StateMachineARN, record.Revision)
	if err != nil {
		return StateMachine{}, fmt.Errorf("describe state machine for %s: %w", in.ExecutionARN, err)
	}
	if machine == nil { // gone meanwhile, and the execution with it
		return StateMachine{}, executionDoesNotExist(in.ExecutionARN)
	}
	return e.described(ctx, *machine), nil
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
