package asl

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

const pass = `{"Type":"Pass","End":true}`

// branches is a Parallel state with the given branches.
func branches(list, more string) string {
	return `{"Type":"Parallel","End":true,"Branches":[` + list + `]` + more + `}`
}

func branch(name string) string {
	return `{"StartAt":"` + name + `","States":{"` + name + `":` + pass + `}}`
}

// mapOf is a Map state over a processor with one state "P".
func mapOf(processor, more string) string {
	return `{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"P","States":{"P":` + pass + `}` + processor + `}` + more + `}`
}

func TestParse_TakesBranches(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(machine(branches(branch("A")+`,
		{"Comment":"c","StartAt":"B","States":{"B":`+mapOf(`,"Comment":"c","ProcessorConfig":{"Mode":"INLINE"}`, `,"Items":"{% $states.input.items %}","MaxConcurrency":2,
			"ItemSelector":{"v":"{% $states.context.Map.Item.Value %}"},"Output":"{% $states.result %}","Assign":{"b":"{% $states.result[0] %}"}`)+`}}`,
		`,"Comment":"c","Arguments":{"n":"{% $states.input.n %}"},"Output":"{% $states.result[1] %}","Assign":{"a":"{% $states.result %}"},
		"Retry":[{"ErrorEquals":["States.ALL"]}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Y","Output":"{% $states.errorOutput.Error %}"}]`)+`,"Y":{"Type":"Succeed"}`, "")))
	if err != nil {
		t.Fatal(err)
	}
	parallel := m.States["X"]
	if len(parallel.Branches) != 2 || parallel.Arguments == nil || len(parallel.Retry) != 1 || len(parallel.Catch) != 1 || parallel.Output == nil || parallel.Assign == nil {
		t.Errorf("parallel %+v", parallel)
	}
	inner := parallel.Branches[1].States["B"]
	if inner.Items == nil || inner.ItemSelector == nil || inner.MaxConcurrency == nil || inner.Processor == nil || inner.Processor.StartAt != "P" {
		t.Errorf("map %+v", inner)
	}
	var paths, names []string
	for state := range m.All() {
		paths, names = append(paths, state.Path), append(names, state.Name)
	}
	if want := []string{"/States/X", "/States/X/Branches[0]/States/A", "/States/X/Branches[1]/States/B", "/States/X/Branches[1]/States/B/ItemProcessor/States/P", "/States/Y"}; !slices.Equal(paths, want) {
		t.Errorf("states %v", paths)
	}
	for range m.All() {
		break // a walk may end early
	}
	var fields []string
	for _, x := range m.Expressions() {
		fields = append(fields, x.State+" "+x.Field)
	}
	if want := "X Arguments/n, X Catch[0]/Output, X Assign/a, X Output, B Items, B ItemSelector/v, B Assign/b, B Output"; strings.Join(fields, ", ") != want {
		t.Errorf("expressions %s", strings.Join(fields, ", "))
	}
}

func TestParse_TakesItemsAndConcurrency(t *testing.T) {
	t.Parallel()
	for _, member := range []string{
		`"Items":[]`, `"Items":[1,{"a":2}]`, `"Items":["{% 1 %}",[2]]`, `"Items":"{% $v %}"`, `"ItemSelector":"{% $v %}"`, `"ItemSelector":5`,
		`"MaxConcurrency":0`, `"MaxConcurrency":1000000000000`, `"MaxConcurrency":"{% $v %}"`,
	} {
		checkProblems(t, machine(mapOf("", ","+member), ""))
	}
	checkProblems(t, machine(mapOf(`,"ProcessorConfig":{}`, ""), ""))
}

