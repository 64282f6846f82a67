package asl

import (
	"iter"
	"unicode/utf8"
)

// maxName is the longest name of a state or a variable, in characters.
const maxName = 80

// readFlow reads StartAt and States. Names are unique over all flows of a machine:
// the second state of a name, depth first, is the one that is reported (as measured
// by badmintoncryer/cdk-preflight, 2026-09).
func (d *definitionReader) readFlow(f fields, flow *Flow) {
	flow.path = f.path
	flow.StartAt = f.target("StartAt")
	flow.States = make(map[string]*State)
	states, ok := f.child("States")
	if !ok {
		return
	}
	if states.object.Len() == 0 {
		d.report(codeSchema, states.location(), "Value cannot be empty")
	}
	for name := range states.object.All() {
		switch n := utf8.RuneCountInString(name); {
		case n == 0:
			d.report(codeStateName, states.at(name), "Invalid State name: it is empty")
		case n > maxName:
			d.report(codeStateName, states.at(name), "Invalid State name: %s exceeds the %d-character limit allowed by the service", name, maxName)
		}
		if d.names[name] {
			d.report(codeDuplicateName, states.at(name), "Duplicate State name: %s", name)
		}
		d.names[name] = true
		flow.Order = append(flow.Order, name)
		if state, ok := states.child(name); ok {
			flow.States[name] = d.readState(name, state, flow)
		} else {
			flow.unread = true
		}
	}
}

// inner are the flows inside a state.
func (s *State) inner() []*Flow {
	if s.Processor != nil {
		return []*Flow{s.Processor}
	}
	return s.Branches
}

// All yields every state of the flow and of the flows inside it, in the order of the
// definition: a state, then those inside it.
func (f *Flow) All() iter.Seq[*State] {
	return func(yield func(*State) bool) { f.walk(yield) }
}

func (f *Flow) walk(yield func(*State) bool) bool {
	for _, name := range f.Order {
		state, ok := f.States[name]
		if !ok { // a definition that is refused
			continue
		}
		if !yield(state) {
			return false
		}
		for _, flow := range state.inner() {
			if !flow.walk(yield) {
				return false
			}
		}
	}
	return true
}
