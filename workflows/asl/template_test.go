package asl

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// output parses a Task whose Output is given, and returns the template.
func output(t *testing.T, text string) *Template {
	t.Helper()
	m, err := Parse([]byte(machine(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,"Output":`+text+`}`, "")))
	if err != nil {
		t.Fatal(err)
	}
	return m.States["X"].Output
}

func TestTemplate_ReplacesExpressionsAtAnyDepth(t *testing.T) {
	t.Parallel()
	b := &Bindings{Input: mustParse(t, `{"a":1,"n":null}`), Result: mustParse(t, `{"r":[1,2]}`), Vars: map[string]any{"v": "x"}}
	for _, c := range []struct{ template, want string }{
		{`"{% $states.input.a %}"`, `1`},
		{`"{%$states.input%}"`, `{"a":1,"n":null}`},
		{`{"b":"{% $states.result.r %}","a":[1,"{% $v %}",{"c":"{% $states.input.n %}"}],"lit":"$v"}`, `{"b":[1,2],"a":[1,"x",{"c":null}],"lit":"$v"}`},
		{`["{% $v %}"]`, `["x"]`},
		{`"plain {% $v %} text"`, `"plain {% $v %} text"`},
		{`"${Placeholder}"`, `"${Placeholder}"`},
		{`"States.TaskFailed"`, `"States.TaskFailed"`},
		{`null`, `null`},
		{`{}`, `{}`},
		{`{"b":1,"10":"{% 2 %}","9":3}`, `{"9":3,"10":2,"b":1}`},
		{`"{% {'gone': $states.input.missing, 'kept': 1} %}"`, `{"kept":1}`},
	} {
		value, err := output(t, c.template).Eval(b)
		if err != nil {
			t.Errorf("%s: %v", c.template, err)
			continue
		}
		if got := string(AppendJSON(nil, value)); got != c.want {
			t.Errorf("%s = %s, want %s", c.template, got, c.want)
		}
	}
}

func TestTemplate_WithoutExpressionsIsConstant(t *testing.T) {
	t.Parallel()
	template := output(t, `{"a":[1,{"b":"c"}]}`)
	if !template.constant || string(AppendJSON(nil, template.value)) != `{"a":[1,{"b":"c"}]}` {
		t.Errorf("constant %v, value %v", template.constant, template.value)
	}
	if again, err := template.Eval(nil); err != nil || again != template.value {
		t.Errorf("evaluated to a copy: %v, %v", again, err)
	}
	if output(t, `["{% 1 %}"]`).constant {
		t.Error("a template with an expression is constant")
	}
}

func TestTemplate_ErrorNamesTheField(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(`{"QueryLanguage":"JSONata","StartAt":"C","States":{
		"C":{"Type":"Choice","Choices":[{"Condition":true,"Next":"X"},{"Condition":"{% $gone %}","Next":"X","Output":{"a":["{% $gone %}"]},"Assign":{"v":"{% $gone %}"}}],"Output":"{% $gone %}"},
		"X":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true,"Arguments":{"Payload":{"x":"{% $gone %}"}},"Assign":{"v":{"w":"{% $gone %}"}},
			"TimeoutSeconds":"{% $gone %}","Catch":[{"ErrorEquals":["a"],"Next":"C","Output":{"e":"{% $gone %}"}}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	choice, task := m.States["C"], m.States["X"]
	for _, c := range []struct {
		template *Template
		want     string
	}{
		{choice.Choices[1].Condition, "Choices[1]/Condition"},
		{choice.Choices[1].Output, "Choices[1]/Output/a[0]"},
		{choice.Choices[1].Assign, "Choices[1]/Assign/v"},
		{choice.Output, "Output"},
		{task.Arguments, "Arguments/Payload/x"},
		{task.Assign, "Assign/v/w"},
		{task.TimeoutSeconds, "TimeoutSeconds"},
		{task.Catch[0].Output, "Catch[0]/Output/e"},
	} {
		_, err := c.template.Eval(&Bindings{})
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Field != c.want || failed.Kind != Undefined {
			t.Errorf("%s: %v, want nothing at %s", c.template.field, err, c.want)
			continue
		}
		if want := "The JSONata expression '$gone' specified for the field '" + c.want + "' returned nothing (undefined)."; failed.Cause() != want {
			t.Errorf("cause %s", failed.Cause())
		}
	}
}

func TestTemplate_FirstFailureStops(t *testing.T) {
	t.Parallel()
	_, err := output(t, `{"a":"{% 1 < true %}","b":"{% $gone %}"}`).Eval(&Bindings{})
	var failed *EvalError
	if !errors.As(err, &failed) || failed.Field != "Output/a" || failed.Code != "T2010" {
		t.Errorf("error %v", err)
	}
}

// scalarOf compiles one expression as a template of its own.
func scalarOf(t *testing.T, text, field string) *Template {
	t.Helper()
	x := mustCompile(t, text)
	x.field = field
	return &Template{field: field, root: x, expressions: []*expression{x}}
}

// TestTemplate_TypedResults: the texts about Items, Timestamp and TimeoutSeconds are
// AWS's (localstack's test_map_state_items_eval_jsonata_variable_sampling_fail and
// test_wait_timestamp_jsonata, recorded 2024-11 and -12; tiny-asl-machine).
func TestTemplate_TypedResults(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 1, 59, 0, 500e6, time.UTC)
	boolean := func(tm *Template) (any, error) { return tm.EvalBool(&Bindings{}) }
	text := func(tm *Template) (any, error) { return tm.EvalString(&Bindings{}) }
	seconds := func(tm *Template) (any, error) { return tm.EvalSeconds(&Bindings{}) }
	count := func(tm *Template) (any, error) { return tm.EvalCount(&Bindings{}) }
	array := func(tm *Template) (any, error) {
		items, err := tm.EvalArray(&Bindings{})
		return string(AppendJSON(nil, items)), err
	}
	timestamp := func(tm *Template) (any, error) {
		v, err := tm.EvalTimestamp(&Bindings{})
		return v.UTC(), err
	}
	const sentence = "The JSONata expression 'X' specified for the field 'F' returned an unexpected result type. "
	const unreadable = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
	for _, c := range []struct {
		text, field string
		eval        func(*Template) (any, error)
		want        any
		fail        string
	}{
		{"1 = 1", "Condition", boolean, true, ""},
		{"1", "Condition", boolean, nil, sentence + "Expected 'boolean', but was 'number' for value: 1"},
		{"null", "Condition", boolean, nil, sentence + "Expected 'boolean', but was 'null' for value: null"},
		{"'a'", "Error", text, "a", ""},
		{"['a']", "Error", text, nil, sentence + `Expected 'string', but was 'array' for value: ["a"]`},
		{"{'a': 1}", "Cause", text, nil, sentence + `Expected 'string', but was 'object' for value: {"a":1}`},
		{"[1,2]", "Items", array, "[1,2]", ""},
		{"[]", "Items", array, "[]", ""},
		{"1", "Items", array, nil, sentence + "Expected 'array', but was 'number' for value: 1"},
		{"'string'", "Items", array, nil, sentence + `Expected 'array', but was 'string' for value: "string"`},
		{"true", "Items", array, nil, sentence + "Expected 'array', but was 'boolean' for value: true"},
		{"{'foo': 'bar'}", "Items", array, nil, sentence + `Expected 'array', but was 'object' for value: {"foo":"bar"}`},
		{"null", "Items", array, nil, sentence + "Expected 'array', but was 'null' for value: null"},
		{"0", "TimeoutSeconds", seconds, int64(0), ""},
		{"99999999", "TimeoutSeconds", seconds, int64(99_999_999), ""},
		{"100000000", "TimeoutSeconds", seconds, nil, "TimeoutSeconds must be between 0 and 99999999 but was: 100000000"},
		{"-1", "TimeoutSeconds", seconds, nil, "TimeoutSeconds must be between 0 and 99999999 but was: -1"},
		{"1.5", "TimeoutSeconds", seconds, nil, "The TimeoutSeconds field cannot be parsed as an integer: 1.5"},
		{"'5'", "TimeoutSeconds", seconds, nil, sentence + `Expected 'number', but was 'string' for value: "5"`},
		{"-1", "HeartbeatSeconds", seconds, nil, "HeartbeatSeconds must be between 0 and 99999999 but was: -1"},
		{"100000000", "Seconds", seconds, int64(100_000_000), ""},
		{"1e300", "Seconds", seconds, int64(9_000_000_000), ""},
		{"-1", "Seconds", seconds, nil, "Seconds must be between 0 and 99999999 but was: -1"},
		{"1.5", "Seconds", seconds, nil, "The Seconds field cannot be parsed as an integer: 1.5"},
		{"null", "Seconds", seconds, nil, sentence + "Expected 'number', but was 'null' for value: null"},
		{"0", "MaxConcurrency", count, int64(0), ""},
		{"1e18", "MaxConcurrency", count, int64(1 << 53), ""},
		{"-1", "MaxConcurrency", count, nil, "Expected non-negative integer for MaxConcurrency, got '-1' instead."},
		{"0.5", "MaxConcurrency", count, nil, "The MaxConcurrency field cannot be parsed as an integer: 0.5"},
		{"'1'", "MaxConcurrency", count, nil, sentence + `Expected 'number', but was 'string' for value: "1"`},
		{"'2026-03-14T01:59:00.5Z'", "Timestamp", timestamp, at, ""},
		{"'2026-03-14T03:59:00.5+02:00'", "Timestamp", timestamp, at, ""},
		{"'2026-03-14t01:59:00.500000000z'", "Timestamp", timestamp, at, ""},
		{"'2026-03-14T01:59Z'", "Timestamp", timestamp, at.Add(-500 * time.Millisecond), ""},
		{"'2016-12-05 21:29:29Z'", "Timestamp", timestamp, nil, unreadable + "2016-12-05 21:29:29Z"},
		{"'2016-12-05T21:29:29'", "Timestamp", timestamp, nil, unreadable + "2016-12-05T21:29:29"},
		{"'2026-03-14T19:59:00.5+18:00'", "Timestamp", timestamp, at, ""},
		{"'2016-12-05T21:29:29+18:01'", "Timestamp", timestamp, nil, unreadable + "2016-12-05T21:29:29+18:01"},
		{"'2016-12-05T21:29:29-23:00'", "Timestamp", timestamp, nil, unreadable + "2016-12-05T21:29:29-23:00"},
		{"'2016-13-05T21:29:29Z'", "Timestamp", timestamp, nil, unreadable + "2016-13-05T21:29:29Z"},
		{"'2016-12-05T25:29:29Z'", "Timestamp", timestamp, nil, unreadable + "2016-12-05T25:29:29Z"},
		{"'05-12-2016T21:29:29Z'", "Timestamp", timestamp, nil, unreadable + "05-12-2016T21:29:29Z"},
		{"'2016-12-05T21:29:29,5Z'", "Timestamp", timestamp, nil, unreadable + "2016-12-05T21:29:29,5Z"},
		{"1", "Timestamp", timestamp, nil, sentence + "Expected 'string', but was 'number' for value: 1"},
	} {
		got, err := c.eval(scalarOf(t, c.text, c.field))
		if c.fail == "" {
			if err != nil || got != c.want {
				t.Errorf("%s = %v, %v, want %v", c.text, got, err, c.want)
			}
			continue
		}
		want := strings.NewReplacer("'X'", "'"+c.text+"'", "'F'", "'"+c.field+"'").Replace(c.fail)
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Cause() != want || failed.Expression != c.text || failed.Field != c.field {
			t.Errorf("%s: %v, want %s", c.text, err, want)
		}
	}
	for _, eval := range []func(*Template) (any, error){boolean, text, seconds, count, array, timestamp} {
		_, err := eval(scalarOf(t, "$gone", "F"))
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Kind != Undefined {
			t.Errorf("nothing gave %v", err)
		}
	}
}

// TestState_EvalItems: without Items a Map takes its input; AWS's text names no field
// (localstack's test_map_state_items_input_types, recorded 2024-11).
func TestState_EvalItems(t *testing.T) {
	t.Parallel()
	m, err := Parse([]byte(machine(mapOf("", `,"Items":["{% $states.input.n %}",2]`), "")))
	if err != nil {
		t.Fatal(err)
	}
	items, err := m.States["X"].EvalItems(&Bindings{Input: mustParse(t, `{"n":1}`)})
	if err != nil || len(items) != 2 || items[0] != 1.0 {
		t.Errorf("items %v, %v", items, err)
	}
	_, err = m.States["X"].EvalItems(&Bindings{Input: mustParse(t, `{}`)})
	var failed *EvalError
	if !errors.As(err, &failed) || failed.Field != "Items[0]" || failed.Kind != Undefined {
		t.Errorf("a missing item: %v", err)
	}
	bare := &State{Type: Map}
	if items, err := bare.EvalItems(&Bindings{Input: []any{1.0}}); err != nil || len(items) != 1 {
		t.Errorf("input as items: %v, %v", items, err)
	}
	for _, input := range []string{`1`, `"string"`, `true`, `{"foo":"bar"}`, `null`} {
		_, err := bare.EvalItems(&Bindings{Input: mustParse(t, input)})
		if !errors.As(err, &failed) || failed.Cause() != "Map state input must be an array but was: "+input || failed.Field != "" {
			t.Errorf("%s: %v", input, err)
		}
	}
}

func TestParse_WaitTakesLiteralAndExpression(t *testing.T) {
	t.Parallel()
	for _, member := range []string{`"Seconds":0`, `"Seconds":99999999`, `"Seconds":"{% 5 %}"`, `"Timestamp":"2026-01-01T00:00:00Z"`, `"Timestamp":"2026-01-01T00:00:00.123-03:00"`, `"Timestamp":"{% $now() %}"`} {
		checkProblems(t, machine(`{"Type":"Wait","End":true,`+member+`}`, ""))
	}
}