func TestParse_RefusesBranches(t *testing.T) {
	t.Parallel()
	const schema = "SCHEMA_VALIDATION_FAILED: "
	onlyJSONPath := func(field, at string) string {
		return schema + "The QueryLanguage is set to 'JSONata', but field '" + field + "' is only supported for the 'JSONPath' QueryLanguage at " + at
	}
	for _, c := range []struct{ state, want string }{
		{`{"Type":"Parallel","End":true}`, schema + "These fields are required: [Branches] at /States/X"},
		{`{"Type":"Parallel","Branches":[` + branch("A") + `]}`, schema + "This object should have only one of the following fields: [Next, End] at /States/X"},
		{branches(``, ``), schema + "Value cannot be empty at /States/X/Branches"},
		{`{"Type":"Parallel","End":true,"Branches":{}}`, schema + "Expected value of type [ARRAY] at /States/X/Branches"},
		{branches(`5`, ``), schema + "Expected value of type [OBJECT] at /States/X/Branches[0]"},
		{branches(branch("A")+`,{}`, ``), schema + "These fields are required: [States, StartAt] at /States/X/Branches[1]"},
		{branches(`{"StartAt":"A"}`, ``), schema + "These fields are required: [States] at /States/X/Branches[0]"},
		{branches(`{"StartAt":"A","States":{}}`, ``), schema + "Value cannot be empty at /States/X/Branches[0]/States"},
		{branches(`{"StartAt":"A","States":[]}`, ``), schema + "Expected value of type [OBJECT] at /States/X/Branches[0]/States"},
		{branches(`{"StartAt":5,"States":{"A":`+pass+`}}`, ``), schema + "Expected value of type [STRING] at /States/X/Branches[0]/StartAt"},
		{branches(`{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":`+pass+`}}`, ``), schema + "Field 'QueryLanguage' is not supported at /States/X/Branches[0]"},
		{branches(`{"TimeoutSeconds":5,"StartAt":"A","States":{"A":`+pass+`}}`, ``), schema + "Field 'TimeoutSeconds' is not supported at /States/X/Branches[0]"},
		{branches(`{"Comment":5,"StartAt":"A","States":{"A":`+pass+`}}`, ``), schema + "Expected value of type [STRING] at /States/X/Branches[0]/Comment"},
		{branches(`{"StartAt":"A","States":{"A":5}}`, ``), schema + "Expected value of type [OBJECT] at /States/X/Branches[0]/States/A"},
		{branches(`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"InputPath":"$"}}}`, ``), onlyJSONPath("InputPath", "/States/X/Branches[0]/States/A")},
		{branches(`{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"QueryLanguage":"JSONPath"}}}`, ``), schema + "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/X/Branches[0]/States/A"},
		{branches(branch("A"), `,"TimeoutSeconds":5`), schema + "Field 'TimeoutSeconds' is not supported at /States/X"},
		{branches(branch("A"), `,"Resource":"arn:aws:states:::lambda:invoke"`), schema + "Field 'Resource' is not supported at /States/X"},
		{branches(branch("A"), `,"Items":[]`), schema + "Field 'Items' is not supported at /States/X"},
		{branches(branch("A"), `,"Parameters":{}`), onlyJSONPath("Parameters", "/States/X")},
		{branches(branch("A"), `,"ResultSelector":{}`), onlyJSONPath("ResultSelector", "/States/X")},
		{branches(branch("A"), `,"Arguments":"{% $states.result %}"`), "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/X/Arguments"},
		{branches(branch("A"), `,"Output":"{% $states.errorOutput %}"`), "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.errorOutput' does not exist. at /States/X/Output"},
		{`{"Type":"Map","End":true}`, schema + "These fields are required: [ItemProcessor] at /States/X"},
		{`{"Type":"Map","End":true,"ItemProcessor":[]}`, schema + "Expected value of type [OBJECT] at /States/X/ItemProcessor"},
		{`{"Type":"Map","End":true,"ItemProcessor":{}}`, schema + "These fields are required: [States, StartAt] at /States/X/ItemProcessor"},
		{`{"Type":"Map","ItemProcessor":` + branch("A") + `}`, schema + "This object should have only one of the following fields: [Next, End] at /States/X"},
		{mapOf(`,"QueryLanguage":"JSONata"`, ``), schema + "Field 'QueryLanguage' is not supported at /States/X/ItemProcessor"},
		{mapOf(`,"ProcessorConfig":5`, ``), schema + "Expected value of type [OBJECT] at /States/X/ItemProcessor/ProcessorConfig"},
		{mapOf(`,"ProcessorConfig":{"Mode":"inline"}`, ``), schema + "Value should be one of the following: [INLINE, DISTRIBUTED] at /States/X/ItemProcessor/ProcessorConfig/Mode"},
		{mapOf(`,"ProcessorConfig":{"Mode":"INLINE","ExecutionType":"STANDARD"}`, ``), schema + "Field 'ExecutionType' is not supported at /States/X/ItemProcessor/ProcessorConfig"},
		{mapOf(`,"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}`, ``), schema + "Mode 'DISTRIBUTED' is not supported here at /States/X/ItemProcessor/ProcessorConfig/Mode"},
		{mapOf(``, `,"Iterator":`+branch("A")), schema + "Field 'Iterator' is not supported at /States/X"},
		{mapOf(``, `,"ItemReader":{}`), schema + "Field 'ItemReader' is not supported at /States/X"},
		{mapOf(``, `,"ItemBatcher":{}`), schema + "Field 'ItemBatcher' is not supported at /States/X"},
		{mapOf(``, `,"ResultWriter":{}`), schema + "Field 'ResultWriter' is not supported at /States/X"},
		{mapOf(``, `,"ToleratedFailureCount":1`), schema + "Field 'ToleratedFailureCount' is not supported at /States/X"},
		{mapOf(``, `,"ToleratedFailurePercentage":1`), schema + "Field 'ToleratedFailurePercentage' is not supported at /States/X"},
		{mapOf(``, `,"Label":"l"`), schema + "Field 'Label' is not supported at /States/X"},
		{mapOf(``, `,"TimeoutSeconds":5`), schema + "Field 'TimeoutSeconds' is not supported at /States/X"},
		{mapOf(``, `,"Arguments":{}`), schema + "Field 'Arguments' is not supported at /States/X"},
		{mapOf(``, `,"ItemsPath":"$"`), onlyJSONPath("ItemsPath", "/States/X")},
		{mapOf(``, `,"MaxConcurrencyPath":"$.n"`), onlyJSONPath("MaxConcurrencyPath", "/States/X")},
		{mapOf(``, `,"Items":{"a":1}`), schema + "Expected value of type [ARRAY] or a JSONata expression at /States/X/Items"},
		{mapOf(``, `,"Items":{"a":"{% 1 %}"}`), schema + "Expected value of type [ARRAY] or a JSONata expression at /States/X/Items"},
		{mapOf(``, `,"Items":"a"`), schema + "Expected value of type [ARRAY] or a JSONata expression at /States/X/Items"},
		{mapOf(``, `,"Items":"{% $states.result %}"`), "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/X/Items"},
		{mapOf(``, `,"ItemSelector":{"a":"{% $states.result %}"}`), "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/X/ItemSelector/a"},
		{mapOf(``, `,"ItemSelector":{"a.$":"$.b"}`), onlyJSONPath("a.$", "/States/X/ItemSelector")},
		{mapOf(``, `,"MaxConcurrency":-1`), schema + "Minimum value is 0 at /States/X/MaxConcurrency"},
		{mapOf(``, `,"MaxConcurrency":1.5`), schema + "Expected value of type Integer at /States/X/MaxConcurrency"},
		{mapOf(``, `,"MaxConcurrency":"1"`), schema + "Expected value of type Integer at /States/X/MaxConcurrency"},
		{mapOf(``, `,"MaxConcurrency":["{% 1 %}"]`), schema + "Expected a JSONata expression at /States/X/MaxConcurrency"},
		{mapOf(``, `,"Retry":[{}]`), schema + "These fields are required: [ErrorEquals] at /States/X/Retry[0]"},
		{mapOf(``, `,"Catch":[{"ErrorEquals":["a"]}]`), schema + "These fields are required: [Next] at /States/X/Catch[0]"},
	} {
		got := problemsOf(t, machine(c.state, ""))
		// A state that is refused may also leave the machine without an end.
		got = slices.DeleteFunc(got, func(p string) bool { return strings.HasPrefix(p, "MISSING_END_STATE") })
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s\n got  %s\n want %s", c.state, strings.Join(got, "\n      "), c.want)
		}
	}
}

