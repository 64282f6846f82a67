package asl

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// machine is a definition of one state "X", and what else is given.
func machine(state, more string) string {
	return `{"QueryLanguage":"JSONata","StartAt":"X",` + more + `"States":{"X":` + state + `}}`
}

func problemsOf(t *testing.T, definition string) []string {
	t.Helper()
	_, err := Parse([]byte(definition))
	if err == nil {
		return nil
	}
	var refused *DefinitionError
	if !errors.As(err, &refused) {
		t.Fatalf("%s: %v is no *DefinitionError", definition, err)
	}
	out := make([]string, len(refused.Problems))
	for i, p := range refused.Problems {
		out[i] = p.String()
	}
	if refused.Message() != strings.Join(out, ", ") {
		t.Errorf("message %s", refused.Message())
	}
	return out
}

func checkProblems(t *testing.T, definition string, want ...string) {
	t.Helper()
	if got := problemsOf(t, definition); !slices.Equal(got, want) {
		t.Errorf("%s\n got  %s\n want %s", definition, strings.Join(got, "\n      "), strings.Join(want, "\n      "))
	}
}

func TestParse_RefusesWhatIsNoDefinition(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ definition, want string }{
		{``, "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"},
		{" \n", "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"},
		{`[]`, "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"},
		{`null`, "SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null"},
		{`{"StartAt":"X","States":{"X":{"Type":"Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: QueryLanguage 'JSONPath' is not supported here; it must be 'JSONata' at /QueryLanguage"},
		{`{"QueryLanguage":"JSONPath","StartAt":"X","States":{"X":{"Type":"Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: QueryLanguage 'JSONPath' is not supported here; it must be 'JSONata' at /QueryLanguage"},
		{`{"QueryLanguage":"jsonata","StartAt":"X","States":{"X":{"Type":"Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage"},
		{`{"QueryLanguage":5,"StartAt":"X","States":{"X":{"Type":"Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: Expected value of type [STRING] at /QueryLanguage"},
		{`{"QueryLanguage":"JSONata"}`, "SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /"},
		{`{"QueryLanguage":"JSONata","StartAt":"X","States":{}}`, "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States"},
		{`{"QueryLanguage":"JSONata","StartAt":"X","States":[]}`, "SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT] at /States"},
		{`{"QueryLanguage":"JSONata","StartAt":"","States":{"X":{"Type":"Succeed"}}}`, "SCHEMA_VALIDATION_FAILED: Value cannot be empty at /StartAt"},
		{machine(`{"Type":"Succeed"}`, `"Timeoutseconds":5,`), "SCHEMA_VALIDATION_FAILED: Field 'Timeoutseconds' is not supported at /"},
		{machine(`{"Type":"Succeed"}`, `"Version":"2.0",`), "SCHEMA_VALIDATION_FAILED: Value should be one of the following: [1.0] at /Version"},
		{machine(`{"Type":"Succeed"}`, `"TimeoutSeconds":-1,`), "SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /TimeoutSeconds"},
		{machine(`{"Type":"Succeed"}`, `"TimeoutSeconds":100000000,`), "SCHEMA_VALIDATION_FAILED: Maximum value is 99999999 at /TimeoutSeconds"},
		{machine(`{"Type":"Succeed"}`, `"TimeoutSeconds":1.5,`), "SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /TimeoutSeconds"},
		{machine(`{"Type":"Succeed"}`, `"TimeoutSeconds":"{% 5 %}",`), "SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /TimeoutSeconds"},
		{machine(`{"Type":"Succeed"}`, `"Comment":5,`), "SCHEMA_VALIDATION_FAILED: Expected value of type [STRING] at /Comment"},
	} {
		checkProblems(t, c.definition, c.want)
	}
}

func TestParse_RefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	for _, definition := range []string{
		`{not json`, `{"QueryLanguage":"JSONata"`, `{"QueryLanguage":"JSONata",}`, machine(`{"Type":"Succeed"}`, ``) + `{}`,
		`{"QueryLanguage":"JSONata","QueryLanguage":"JSONata","StartAt":"X","States":{"X":{"Type":"Succeed"}}}`,
		`{"QueryLanguage":"JSONata","StartAt":"X","States":{"X":{"Type":"Succeed"},"X":{"Type":"Fail"}}}`,
		machine(`{"Type":"Pass","End":true,"Output":{"a":1,"a":2}}`, ``),
		machine(`{"Type":"Pass","End":true,"Output":1e400}`, ``),
		"{\"QueryLanguage\":\"\xff\"}",
	} {
		got := problemsOf(t, definition)
		if len(got) != 1 || !strings.HasPrefix(got[0], "INVALID_JSON_DESCRIPTION: ") || !strings.HasSuffix(got[0], " at null") {
			t.Errorf("%s: %v", definition, got)
		}
	}
}

func TestParse_RefusesStates(t *testing.T) {
	t.Parallel()
	task := func(more string) string {
		return `{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true` + more + `}`
	}
	const schema = "SCHEMA_VALIDATION_FAILED: "
	const onlyJSONPath = schema + "The QueryLanguage is set to 'JSONata', but field '%' is only supported for the 'JSONPath' QueryLanguage at /States/X"
	pathOnly := func(field string) string { return strings.Replace(onlyJSONPath, "%", field, 1) }
	for _, c := range []struct{ state, want string }{
		{`5`, schema + "Expected value of type [OBJECT] at /States/X"},
		{`{}`, schema + "These fields are required: [Type] at /States/X"},
		{`{"Type":5}`, schema + "Expected value of type [STRING] at /States/X/Type"},
		{`{"Type":"pass"}`, schema + "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/X/Type"},
		{`{"Type":"Succeed","QueryLanguage":"JSONPath","InputPath":"$"}`, schema + "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at /States/X"},
		{`{"Type":"Succeed","QueryLanguage":"jsonata"}`, schema + "Value should be one of the following: [JSONPath, JSONata] at /States/X/QueryLanguage"},
		{`{"Type":"Succeed","Comment":[]}`, schema + "Expected value of type [STRING] at /States/X/Comment"},
		{`{"Type":"Succeed","Next":"X"}`, schema + "Field 'Next' is not supported at /States/X"},
		{`{"Type":"Succeed","End":true}`, schema + "Field 'End' is not supported at /States/X"},
		{`{"Type":"Succeed","Assign":{}}`, schema + "Field 'Assign' is not supported at /States/X"},
		{`{"Type":"Succeed","output":1}`, schema + "Field 'output' is not supported at /States/X"},
		{`{"Type":"Fail","Output":1}`, schema + "Field 'Output' is not supported at /States/X"},
		{`{"Type":"Fail","Error":5}`, schema + "Expected value of type [STRING] at /States/X/Error"},
		{`{"Type":"Fail","Cause":{"a":"{% 'b' %}"}}`, schema + "Expected a JSONata expression at /States/X/Cause"},
		{`{"Type":"Fail","ErrorPath":"$.e"}`, pathOnly("ErrorPath")},
		{`{"Type":"Pass","End":true,"Retry":[]}`, schema + "Field 'Retry' is not supported at /States/X"},
		{`{"Type":"Pass","End":true,"Catch":[]}`, schema + "Field 'Catch' is not supported at /States/X"},
		{`{"Type":"Pass","End":true,"TimeoutSeconds":5}`, schema + "Field 'TimeoutSeconds' is not supported at /States/X"},
		{`{"Type":"Pass","End":true,"Resource":"arn:aws:states:::lambda:invoke"}`, schema + "Field 'Resource' is not supported at /States/X"},
		{`{"Type":"Pass","End":true,"Arguments":{}}`, schema + "Field 'Arguments' is not supported at /States/X"},
		{`{"Type":"Pass","End":true,"InputPath":"$.a"}`, pathOnly("InputPath")},
		{`{"Type":"Pass","End":true,"OutputPath":"$.a"}`, pathOnly("OutputPath")},
		{`{"Type":"Pass","End":true,"ResultPath":null}`, pathOnly("ResultPath")},
		{`{"Type":"Pass","End":true,"Parameters":{}}`, pathOnly("Parameters")},
		{`{"Type":"Pass","End":true,"Result":{}}`, pathOnly("Result")},
		{task(`,"ResultSelector":{}`), pathOnly("ResultSelector")},
		{task(`,"TimeoutSecondsPath":"$.t"`), pathOnly("TimeoutSecondsPath")},
		{task(`,"HeartbeatSecondsPath":"$.t"`), pathOnly("HeartbeatSecondsPath")},
		{task(`,"Credentials":{"RoleArn":"arn:aws:iam::1:role/r"}`), schema + "Field 'Credentials' is not supported at /States/X"},
		{task(`,"Seconds":5`), schema + "Field 'Seconds' is not supported at /States/X"},
		{`{"Type":"Pass","End":true,"Output":{"a.$":"$.b"}}`, schema + "The QueryLanguage is set to 'JSONata', but field 'a.$' is only supported for the 'JSONPath' QueryLanguage at /States/X/Output"},
		{`{"Type":"Pass","End":true,"Output":{"a":["States.Format('{}', 1)"]}}`, schema + "Intrinsic functions are only supported for the 'JSONPath' QueryLanguage at /States/X/Output/a[0]"},
		{`{"Type":"Pass"}`, schema + "This object should have only one of the following fields: [Next, End] at /States/X"},
		{`{"Type":"Pass","End":false}`, schema + "This object should have only one of the following fields: [Next, End] at /States/X"},
		{`{"Type":"Pass","End":true,"Next":"X"}`, schema + "There should only be one of the following fields: [Next, End] at /States/X"},
		{`{"Type":"Pass","End":"true"}`, schema + "Expected value of type [BOOLEAN] at /States/X/End"},
		{`{"Type":"Pass","Next":5}`, schema + "Expected value of type [STRING] at /States/X/Next"},
		{`{"Type":"Pass","Next":""}`, schema + "Value cannot be empty at /States/X/Next"},
		{`{"Type":"Task","End":true}`, schema + "These fields are required: [Resource] at /States/X"},
		{`{"Type":"Task","End":true,"Resource":5}`, schema + "Expected value of type [STRING] at /States/X/Resource"},
		{`{"Type":"Task","End":true,"Resource":""}`, schema + "Value is not a valid resource ARN at /States/X/Resource"},
		{`{"Type":"Task","End":true,"Resource":"lambda:invoke"}`, schema + "Value is not a valid resource ARN at /States/X/Resource"},
		{`{"Type":"Task","End":true,"Resource":"arn:aws:lambda"}`, schema + "Value is not a valid resource ARN at /States/X/Resource"},
		{`{"Type":"Task","End":true,"Resource":"${ValidateArn}"}`, schema + "Value is not a valid resource ARN at /States/X/Resource"},
		{task(`,"TimeoutSeconds":0`), schema + "Minimum value is 1 at /States/X/TimeoutSeconds"},
		{task(`,"TimeoutSeconds":100000000`), schema + "Maximum value is 99999999 at /States/X/TimeoutSeconds"},
		{task(`,"TimeoutSeconds":"5"`), schema + "Expected value of type Integer at /States/X/TimeoutSeconds"},
		{task(`,"TimeoutSeconds":1.5`), schema + "Expected value of type Integer at /States/X/TimeoutSeconds"},
		{task(`,"TimeoutSeconds":["{% 1 %}"]`), schema + "Expected a JSONata expression at /States/X/TimeoutSeconds"},
		{task(`,"HeartbeatSeconds":0`), schema + "Minimum value is 1 at /States/X/HeartbeatSeconds"},
		{task(`,"HeartbeatSeconds":5,"TimeoutSeconds":5`), schema + "HeartbeatSeconds must be smaller than TimeoutSeconds at /States/X/HeartbeatSeconds"},
		{`{"Type":"Wait","End":true}`, schema + "This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/X"},
		{`{"Type":"Wait","End":true,"Seconds":1,"Timestamp":"2026-01-01T00:00:00Z"}`, schema + "There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/X"},
		{`{"Type":"Wait","End":true,"SecondsPath":"$.s"}`, pathOnly("SecondsPath")},
		{`{"Type":"Wait","End":true,"Seconds":-1}`, schema + "Minimum value is 0 at /States/X/Seconds"},
		{`{"Type":"Wait","End":true,"Seconds":100000000}`, schema + "Maximum value is 99999999 at /States/X/Seconds"},
		{`{"Type":"Wait","End":true,"Seconds":"5"}`, schema + "Expected value of type Integer at /States/X/Seconds"},
		{`{"Type":"Wait","End":true,"Timestamp":5}`, schema + "Expected value of type [STRING] at /States/X/Timestamp"},
		{`{"Type":"Wait","End":true,"Timestamp":"2026-01-01"}`, schema + "String does not match RFC3339 timestamp at /States/X/Timestamp"},
		{`{"Type":"Wait","End":true,"Timestamp":"2026-01-01t00:00:00z"}`, schema + "String does not match RFC3339 timestamp at /States/X/Timestamp"},
		{`{"Type":"Wait","End":true,"Timestamp":"2026-01-01T00:00:00"}`, schema + "String does not match RFC3339 timestamp at /States/X/Timestamp"},
		{`{"Type":"Choice"}`, schema + "These fields are required: [Choices] at /States/X"},
		{`{"Type":"Pass","End":true,"Assign":[]}`, schema + "Expected value of type [OBJECT] at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":"{% {} %}"}`, schema + "Expected value of type [OBJECT] at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":{"states":1}}`, schema + "Invalid variable name 'states': it is reserved at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":{"1a":1}}`, schema + "Invalid variable name '1a': it is not an identifier at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":{"_a":1}}`, schema + "Invalid variable name '_a': it is not an identifier at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":{"a-b":1}}`, schema + "Invalid variable name 'a-b': it is not an identifier at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":{"":1}}`, schema + "Invalid variable name '': it is empty at /States/X/Assign"},
		{`{"Type":"Pass","End":true,"Assign":{"` + strings.Repeat("a", 81) + `":1}}`, schema + "Invalid variable name '" + strings.Repeat("a", 81) + "': it is longer than 80 characters at /States/X/Assign"},
	} {
		got := problemsOf(t, machine(c.state, ""))
		// A state that is refused may also leave the machine without an end.
		got = slices.DeleteFunc(got, func(p string) bool { return strings.HasPrefix(p, "MISSING_END_STATE") })
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s\n got  %s\n want %s", c.state, strings.Join(got, "\n      "), c.want)
		}
	}
}

