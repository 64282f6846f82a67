package asl

import (
	"reflect"
	"testing"
)

func TestOutline_HoldsWhatTheDefinitionFixes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, arguments string
		want            func(outline any) bool
	}{
		{"constant", `{"a": [1, null]}`, func(got any) bool { return string(AppendJSON(nil, got)) == `{"a":[1,null]}` }},
		{"expression", `"{% $states.input %}"`, func(got any) bool { return got == Dynamic{} }},
		{"expression inside", `{"a": 1, "b": "{% 1 %}", "c": ["{% 2 %}", "x"]}`, func(got any) bool {
			object, ok := got.(*Object)
			if !ok {
				return false
			}
			a, _ := object.Get("a")
			b, _ := object.Get("b")
			c, _ := object.Get("c")
			return object.Len() == 3 && a == 1.0 && b == Dynamic{} && reflect.DeepEqual(c, []any{Dynamic{}, "x"})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			machine, err := Parse([]byte(`{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Task",
				"Resource": "arn:aws:states:::lambda:invoke", "Arguments": ` + test.arguments + `, "End": true}}}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := machine.States["A"].Arguments.Outline(); !test.want(got) {
				t.Errorf("got %#v", got)
			}
		})
	}
}
