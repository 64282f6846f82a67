package asl

import (
	"strings"
	"testing"
)

// TestParse_InnerScopeDoesNotAssignWhatTheOuterAssigned: what AWS refuses and takes,
// as iwamot/sfnx measured it with ValidateStateMachineDefinition (tests/test_asl.py,
// 2026-09). P is a Parallel with a branch that assigns x.
func TestParse_InnerScopeDoesNotAssignWhatTheOuterAssigned(t *testing.T) {
	t.Parallel()
	const assigns = `{"StartAt":"b","States":{"b":{"Type":"Pass","Assign":{"x":2,"y":1},"End":true}}}`
	fan := func(more string) string { return `{"Type":"Parallel","Branches":[` + assigns + `],` + more + `}` }
	const task = `"Type":"Task","Resource":"arn:aws:states:::lambda:invoke"`
	choice := func(rule, state string) string {
		return `{"Type":"Choice","Choices":[{"Condition":"{% true %}",` + rule + `}],` + state + `}`
	}
	const x = `"Assign":{"x":1}`
	refused := []string{"DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent scope. at /States/P/Branches[0]/States/b/Assign/x"}
	at := func(path string) []string {
		return []string{strings.Replace(refused[0], "/States/P/Branches[0]", path, 1)}
	}
	for _, c := range []struct {
		name, start, states string
		want                []string
	}{
		{"assigned before", "A", `"A":{"Type":"Pass",` + x + `,"Next":"P"},"P":` + fan(`"End":true`), refused},
		{"assigned long before", "A", `"A":{"Type":"Pass",` + x + `,"Next":"B"},"B":{"Type":"Pass","Next":"P"},"P":` + fan(`"End":true`), refused},
		{"assigned by an expression", "A", `"A":{"Type":"Pass","Assign":{"x":"{% 1 %}"},"Next":"P"},"P":` + fan(`"End":true`), refused},
		{"assigned by a rule that leads there", "C", `"C":` + choice(`"Next":"P",`+x, `"Default":"P"`) + `,"P":` + fan(`"End":true`), refused},
		{"assigned on one of two ways", "C", `"C":` + choice(`"Next":"A"`, `"Default":"P"`) + `,"A":{"Type":"Pass",` + x + `,"Next":"P"},"P":` + fan(`"End":true`), refused},
		{"assigned in a loop behind it", "P", `"P":` + fan(`"Next":"A"`) + `,"A":{"Type":"Pass",` + x + `,"Next":"C"},"C":` + choice(`"Next":"P"`, `"Default":"S"`) + `,"S":{"Type":"Succeed"}`, refused},
		{"assigned by itself in a loop", "P", `"P":` + fan(x+`,"Next":"C"`) + `,"C":` + choice(`"Next":"P"`, `"Default":"S"`) + `,"S":{"Type":"Succeed"}`, refused},
		{"assigned by a catcher that leads there", "T", `"T":{` + task + `,"Next":"P","Catch":[{"ErrorEquals":["States.ALL"],` + x + `,"Next":"P"}]},"P":` + fan(`"End":true`), refused},
		{"assigned two scopes out", "A", `"A":{"Type":"Pass",` + x + `,"Next":"P"},"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"Q","States":{"Q":` + fan(`"End":true`) + `}}]}`, at("/States/P/Branches[0]/States/Q/Branches[0]")},
		{"assigned in the branch around", "P", `"P":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Pass",` + x + `,"Next":"Q"},"Q":` + fan(`"End":true`) + `}}]}`, at("/States/P/Branches[0]/States/Q/Branches[0]")},
		{"a map's processor", "A", `"A":{"Type":"Pass",` + x + `,"Next":"P"},"P":{"Type":"Map","End":true,"ItemProcessor":` + assigns + `}`, at("/States/P/ItemProcessor")},
		{"by a rule and a catcher inside", "A", `"A":{"Type":"Pass",` + x + `,"Next":"P"},"P":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"B","States":{"B":` + choice(`"Next":"T",`+x, `"Default":"T"`) + `,"T":{` + task + `,"End":true,"Catch":[{"ErrorEquals":["a"],"Next":"S",` + x + `}]},"S":{"Type":"Succeed"}}}}`, []string{
			"DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent scope. at /States/P/ItemProcessor/States/B/Choices[0]/Assign/x",
			"DUPLICATE_VARIABLE_NAME: The variable name 'x' was already defined in a parent scope. at /States/P/ItemProcessor/States/T/Catch[0]/Assign/x",
		}},
		{"assigned after it", "P", `"P":` + fan(`"Next":"A"`) + `,"A":{"Type":"Pass",` + x + `,"End":true}`, nil},
		{"assigned by the state itself", "P", `"P":` + fan(x+`,"End":true`), nil},
		{"assigned by its own catcher", "P", `"P":` + fan(`"End":true,"Catch":[{"ErrorEquals":["States.ALL"],`+x+`,"Next":"S"}]`) + `,"S":{"Type":"Succeed"}`, nil},
		{"not assigned by the catcher that leads there", "T", `"T":{` + task + `,` + x + `,"Next":"S","Catch":[{"ErrorEquals":["States.ALL"],"Next":"P"}]},"S":{"Type":"Succeed"},"P":` + fan(`"End":true`), nil},
		{"assigned by a rule that leads elsewhere", "C", `"C":` + choice(`"Next":"S",`+x, `"Default":"P"`) + `,"S":{"Type":"Succeed"},"P":` + fan(`"End":true`), nil},
		{"assigned for the default, and a rule leads there", "C", `"C":` + choice(`"Next":"P"`, x+`,"Default":"S"`) + `,"S":{"Type":"Succeed"},"P":` + fan(`"End":true`), nil},
		{"assigned by two branches", "P", `"P":{"Type":"Parallel","End":true,"Branches":[` + assigns + `,` + strings.ReplaceAll(assigns, `"b"`, `"c"`) + `]}`, nil},
		{"another variable", "A", `"A":{"Type":"Pass","Assign":{"X":1},"Next":"P"},"P":` + fan(`"End":true`), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"`+c.start+`","States":{`+c.states+`}}`, c.want...)
		})
	}
}