func TestParse_RefusesRetryAndCatch(t *testing.T) {
	t.Parallel()
	const schema = "SCHEMA_VALIDATION_FAILED: "
	for _, c := range []struct{ member, want string }{
		{`"Retry":{}`, schema + "Expected value of type [ARRAY] at /States/X/Retry"},
		{`"Retry":[5]`, schema + "Expected value of type [OBJECT] at /States/X/Retry[0]"},
		{`"Retry":[{}]`, schema + "These fields are required: [ErrorEquals] at /States/X/Retry[0]"},
		{`"Retry":[{"ErrorEquals":[]}]`, schema + "Value cannot be empty at /States/X/Retry[0]/ErrorEquals"},
		{`"Retry":[{"ErrorEquals":"States.ALL"}]`, schema + "Expected value of type [ARRAY] at /States/X/Retry[0]/ErrorEquals"},
		{`"Retry":[{"ErrorEquals":["a",5]}]`, schema + "Expected value of type [STRING] at /States/X/Retry[0]/ErrorEquals[1]"},
		{`"Retry":[{"ErrorEquals":["States.ALL","a"]}]`, schema + "States.ALL must appear alone and at end of list at /States/X/Retry[0]/ErrorEquals[0]"},
		{`"Retry":[{"ErrorEquals":["a","States.ALL"]}]`, schema + "States.ALL must appear alone and at end of list at /States/X/Retry[0]/ErrorEquals[1]"},
		{`"Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["a"]}]`, schema + "States.ALL must appear alone and at end of list at /States/X/Retry[0]/ErrorEquals[0]"},
		{`"Retry":[{"ErrorEquals":["a"],"IntervalSeconds":-1}]`, schema + "Minimum value is 0 at /States/X/Retry[0]/IntervalSeconds"},
		{`"Retry":[{"ErrorEquals":["a"],"IntervalSeconds":1.5}]`, schema + "Expected value of type Integer at /States/X/Retry[0]/IntervalSeconds"},
		{`"Retry":[{"ErrorEquals":["a"],"IntervalSeconds":"{% 1 %}"}]`, schema + "Expected value of type Integer at /States/X/Retry[0]/IntervalSeconds"},
		{`"Retry":[{"ErrorEquals":["a"],"MaxAttempts":-1}]`, schema + "Minimum value is 0 at /States/X/Retry[0]/MaxAttempts"},
		{`"Retry":[{"ErrorEquals":["a"],"MaxAttempts":100000000}]`, schema + "Maximum value is 99999999 at /States/X/Retry[0]/MaxAttempts"},
		{`"Retry":[{"ErrorEquals":["a"],"BackoffRate":0.5}]`, schema + "Minimum value is 1 at /States/X/Retry[0]/BackoffRate"},
		{`"Retry":[{"ErrorEquals":["a"],"BackoffRate":"2"}]`, schema + "Expected value of type [NUMBER] at /States/X/Retry[0]/BackoffRate"},
		{`"Retry":[{"ErrorEquals":["a"],"MaxDelaySeconds":0}]`, schema + "Minimum value is 1 at /States/X/Retry[0]/MaxDelaySeconds"},
		{`"Retry":[{"ErrorEquals":["a"],"MaxDelaySeconds":31622401}]`, schema + "Maximum value is 31622400 at /States/X/Retry[0]/MaxDelaySeconds"},
		{`"Retry":[{"ErrorEquals":["a"],"IntervalSeconds":5,"MaxDelaySeconds":5}]`, schema + "MaxDelaySeconds must be greater than IntervalSeconds at /States/X/Retry[0]/MaxDelaySeconds"},
		{`"Retry":[{"ErrorEquals":["a"],"JitterStrategy":"HALF"}]`, schema + "Value should be one of the following: [NONE, FULL] at /States/X/Retry[0]/JitterStrategy"},
		{`"Retry":[{"ErrorEquals":["a"],"Next":"X"}]`, schema + "Field 'Next' is not supported at /States/X/Retry[0]"},
		{`"Catch":[{"ErrorEquals":["a"]}]`, schema + "These fields are required: [Next] at /States/X/Catch[0]"},
		{`"Catch":[{"Next":"X"}]`, schema + "These fields are required: [ErrorEquals] at /States/X/Catch[0]"},
		{`"Catch":[{"ErrorEquals":["a"],"Next":"X","ResultPath":"$.e"}]`, schema + "The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage at /States/X/Catch[0]"},
		{`"Catch":[{"ErrorEquals":["a"],"Next":"X","End":true}]`, schema + "Field 'End' is not supported at /States/X/Catch[0]"},
		{`"Catch":[{"ErrorEquals":["States.ALL"],"Next":"X"},{"ErrorEquals":["States.ALL"],"Next":"X"}]`, schema + "States.ALL must appear alone and at end of list at /States/X/Catch[0]/ErrorEquals[0]"},
		{`"Catch":[{"ErrorEquals":["a"],"Next":"X","Output":"{% $states.result %}"}]`, "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/X/Catch[0]/Output"},
	} {
		checkProblems(t, machine(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,`+c.member+`}`, ""), c.want)
	}
}

func TestParse_RefusesChoiceRules(t *testing.T) {
	t.Parallel()
	const schema = "SCHEMA_VALIDATION_FAILED: "
	for _, c := range []struct{ choices, want string }{
		{`[]`, schema + "Value cannot be empty at /States/X/Choices"},
		{`{}`, schema + "Expected value of type [ARRAY] at /States/X/Choices"},
		{`[{"Next":"Y"}]`, schema + "The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/X/Choices[0]"},
		{`[{"Next":"Y","Not":{}}]`, schema + "Field 'Not' is not supported at /States/X/Choices[0]"},
		{`[{"Condition":true}]`, schema + "These fields are required: [Next] at /States/X/Choices[0]"},
		{`[{"Condition":"true","Next":"Y"}]`, schema + "Expected value of type [BOOLEAN] or a JSONata expression at /States/X/Choices[0]/Condition"},
		{`[{"Condition":1,"Next":"Y"}]`, schema + "Expected value of type [BOOLEAN] or a JSONata expression at /States/X/Choices[0]/Condition"},
		{`[{"Condition":true,"Next":"Y","Variable":"$.x"}]`, schema + "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' QueryLanguage at /States/X/Choices[0]"},
		{`[{"Condition":true,"Next":"Y","StringEquals":"a"}]`, schema + "Field 'StringEquals' is not supported at /States/X/Choices[0]"},
		{`[{"Condition":true,"Next":"Y","And":[]}]`, schema + "Field 'And' is not supported at /States/X/Choices[0]"},
		{`[{"Condition":"{% $states.result %}","Next":"Y"}]`, "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.result' does not exist. at /States/X/Choices[0]/Condition"},
		{`[{"Condition":true,"Next":"Ghost"}]`, "MISSING_TRANSITION_TARGET: Missing 'Next' target: Ghost at /States/X/Choices[0]/Next"},
	} {
		checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"X","States":{"X":{"Type":"Choice","Choices":`+c.choices+`,"Default":"Y"},"Y":{"Type":"Succeed"}}}`, c.want)
	}
}

