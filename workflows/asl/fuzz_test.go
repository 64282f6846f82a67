package asl

import (
	"errors"
	"reflect"
	"slices"
	"testing"
)

// FuzzParse: never a panic, never a machine beside a refusal, no refusal without a
// problem. What is taken is taken again and is the same; every target exists in the
// flow of its state, every state but those of a loop without end is reached, every
// name stands once, and what is asked for without being a constant is an expression.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		machine(`{"Type":"Succeed","Output":"{% $states.input.a %}"}`, ""),
		machine(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,"Retry":[{"ErrorEquals":["States.ALL"]}]}`, ""),
		machine(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Next":"Y","TimeoutSeconds":"{% $v %}","Catch":[{"ErrorEquals":["a"],"Next":"Y","Assign":{"v":"{% $states.errorOutput %}"}}]},"Y":{"Type":"Fail"}`, ""),
		machine(`{"Type":"Choice","Choices":[{"Condition":"{% $v > 1 %}","Next":"X"}]}`, `"TimeoutSeconds":1,`),
		machine(`{"Type":"Wait","Seconds":"{% 1 %}","Next":"X","Assign":{"a":[{"b":"{% $states.context %}"}]}}`, ""),
		machine(`{"Type":"Fail","Error":"{% 'a' & [1] %}"}`, ""),
		machine(branches(branch("A")+","+branch("B"), `,"Arguments":{"n":1},"Assign":{"r":"{% $states.result %}"}`), ""),
		machine(mapOf(`,"ProcessorConfig":{"Mode":"INLINE"}`, `,"Items":"{% $range(1, 3, 1) %}","ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},"MaxConcurrency":2`), ""),
		machine(branches(`{"StartAt":"M","States":{"M":`+mapOf("", `,"Items":[1,"{% $v %}"]`)+`}}`, ""), ""),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, definition []byte) {
		m, err := Parse(definition)
		if (m == nil) == (err == nil) {
			t.Fatalf("machine %v beside error %v", m, err)
		}
		var refused *DefinitionError
		switch {
		case err == nil:
			checkMachine(t, definition, m)
		case !errors.As(err, &refused) || len(refused.Problems) == 0:
			t.Fatalf("%v has no problems", err)
		}
	})
}

func checkMachine(t *testing.T, definition []byte, m *Machine) {
	t.Helper()
	again, err := Parse(definition)
	if err != nil {
		t.Fatalf("taken once, then refused: %v", err)
	}
	if !reflect.DeepEqual(skeleton(m), skeleton(again)) {
		t.Fatalf("parsed twice: %v and %v", skeleton(m), skeleton(again))
	}
	names := map[string]bool{}
	for state := range m.All() {
		if names[state.Name] {
			t.Errorf("%s stands twice", state.Path)
		}
		names[state.Name] = true
	}
	checkFlow(t, &m.Flow)
	for _, x := range m.Expressions() {
		if !names[x.State] || x.Field == "" {
			t.Errorf("expression of nowhere: %+v", x)
		}
	}
}

func checkFlow(t *testing.T, f *Flow) {
	t.Helper()
	if f.States[f.StartAt] == nil || len(f.Order) != len(f.States) {
		t.Fatalf("start %q, order %v", f.StartAt, f.Order)
	}
	reached := f.reachable()
	for _, name := range f.Order {
		state := f.States[name]
		if !reached[name] {
			t.Errorf("%s is not reached", state.Path)
		}
		for _, way := range state.transitions() {
			if f.States[way.target] == nil {
				t.Errorf("%s leads to %q", way.location, way.target)
			}
		}
		if len(state.transitions()) == 0 && !state.terminal() {
			t.Errorf("%s leads nowhere", state.Path)
		}
		if (state.Type == Parallel) != (len(state.Branches) > 0) || (state.Type == Map) != (state.Processor != nil) {
			t.Errorf("%s has flows that its type has not", state.Path)
		}
		for _, flow := range state.inner() {
			checkFlow(t, flow)
		}
	}
}

// skeleton is a machine without what is compiled: functions do not compare.
func skeleton(m *Machine) []any {
	out := []any{m.StartAt, m.Order, m.Comment, m.TimeoutSeconds, m.Expressions()}
	for state := range m.All() {
		constants := []any{}
		for _, t := range state.templates() {
			if t != nil && t.constant {
				constants = append(constants, string(AppendJSON(nil, t.value)))
			}
		}
		var caught []string
		for _, catcher := range state.Catch {
			caught = append(caught, slices.Concat(catcher.ErrorEquals, []string{catcher.Next})...)
		}
		out = append(out, state.Path, state.Type, state.Next, state.End, state.Resource, state.Retry, caught, state.Default, constants)
	}
	return out
}
