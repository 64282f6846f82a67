package asl

import (
	"iter"
	"slices"
)

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
	for state, x := range m.expressions() {
		out = append(out, ExpressionInfo{State: state.Name, Field: x.field, Expression: x.text, Fast: x.fast != nil})
	}
	return out
}

// UseReference leaves every expression to the reference implementation, a hundred
// times slower: to find out whether a difference is the fast evaluator's, and what
// that one is worth. It is called before the machine runs.
func (m *Machine) UseReference() {
	for _, x := range m.expressions() {
		x.fast = nil
	}
}

// VariableReferences lists the variables that the expressions of a state name, sorted,
// by the name of the state: what DescribeStateMachine calls variableReferences. The
// machine need not assign them.
func (m *Machine) VariableReferences() map[string][]string {
	out := map[string][]string{}
	for state, x := range m.expressions() {
		if len(x.variables) > 0 {
			out[state.Name] = append(out[state.Name], x.variables...)
		}
	}
	for name, names := range out {
		slices.Sort(names)
		out[name] = slices.Compact(names)
	}
	return out
}

func (m *Machine) expressions() iter.Seq2[*State, *expression] {
	return func(yield func(*State, *expression) bool) {
		for state := range m.All() {
			for _, t := range state.templates() {
				if t == nil {
					continue
				}
				for _, x := range t.expressions {
					if !yield(state, x) {
						return
					}
				}
			}
		}
	}
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
