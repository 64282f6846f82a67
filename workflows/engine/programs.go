package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// programs keeps machines that are ready to run. A revision never changes, so
// what is kept of one stays right; what is kept of a machine changes with it.
type programs struct {
	store         Store
	integrationOf func(resource string) (Integration, bool)
	referenceOnly bool

	// change is held while a machine is read into the cache, changed or removed, so
	// that what is kept as current is what is stored.
	change lock

	mu       sync.RWMutex
	current  map[string]*program
	pinned   map[[2]string]*program
	deleting map[string]struct{} // ARNs of machines that are being deleted
}

func newPrograms(store Store, integrationOf func(string) (Integration, bool)) *programs {
	return &programs{
		store: store, integrationOf: integrationOf, change: newLock(),
		current: map[string]*program{}, pinned: map[[2]string]*program{}, deleting: map[string]struct{}{},
	}
}

// examine parses a definition and asks the integrations. The problems are the
// definition's, the error is ours; with neither, the machine can run.
func (p *programs) examine(machine StateMachine) (*program, []asl.Problem, error) {
	definition, err := asl.Parse([]byte(machine.Definition))
	if err != nil {
		var bad *asl.DefinitionError
		if errors.As(err, &bad) {
			return nil, bad.Problems, nil
		}
		return nil, nil, err
	}
	if p.referenceOnly {
		definition.UseReference()
	}
	admitted := admission{kind: machine.Type, integrationOf: p.integrationOf, tasks: map[string]Integration{}}
	admitted.flow("", &definition.Flow)
	if len(admitted.problems) > 0 {
		return nil, admitted.problems, nil
	}
	return &program{machine: machine, definition: definition, variables: definition.VariableReferences(), tasks: admitted.tasks}, nil, nil
}

// compile refuses with InvalidDefinition what nothing can run.
func (p *programs) compile(machine StateMachine) (*program, error) {
	compiled, problems, err := p.examine(machine)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, invalidDefinition("%s", (&asl.DefinitionError{Problems: problems}).Message())
	}
	return compiled, nil
}

// latest answers the machine as it is now; StateMachineDoesNotExist.
func (p *programs) latest(ctx context.Context, arn string) (*program, error) {
	if found := p.known(arn); found != nil {
		return found, nil
	}
	p.change.Lock()
	defer p.change.Unlock()
	if found := p.known(arn); found != nil {
		return found, nil
	}
	machine, err := p.store.Machine(ctx, arn)
	if err != nil {
		return nil, err
	}
	if machine == nil {
		return nil, unknownMachine(arn)
	}
	compiled, err := p.compile(*machine)
	if err != nil {
		return nil, err
	}
	p.keep(compiled)
	return compiled, nil
}

func (p *programs) known(arn string) *program {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.current[arn]
}

// revision answers the machine as an execution pinned it.
func (p *programs) revision(ctx context.Context, arn, revision string) (*program, error) {
	key := [2]string{arn, revision}
	p.mu.RLock()
	found := p.pinned[key]
	p.mu.RUnlock()
	if found != nil {
		return found, nil
	}
	p.change.Lock()
	defer p.change.Unlock()
	machine, err := p.store.Revision(ctx, arn, revision)
	if err != nil {
		return nil, err
	}
	if machine == nil {
		return nil, machineDoesNotExist(arn)
	}
	compiled, err := p.compile(*machine)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pinned[key] = compiled
	return compiled, nil
}

// keep makes a program its machine's current one. change is held.
func (p *programs) keep(compiled *program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	machine := &compiled.machine
	p.current[machine.ARN] = compiled
	p.pinned[[2]string{machine.ARN, machine.RevisionID}] = compiled
	if machine.Status == MachineDeleting {
		p.deleting[machine.ARN] = struct{}{}
	}
}

// doom notes that a machine is being deleted: its executions learn so at their next
// transition, whatever revision they are pinned to. change is held.
func (p *programs) doom(arn string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deleting[arn] = struct{}{}
	if found := p.current[arn]; found != nil {
		dying := *found
		dying.machine.Status = MachineDeleting
		p.current[arn] = &dying
	}
}

// doomed says whether a machine is being deleted.
func (p *programs) doomed(arn string) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	_, ok := p.deleting[arn]
	return ok
}

// forget drops all that is kept of a machine that is gone: its name is free for
// another. change is held.
func (p *programs) forget(arn string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.current, arn)
	delete(p.deleting, arn)
	for key := range p.pinned {
		if key[0] == arn {
			delete(p.pinned, key)
		}
	}
}
