package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// programs keeps machines that are ready to run. A revision never changes, so
// what is kept stays right.
type programs struct {
	store         Store
	integrationOf func(resource string) (Integration, bool)

	mu      sync.RWMutex
	current map[string]*program
	pinned  map[[2]string]*program
}

// compile parses a definition and refuses what nothing can run.
func (p *programs) compile(machine StateMachine) (*program, error) {
	definition, err := asl.Parse([]byte(machine.Definition))
	if err != nil {
		var bad *asl.DefinitionError
		if errors.As(err, &bad) {
			return nil, invalidDefinition("%s", bad.Message())
		}
		return nil, invalidDefinition("%s", err)
	}
	admitted := admission{kind: machine.Type, integrationOf: p.integrationOf, tasks: map[string]Integration{}}
	admitted.flow("", &definition.Flow)
	if len(admitted.problems) > 0 {
		return nil, invalidDefinition("%s", (&asl.DefinitionError{Problems: admitted.problems}).Message())
	}
	return &program{machine: machine, definition: definition, tasks: admitted.tasks}, nil
}

// latest answers the machine as it runs now; StateMachineDoesNotExist.
func (p *programs) latest(ctx context.Context, arn string) (*program, error) {
	p.mu.RLock()
	found := p.current[arn]
	p.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	machine, err := p.store.Machine(ctx, arn)
	if err != nil {
		return nil, err
	}
	if machine == nil {
		return nil, machineDoesNotExist(arn)
	}
	return p.keep(*machine, true)
}

// revision answers the machine as an execution pinned it.
func (p *programs) revision(ctx context.Context, arn, revision string) (*program, error) {
	p.mu.RLock()
	found := p.pinned[[2]string{arn, revision}]
	p.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	machine, err := p.store.Revision(ctx, arn, revision)
	if err != nil {
		return nil, err
	}
	if machine == nil {
		return nil, machineDoesNotExist(arn)
	}
	return p.keep(*machine, false)
}

func (p *programs) keep(machine StateMachine, current bool) (*program, error) {
	compiled, err := p.compile(machine)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinned == nil {
		p.pinned, p.current = map[[2]string]*program{}, map[string]*program{}
	}
	p.pinned[[2]string{machine.ARN, machine.RevisionID}] = compiled
	if current {
		p.current[machine.ARN] = compiled
	}
	return compiled, nil
}
