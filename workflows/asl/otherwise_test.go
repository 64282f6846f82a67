package asl

import (
	"errors"
	"testing"
)

// TestEval_IsJSONata206WhereAWSIsOtherwise: AWS documents JSONata 2.0.6 and was
// measured to differ from npm's in these (iwamot/sfnx, docs/design.md and
// tests/test_asl.py, 2026-09; floci-io/floci, JsonataEvaluatorTest, 2026-08). Here
// npm's decides; DIVERGENCES.md lists them. "" is an error or nothing.
func TestEval_IsJSONata206WhereAWSIsOtherwise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, here, aws string }{
		{"$states.input.big", `9007199254740992`, `9007199254740993`},
		{"$states.input.bigger", `9223372036854776000`, `9.223372036854776E18`},
		{"10000000000000000000000001", `1e+25`, `1.0E25`},
		{"$string(2/3)", `"0.666666666666667"`, `"0.666666666666666"`},
		{"$string(100.0000000000001)", `"100"`, `"1e+2"`},
		{"$string(1234567890123456.7)", `"1234567890123460"`, `"1.23456789012345e+15"`},
		{`$string(["\u0001"])`, `"[\"\\u0001\"]"`, `"[\"\u0001\"]"`},
		{"$base64encode('é')", `"6Q=="`, `"w6k="`},
		{"$base64decode('w6k=')", "\"\u00c3\u00a9\"", `"é"`},
		{"$base64decode('!!')", `""`, ``},
		{"$decodeUrlComponent('a+b')", `"a+b"`, `"a b"`},
		{"$decodeUrlComponent('%E6')", ``, "\"\ufffd\""},
		{"$fromMillis(0, '[H01]', 'utc')", `"NaN"`, `"00"`},
		{"$pad('a', 6.5, 'b')", ``, `"abbbbb"`},
		{"$merge([{'a': 1}, [{'b': 2}]])", ``, `{"a":1,"b":2}`},
		{`$replace('a\u00a0', /\s/, '')`, `"a"`, "\"a\u00a0\""},
	} {
		if c.here == c.aws {
			t.Errorf("%s is no difference", c.text)
		}
		value, err := evalText(t, c.text, &Bindings{Input: mustParse(t, `{"big":9007199254740993,"bigger":9223372036854775808}`)})
		var failed *EvalError
		if c.here == "" {
			if !errors.As(err, &failed) {
				t.Errorf("%s = %v, %v, want an error", c.text, value, err)
			}
			continue
		}
		if got := string(AppendJSON(nil, value)); err != nil || got != c.here {
			t.Errorf("%s = %s, %v, want %s", c.text, got, err, c.here)
		}
	}
}

// TestEval_PowerHasGosLastDigit: JSONata leaves $power to the host, whose last digits
// are its own. V8's are those of node 20; AWS's were not measured.
func TestEval_PowerHasGosLastDigit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text     string
		here, v8 float64
	}{
		{"$power(1.1, 10)", 2.593742460100002, 2.5937424601000023},
		{"$power(10, -5)", 1e-05, 0.000009999999999999999},
		{"$power(1.05, 30)", 4.3219423751506625, 4.321942375150668},
	} {
		if c.here == c.v8 {
			t.Errorf("%s is no difference", c.text)
		}
		if value, err := evalText(t, c.text, &Bindings{}); err != nil || value != c.here {
			t.Errorf("%s = %v, %v, want %v", c.text, value, err, c.here)
		}
	}
}
