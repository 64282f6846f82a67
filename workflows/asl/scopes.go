package asl

import (
	"maps"
	"strconv"
)

// checkScopes reports what a branch or a processor assigns although the scope around
// it may have assigned it before: on any way that leads to the Parallel or the Map.
// AWS was measured to look at ways, not at the states alone: what is assigned after
// the state, by the state itself or on a way past it does not count (iwamot/sfnx,
// docs/design.md and tests/test_asl.py, 2026-09; the words are those of
// radkawar/stackd).
func (d *definitionReader) checkScopes(f *Flow, outer map[string]bool) {
	for _, name := range f.Order {
		state, ok := f.States[name]
		if !ok {
			continue
		}
		if len(outer) > 0 {
			d.checkAssignments(state, outer)
		}
		flows := state.inner()
		if len(flows) == 0 {
			continue
		}
		before := f.assignedBefore(name)
		maps.Copy(before, outer)
		for _, flow := range flows {
			d.checkScopes(flow, before)
		}
	}
}

func (d *definitionReader) checkAssignments(state *State, outer map[string]bool) {
	check := func(assign *Template, location string) {
		for _, variable := range assign.keys() {
			if outer[variable] {
				d.report(codeDuplicateVariable, location+"/Assign/"+variable, "The variable name '%s' was already defined in a parent scope.", variable)
			}
		}
	}
	for i, rule := range state.Choices {
		check(rule.Assign, state.Path+"/Choices["+strconv.Itoa(i)+"]")
	}
	for i, catcher := range state.Catch {
		check(catcher.Assign, state.Path+"/Catch["+strconv.Itoa(i)+"]")
	}
	check(state.Assign, state.Path)
}

// assignedBefore are the variables assigned on the ways that lead to a state.
func (f *Flow) assignedBefore(name string) map[string]bool {
	sources := make(map[string][]*State, len(f.States))
	for _, state := range f.States {
		for _, t := range state.transitions() {
			sources[t.target] = append(sources[t.target], state)
		}
	}
	leading := map[string]bool{name: true}
	for todo := []string{name}; len(todo) > 0; {
		target := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, source := range sources[target] {
			if !leading[source.Name] {
				leading[source.Name] = true
				todo = append(todo, source.Name)
			}
		}
	}
	assigned := make(map[string]bool)
	for _, state := range f.States {
		for _, t := range state.transitions() {
			if leading[t.target] {
				for _, variable := range t.assign.keys() {
					assigned[variable] = true
				}
			}
		}
	}
	return assigned
}

// keys are the names that an Assign gives values to; none for a nil one.
func (t *Template) keys() []string {
	if t == nil {
		return nil
	}
	switch root := t.root.(type) {
	case objectPart:
		return root.keys
	case constantPart:
		if object, ok := root.value.(*Object); ok {
			return object.keys
		}
	}
	return nil
}
