package asl

import "strconv"

// transition is one way out of a state.
type transition struct {
	target   string
	location string
}

// checkTransitions reports targets that do not exist, a machine without an end, and
// states that nothing leads to, as AWS does and in its order.
func (d *definitionReader) checkTransitions(m *Machine) {
	if m.StartAt == "" || len(m.States) == 0 {
		return
	}
	d.checkTarget(m, transition{m.StartAt, "/StartAt"})
	ends := false
	for _, name := range m.Order {
		state := m.States[name]
		for _, t := range state.transitions() {
			d.checkTarget(m, t)
		}
		ends = ends || state.terminal()
	}
	if !ends {
		d.report(codeMissingEnd, "", "Workflow has no terminal state")
		return
	}
	reached := m.reachable()
	for _, name := range m.Order {
		if !reached[name] {
			d.report(codeMissingTarget, "/States/"+name, "State %q is not reachable.", name)
		}
	}
}

func (d *definitionReader) checkTarget(m *Machine, t transition) {
	if _, ok := m.States[t.target]; !ok && t.target != "" {
		d.report(codeMissingTarget, t.location, "Missing 'Next' target: %s", t.target)
	}
}

func (s *State) terminal() bool { return s.End || s.Type == Succeed || s.Type == Fail }

// transitions lists the ways out of a state, in the order of its fields.
func (s *State) transitions() []transition {
	at := "/States/" + s.Name + "/"
	var out []transition
	if s.Next != "" {
		out = append(out, transition{s.Next, at + "Next"})
	}
	for i, rule := range s.Choices {
		out = append(out, transition{rule.Next, at + "Choices[" + strconv.Itoa(i) + "]/Next"})
	}
	if s.Default != "" {
		out = append(out, transition{s.Default, at + "Default"})
	}
	for i, catcher := range s.Catch {
		out = append(out, transition{catcher.Next, at + "Catch[" + strconv.Itoa(i) + "]/Next"})
	}
	return out
}

// reachable walks the machine from its start.
func (m *Machine) reachable() map[string]bool {
	reached := make(map[string]bool, len(m.States))
	todo := []string{m.StartAt}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		state, ok := m.States[name]
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
