package asl

import "strconv"

// transition is one way out of a state.
type transition struct {
	target   string
	location string
	assign   *Template // what is assigned on the way, nil: nothing
}

// checkTransitions reports targets that are not in the flow, a machine without an
// end, and states that nothing leads to, as AWS does and in its order; then the
// targets and the reach in the flows inside it. AWS was measured to let those loop
// without an end (floci-io/floci pull request 2786, 2026-08).
func (d *definitionReader) checkTransitions(f *Flow) {
	if !f.unread && f.StartAt != "" && len(f.States) > 0 {
		d.checkFlow(f)
	}
	for _, name := range f.Order {
		if state, ok := f.States[name]; ok {
			for _, flow := range state.inner() {
				d.checkTransitions(flow)
			}
		}
	}
}

func (d *definitionReader) checkFlow(f *Flow) {
	d.checkTarget(f, transition{f.StartAt, f.path + "/StartAt", nil})
	ends := f.path != ""
	for _, name := range f.Order {
		state := f.States[name]
		for _, t := range state.transitions() {
			d.checkTarget(f, t)
		}
		ends = ends || state.terminal()
	}
	if !ends {
		d.report(codeMissingEnd, "", "Workflow has no terminal state")
		return
	}
	reached := f.reachable()
	for _, name := range f.Order {
		if !reached[name] {
			d.report(codeMissingTarget, f.States[name].Path, "State %q is not reachable.", name)
		}
	}
}

func (d *definitionReader) checkTarget(f *Flow, t transition) {
	if _, ok := f.States[t.target]; !ok && t.target != "" {
		d.report(codeMissingTarget, t.location, "Missing 'Next' target: %s", t.target)
	}
}

func (s *State) terminal() bool { return s.End || s.Type == Succeed || s.Type == Fail }

// transitions lists the ways out of a state, in the order of its fields. A Choice's
// own Assign belongs to its Default alone.
func (s *State) transitions() []transition {
	at := s.Path + "/"
	var out []transition
	if s.Next != "" {
		out = append(out, transition{s.Next, at + "Next", s.Assign})
	}
	for i, rule := range s.Choices {
		out = append(out, transition{rule.Next, at + "Choices[" + strconv.Itoa(i) + "]/Next", rule.Assign})
	}
	if s.Default != "" {
		out = append(out, transition{s.Default, at + "Default", s.Assign})
	}
	for i, catcher := range s.Catch {
		out = append(out, transition{catcher.Next, at + "Catch[" + strconv.Itoa(i) + "]/Next", catcher.Assign})
	}
	return out
}

// reachable walks the flow from its start.
func (f *Flow) reachable() map[string]bool {
	reached := make(map[string]bool, len(f.States))
	todo := []string{f.StartAt}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		state, ok := f.States[name]
		if !ok || reached[name] {
			continue
		}
		reached[name] = true
		for _, t := range state.transitions() {
			todo = append(todo, t.target)
		}
	}
	return reached
}