// TestParse_NamesAreUniqueInTheMachine: the second one in the order of the definition
// is reported, a state before those inside it.
func TestParse_NamesAreUniqueInTheMachine(t *testing.T) {
	t.Parallel()
	const duplicate = "DUPLICATE_STATE_NAME: Duplicate State name: "
	for _, c := range []struct {
		state string
		want  []string
	}{
		{branches(branch("A")+","+branch("A"), ""), []string{duplicate + "A at /States/X/Branches[1]/States/A"}},
		{branches(branch("X"), ""), []string{duplicate + "X at /States/X/Branches[0]/States/X"}},
		{branches(branch("Y"), ""), []string{duplicate + "Y at /States/Y"}},
		{branches(branch("A")+`,{"StartAt":"M","States":{"M":`+mapOf("", "")+`}},`+branch("P"), ""), []string{duplicate + "P at /States/X/Branches[2]/States/P"}},
		{branches(branch("a")+","+branch("A"), ""), nil},
	} {
		checkProblems(t, machine(strings.Replace(c.state, `"End":true,"Branches"`, `"Next":"Y","Branches"`, 1)+`,"Y":`+pass, ""), c.want...)
	}
}

func TestParse_TransitionsStayInTheirFlow(t *testing.T) {
	t.Parallel()
	const missing = "MISSING_TRANSITION_TARGET: "
	for _, c := range []struct {
		state string
		want  []string
	}{
		{branches(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"Y"},"B":`+pass+`}}`, ""), []string{
			missing + "Missing 'Next' target: Y at /States/X/Branches[0]/States/A/Next", missing + `State "B" is not reachable. at /States/X/Branches[0]/States/B`,
		}},
		{branches(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"}}}`, ""), nil},
		{branches(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"A"},"B":{"Type":"Pass","Next":"B"}}}`, ""), []string{missing + `State "B" is not reachable. at /States/X/Branches[0]/States/B`}},
		{branches(`{"StartAt":"Y","States":{"A":`+pass+`}}`, ""), []string{
			missing + "Missing 'Next' target: Y at /States/X/Branches[0]/StartAt", missing + `State "A" is not reachable. at /States/X/Branches[0]/States/A`,
		}},
		{`{"Type":"Map","Next":"A","ItemProcessor":{"StartAt":"P","States":{"P":` + pass + `,"A":{"Type":"Fail"}}}}`, []string{
			missing + "Missing 'Next' target: A at /States/X/Next", missing + `State "Y" is not reachable. at /States/Y`, missing + `State "A" is not reachable. at /States/X/ItemProcessor/States/A`,
		}},
		// A state that cannot be read hides the ways of its own flow alone.
		{branches(`{"StartAt":"A","States":{"A":{}}},{"StartAt":"B","States":{"B":{"Type":"Pass","Next":"Z"}}}`, ""), []string{
			"SCHEMA_VALIDATION_FAILED: These fields are required: [Type] at /States/X/Branches[0]/States/A", missing + "Missing 'Next' target: Z at /States/X/Branches[1]/States/B/Next",
		}},
	} {
		checkProblems(t, machine(strings.Replace(c.state, `"End":true,"Branches"`, `"Next":"Y","Branches"`, 1)+`,"Y":`+pass, ""), c.want...)
	}
}

// TestMachine_VariableReferences: localstack's test_sfn_api_variable_references, in
// JSONata.
func TestMachine_VariableReferences(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(`{"QueryLanguage":"JSONata","StartAt":"Start","States":{
		"Start":{"Type":"Pass","Assign":{"Question":"q","List":["a"],"bias":4.3},"Output":"{% $sum([1]) & $states.input.$uuid() %}","Next":"Map"},
		"Map":{"Type":"Map","Items":"{% $List %}","ItemSelector":{"a":"{% $Question & $states.context.Map.Item.Value & $Question %}"},"End":true,"ItemProcessor":{"StartAt":"Pass","States":{
			"Pass":{"Type":"Pass","End":true,"Assign":{"x":"{% $bias + $Question %}"},"Output":"{% ($y := 1; $map($List, function($v, $i) { $v + $i + $y + $unset }); $states.input@$f#$n.a[$f = $n]) %}"}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"Map": {"List", "Question"}, "Pass": {"List", "Question", "bias", "unset"}}
	if got := m.VariableReferences(); !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("references %v, want %v", got, want)
	}
}
