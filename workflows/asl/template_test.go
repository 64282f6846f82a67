package asl

import (
	"errors"
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
func scalarOf(t *testing.T, text string) *Template {
	t.Helper()
	x := mustCompile(t, text)
	x.field = "F"
	return &Template{field: "F", root: x, expressions: []*expression{x}}
}

func TestTemplate_TypedResults(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 1, 59, 0, 500e6, time.UTC)
	boolean := func(tm *Template) (any, error) { return tm.EvalBool(&Bindings{}) }
	text := func(tm *Template) (any, error) { return tm.EvalString(&Bindings{}) }
	seconds := func(tm *Template) (any, error) { return tm.EvalSeconds(&Bindings{}) }
	timestamp := func(tm *Template) (any, error) {
		v, err := tm.EvalTimestamp(&Bindings{})
		return v.UTC(), err
	}
	for _, c := range []struct {
		text string
		eval func(*Template) (any, error)
		want any
		fail string
	}{
		{"1 = 1", boolean, true, ""},
		{"1", boolean, nil, "Expected 'boolean', but was 'number' for value: 1"},
		{"null", boolean, nil, "Expected 'boolean', but was 'null' for value: null"},
		{"'a'", text, "a", ""},
		{"['a']", text, nil, `Expected 'string', but was 'array' for value: ["a"]`},
		{"{'a': 1}", text, nil, `Expected 'string', but was 'object' for value: {"a":1}`},
		{"0", seconds, int64(0), ""},
		{"99999999", seconds, int64(99_999_999), ""},
		{"100000000", seconds, nil, "Expected 'integer', but was 'number' for value: 100000000"},
		{"-1", seconds, nil, "Expected 'integer', but was 'number' for value: -1"},
		{"1.5", seconds, nil, "Expected 'integer', but was 'number' for value: 1.5"},
		{"'5'", seconds, nil, `Expected 'integer', but was 'string' for value: "5"`},
		{"'2026-03-14T01:59:00.5Z'", timestamp, at, ""},
		{"'2026-03-14T03:59:00.5+02:00'", timestamp, at, ""},
		{"'2026-03-14T01:59:00'", timestamp, nil, `Expected 'timestamp', but was 'string' for value: "2026-03-14T01:59:00"`},
		{"'2026-03-14 01:59:00Z'", timestamp, nil, `Expected 'timestamp', but was 'string' for value: "2026-03-14 01:59:00Z"`},
		{"1", timestamp, nil, "Expected 'string', but was 'number' for value: 1"},
	} {
		got, err := c.eval(scalarOf(t, c.text))
		if c.fail == "" {
			if err != nil || got != c.want {
				t.Errorf("%s = %v, %v, want %v", c.text, got, err, c.want)
			}
			continue
		}
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Kind != UnexpectedType || failed.Text != c.fail || failed.Expression != c.text || failed.Field != "F" {
			t.Errorf("%s: %v, want %s", c.text, err, c.fail)
		}
	}
	for _, eval := range []func(*Template) (any, error){boolean, text, seconds, timestamp} {
		_, err := eval(scalarOf(t, "$gone"))
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Kind != Undefined {
			t.Errorf("nothing gave %v", err)
		}
	}
}

func TestParse_WaitTakesLiteralAndExpression(t *testing.T) {
	t.Parallel()
	for _, member := range []string{`"Seconds":0`, `"Seconds":99999999`, `"Seconds":"{% 5 %}"`, `"Timestamp":"2026-01-01T00:00:00Z"`, `"Timestamp":"2026-01-01T00:00:00.123-03:00"`, `"Timestamp":"{% $now() %}"`} {
		checkProblems(t, machine(`{"Type":"Wait","End":true,`+member+`}`, ""))
	}
}
