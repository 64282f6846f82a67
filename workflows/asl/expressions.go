package asl

import "slices"

// ExpressionInfo says which evaluator runs an expression.
type ExpressionInfo struct {
	State      string
	Field      string
	Expression string
	// Fast is true when it runs compiled to Go, false when the reference
	// implementation runs it.
	Fast bool
}

// Expressions lists the machine's expressions, in the order of the definition.
func (m *Machine) Expressions() []ExpressionInfo {
	var out []ExpressionInfo
	for state := range m.All() {
		for _, t := range state.templates() {
			if t == nil {
				continue
			}
			for _, x := range t.expressions {
				out = append(out, ExpressionInfo{State: state.Name, Field: x.field, Expression: x.text, Fast: x.fast != nil})
			}
		}
	}
	return out
}

// VariableReferences lists the variables that the expressions of a state name, sorted,
// by the name of the state: what DescribeStateMachine calls variableReferences. The
// machine need not assign them.
func (m *Machine) VariableReferences() map[string][]string {
	out := map[string][]string{}
	for state := range m.All() {
		var names []string
		for _, t := range state.templates() {
			if t != nil {
				for _, x := range t.expressions {
					names = append(names, x.variables...)
				}
			}
		}
		if len(names) > 0 {
			slices.Sort(names)
			out[state.Name] = slices.Compact(names)
		}
	}
	return out
}

// templates lists the templates of a state; some may be nil.
func (s *State) templates() []*Template {
	out := []*Template{s.Items, s.MaxConcurrency, s.ItemSelector, s.Arguments, s.TimeoutSeconds, s.HeartbeatSeconds, s.Seconds, s.Timestamp, s.Error, s.Cause}
	for _, rule := range s.Choices {
		out = append(out, rule.Condition, rule.Assign, rule.Output)
	}
	for _, catcher := range s.Catch {
		out = append(out, catcher.Assign, catcher.Output)
	}
	return append(out, s.Assign, s.Output)
}
