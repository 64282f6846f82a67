package proof

import (
	"errors"
	"fmt"
)

// Item is one line of the requirements and what in the templates answers it.
type Item struct {
	// IDs are those of the requirements (S1.81, S2.29) or of the design and the
	// deployment's own rules, which begin with D.
	IDs []string
	// Property says in words which property of which resource answers it.
	Property string
	// Check says what is missing; nil: nothing.
	Check func(*Templates) error
	// Mutations remove or weaken the property; after each, Check must fail.
	Mutations []Mutation
}

// Mutation weakens templates in one way.
type Mutation struct {
	What string
	Do   func(*Templates)
}

// Items lists all of them, area by area.
func Items() []Item {
	var all []Item
	for _, area := range [][]Item{
		networkItems(),
		databaseItems(),
		secretItems(),
		keyItems(),
		accessItems(),
		pathItems(),
		monitoringItems(),
		functionItems(), machineItems(), roleItems(), eventItems(),
		servedItems(), orderItems(), standingItems(),
		apiItems(), firewallItems(), identityItems(), frontendItems(), receiverItems(),
		behaviourItems(), formItems(), wiringItems(),
	} {
		all = append(all, area...)
	}
	return all
}

// Unbound gives the ids of infrastructure lines that no item binds, each with the
// reason.
func Unbound() map[string]string {
	return map[string]string{
		"D.retention": "the machine that purges comes with erasure and retention; its alarm comes with it",
		"D.projector": "the projector comes with the operator console; until then a subscription of the Express log group would have nothing to call",
	}
}

// Verify runs one item on templates, and then on every mutation of them: an error
// tells what the templates lack, or which mutation went unseen.
func (i Item) Verify(t *Templates) error {
	if err := i.Check(t); err != nil {
		return fmt.Errorf("%v %s: %w", i.IDs, i.Property, err)
	}
	if len(i.Mutations) == 0 {
		return fmt.Errorf("%v %s: no mutation shows that the check can fail", i.IDs, i.Property)
	}
	var errs []error
	for _, mutation := range i.Mutations {
		changed := t.Clone()
		mutation.Do(changed)
		if i.Check(changed) == nil {
			errs = append(errs, fmt.Errorf("%v %s: passes although %s", i.IDs, i.Property, mutation.What))
		}
	}
	return errors.Join(errs...)
}