// TestParse_RefusesExpressions: codes and texts as AWS gave them to
// floci-io/floci (ValidateStateMachineDefinition, us-east-1, 2026-08), the last rows
// being ours.
func TestParse_RefusesExpressions(t *testing.T) {
	t.Parallel()
	const invalid, unsupported = "INVALID_JSONATA_EXPRESSION: ", "UNSUPPORTED_JSONATA_EXPRESSION: "
	for _, c := range []struct{ text, want string }{
		{`a[1,2)`, invalid + `Expected "]", got ","`},
		{`"unterminated`, invalid + `String literal must be terminated by a matching quote`},
		{`1 +`, invalid + `Unexpected end of expression`},
		{`{"a":}`, invalid + `The symbol "}" cannot be used as a unary operator`},
		{`$x :=`, invalid + `Unexpected end of expression`},
		{`$match("a", /abc`, invalid + `No terminating / in regular expression`},
		{`phone %.other`, invalid + `The symbol "." cannot be used as a unary operator`},
		{``, invalid + `Unexpected end of expression`},
		{`$states.input.a ?? 1`, invalid + `The symbol "?" cannot be used as a unary operator`},
		{`$states.input.a ?: 1`, invalid + `The symbol ":" cannot be used as a unary operator`},
		{`phone`, unsupported + `Reference to 'phone' at the top level is not supported.`},
		{`phone.number & phone`, unsupported + `Reference to 'phone' at the top level is not supported.`},
		{`{aaa: 1}`, unsupported + `Reference to 'aaa' at the top level is not supported.`},
		{`$map($states.input.a, function($x){ b })`, unsupported + `Reference to 'b' at the top level is not supported.`},
		{`$`, unsupported + `Reference to '$' at the top level is not supported.`},
		{`$.a`, unsupported + `Reference to '$' at the top level is not supported.`},
		{`$$`, unsupported + `Reference to '$$' is not supported.`},
		{`*`, unsupported + `Reference to '*' at the top level is not supported.`},
		{`**.a`, unsupported + `Reference to '**' at the top level is not supported.`},
		{`$states.errorOutput`, unsupported + `Field '$states.errorOutput' does not exist.`},
		{`$states.errorOutput.Cause`, unsupported + `Field '$states.errorOutput' does not exist.`},
		{`$states.result`, unsupported + `Field '$states.result' does not exist.`},
		{`$states.inputs`, unsupported + `Field '$states.inputs' does not exist.`},
		{`"\ud800"`, invalid + `Not supported here: it nests too deep, or a text in it is no Unicode`},
	} {
		quoted := string(AppendJSON(nil, "{% "+c.text+" %}"))
		checkProblems(t, machine(`{"Type":"Pass","End":true,"Output":`+quoted+`}`, ""), c.want+" at /States/X/Output")
		checkProblems(t, machine(`{"Type":"Pass","End":true,"Assign":{"v":[1,`+quoted+`]}}`, ""), c.want+" at /States/X/Assign/v[1]")
	}
	for _, s := range []string{"{% 1", "{%}", "1 %}", " {% 1 %}", "{% 1 %} "} {
		quoted := string(AppendJSON(nil, s))
		got := problemsOf(t, machine(`{"Type":"Pass","End":true,"Output":`+quoted+`}`, ""))
		marked := strings.HasPrefix(s, "{%") || strings.HasSuffix(s, "%}")
		if want := "SCHEMA_VALIDATION_FAILED: JSONata string must start with {% and end with %} at /States/X/Output"; marked != slices.Equal(got, []string{want}) {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestParse_TakesExpressions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"$states.input", "$states", "$states.context.Execution.Id", "$v", "$states.input.(a & b)", "$states.input.a[b = 1]", "$states.input^(a)",
		"$states.input.a{b: c}", "$map($states.input.a, function($x){ $x.b })", "$states.input ~> |a|{'b': c}|", "$states.input.a.$", "$states.input.**.b", "$random()",
		"($x := 1; $x)", "$states.input.a.b ~> $sum", "$eval('1')", "$notDefined()",
		"$parse('1')", "$uuid()", "$hash('a', 'MD5')", "$range(1, 2, 1)", "$partition([1], 2)", "$random(1)", "$map(['1'], $parse)", "['1'] ~> $map($hash)",
	} {
		quoted := string(AppendJSON(nil, "{%"+text+"%}"))
		checkProblems(t, machine(`{"Type":"Pass","End":true,"Output":`+quoted+`}`, ""))
	}
	for _, place := range []string{"Output", "Assign"} {
		checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"X","States":{"X":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,
			"`+place+`":{"a":"{% $states.result.a %}"},
			"Catch":[{"ErrorEquals":["States.ALL"],"Next":"Y","`+place+`":{"a":"{% $states.errorOutput.Cause %}"}}]},"Y":{"Type":"Succeed"}}}`)
	}
}

func TestParse_ReportsEveryProblemInOrder(t *testing.T) {
	t.Parallel()
	checkProblems(t, `{"QueryLanguage":"JSONata","StartAt":"A","Extra":1,"States":{
		"A":{"Type":"Pass","InputPath":"$","ResultPath":"$","Next":"B","Output":{"x":"{% y %}","z":"{% 1 + %}"}},
		"B":{"Type":"Wait","Seconds":-1,"End":true}}}`,
		"SCHEMA_VALIDATION_FAILED: Field 'Extra' is not supported at /",
		"SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage at /States/A",
		"SCHEMA_VALIDATION_FAILED: The QueryLanguage is set to 'JSONata', but field 'ResultPath' is only supported for the 'JSONPath' QueryLanguage at /States/A",
		"UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'y' at the top level is not supported. at /States/A/Output/x",
		"INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/A/Output/z",
		"SCHEMA_VALIDATION_FAILED: Minimum value is 0 at /States/B/Seconds",
	)
}

func TestParse_FillsInWhatADefinitionLeavesOut(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(`{"QueryLanguage":"JSONata","StartAt":"10","TimeoutSeconds":60,"Comment":"c","Version":"1.0","States":{
		"10":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","Next":"B","Retry":[{"ErrorEquals":["a","b"]},
			{"ErrorEquals":["States.ALL"],"IntervalSeconds":0,"MaxAttempts":0,"BackoffRate":1.5,"MaxDelaySeconds":9,"JitterStrategy":"FULL"}]},
		"B":{"Type":"Wait","Timestamp":"2026-01-01T00:00:00+02:00","Next":"2"},
		"2":{"Type":"Fail"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if m.TimeoutSeconds != 60 || m.Comment != "c" || m.StartAt != "10" || !slices.Equal(m.Order, []string{"2", "10", "B"}) {
		t.Errorf("machine %+v", m)
	}
	checkProblems(t, machine(`{"Type":"Succeed"}`, `"TimeoutSeconds":0,`)) // which AWS was measured to take
	retry := m.States["10"].Retry
	if r := retry[0]; r.IntervalSeconds != 1 || r.MaxAttempts != 3 || r.BackoffRate != 2 || r.MaxDelaySeconds != 0 || r.FullJitter {
		t.Errorf("defaults %+v", r)
	}
	if r := retry[1]; r.IntervalSeconds != 0 || r.MaxAttempts != 0 || r.BackoffRate != 1.5 || r.MaxDelaySeconds != 9 || !r.FullJitter {
		t.Errorf("as written %+v", r)
	}
	if s := m.States["10"]; s.Output != nil || s.Assign != nil || s.Arguments != nil || s.TimeoutSeconds != nil || s.Next != "B" || s.End {
		t.Errorf("task %+v", s)
	}
	if s := m.States["2"]; s.Error != nil || s.Cause != nil {
		t.Errorf("fail %+v", s)
	}
}

// TestParse_MachinesOfALeadRunFast: every expression on the path of a lead is
// compiled to Go. The list is the answer to which evaluator runs what.
func TestParse_MachinesOfALeadRunFast(t *testing.T) {
	t.Parallel()
	for name, m := range leadMachines(t) {
		expressions := m.Expressions()
		if len(expressions) < 5 {
			t.Errorf("%s: only %d expressions found", name, len(expressions))
		}
		for _, x := range expressions {
			evaluator := "fast"
			if !x.Fast {
				evaluator = "reference"
				t.Errorf("%s, %s, %s: %s needs the reference", name, x.State, x.Field, x.Expression)
			}
			t.Logf("%-9s %s / %s / %s: %s", evaluator, name, x.State, x.Field, x.Expression)
		}
	}
}
