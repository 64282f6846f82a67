package asl

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// TestEval_AddedFunctions: AWS's additions to JSONata, as floci-io/floci (issue 2662,
// pull request 2676, JsonataEvaluatorTest, 2026-08) and iwamot/sfnx (docs/design.md,
// tests/test_asl.py, 2026-09) measured them; "" is nothing.
func TestEval_AddedFunctions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{`$parse('{"a":1}').a`, `1`},
		{`$parse('{"b":1,"a":2}')`, `{"b":1,"a":2}`},
		{`$parse("-0")`, `0`},
		{`$parse("1.0")`, `1`},
		{`$parse("1e2")`, `100`},
		{`$parse("true")`, `true`},
		{`$parse('"HelloWorld"')`, `"HelloWorld"`},
		{`$parse('[1, 2, "HelloWorld"]')`, `[1,2,"HelloWorld"]`},
		{`$parse('{"Arg1": 1, "Arg2": []}')`, `{"Arg1":1,"Arg2":[]}`},
		{`$parse(" null ")`, `null`},
		{`$exists($parse('null'))`, `true`},
		{`$parse($states.input.quoted)`, `{"a":"b","c'":"\"\\é"}`},
		{`$parse()`, ``},
		{`$parse($nothing)`, ``},
		{`$map(['{"a":1}', '{"a":2}'], $parse).a`, `[1,2]`},
		{`'{"a":[1,2]}' ~> $parse ~> $lookup("a") ~> $sum`, `3`},
		{`($p := $parse; $p("[1]"))`, `[1]`},

		{`$partition([1,2,3,4], 2)`, `[[1,2],[3,4]]`},
		{`$partition([1,2,3,4,5], 2)`, `[[1,2],[3,4],[5]]`},
		{`$partition([1,2,3,4,5], 2.9)`, `[[1,2],[3,4],[5]]`},
		{`$partition([0], 5)`, `[[0]]`},
		{`$partition([0,1], 1)`, `[[0],[1]]`},
		{`$partition([1,2,3])`, `[[1,2,3]]`},
		{`$partition([1,2,3], $nothing)`, `[[1,2,3]]`},
		{`$partition([1,2,3], 1/0)`, `[[1,2,3]]`},
		{`$partition([], $nothing)`, `[[]]`},
		{`$partition([[1],[2],[3]], 2)`, `[[[1],[2]],[[3]]]`},
		{`$partition([], 2)`, ``},
		{`$partition([1,2,3], 0)`, ``},
		{`$partition([1,2,3], 0.5)`, ``},
		{`$partition([1,2,3,4], -0.5)`, ``},
		{`$partition($nothing, 2)`, ``},
		{`$partition($states.input.list, 2)`, `[[{"n":1},{"n":2}],[{"n":3}]]`},
		{`$partition($states.input.list.n, 2) ~> $map($sum)`, `[3,3]`},
		{`($two := $partition(?, 2); $two([1,2,3]))`, `[[1,2],[3]]`},

		{`$range(0, 6, 2)`, `[0,2,4,6]`},
		{`$range(0, 10, 2)`, `[0,2,4,6,8,10]`},
		{`$range(0, 9, 2)`, `[0,2,4,6,8]`},
		{`$range(10, 0, -2)`, `[10,8,6,4,2,0]`},
		{`$range(1.7, 5, 1)`, `[1,2,3,4,5]`},
		{`$range(-1.7, 2, 1)`, `[-1,0,1,2]`},
		{`$range(-2.9, 0, 1)`, `[-2,-1,0]`},
		{`$range(5, 1, -1.5)`, `[5,4,3,2,1]`},
		{`$range(1.4, 5.6, 2.2)`, `[1,3,5]`},
		{`$range(3, 3, 1)`, `3`},
		{`$range(1, 9, 9)`, `1`},
		{`[$range(1, 9, 9)]`, `[1]`},
		{`$range(3, 0, 1)`, ``},
		{`$range(5, 1, 1)`, ``},
		{`[$range(3, 0, 1)]`, `[]`},
		{`$range(1, 5, 0)`, ``},
		{`$range(1, 10, 0.49)`, ``},
		{`$range(1, 5)`, ``},
		{`$range($nothing, 3, 1)`, ``},
		{`$range(0, $nothing, 1)`, ``},
		{`$range(0, 3, $nothing)`, ``},
		{`$count($range(-9223372036854775808, 9223372036854775807, 9223372036854775807))`, `3`},
		{`$range(1, 3, 1) ~> $map(function($n) { $n * 2 })`, `[2,4,6]`},

		{`$hash("input", "SHA-1")`, `"140f86aae51ab9e1cda9b4254fe98a74eb54c1a1"`},
		{`$hash('Hello', 'MD5')`, `"8b1a9953c4611296a827abf8c47804d7"`},
		{`$hash('Hello', 'SHA-256')`, `"185f8db32271fe25f561a6fc938b2e264306ec304eda518007d1764826381969"`},
		{`$hash('Hello', 'SHA-384')`, `"3519fe5ad2c596efe3e276a6f351b8fc0b03db861782490d45f7598ebd0ab5fd5520ed102f38c4a5ec834e98668035fc"`},
		{`$hash('Hello', 'SHA-512')`, `"3615f80c9d293ed7402687f94b22d58e529b8cc7916f8fac7fddf7fbd5af4cf777d3d795a7a00a16bf7e7f3fb9561ee9baae480da9fe7a18769e71886b03f315"`},
		{`$hash('ñ', 'MD5')`, `"94e9342ecbb1458b6043ecd3bfcbc192"`},
		{`$hash('', 'MD5')`, `"d41d8cd98f00b204e9800998ecf8427e"`},
		{`'a' ~> $hash('MD5')`, `"0cc175b9c0f1b6a831c399e269772661"`},
		{`$hash($nothing, 'SHA-256')`, ``},
		{`$hash('a')`, ``},
		{`($md5 := $hash(?, 'MD5'); $md5('a'))`, `"0cc175b9c0f1b6a831c399e269772661"`},

		{`$random(42)`, `0.7275636800328681`},
		{`$random(0)`, `0.730967787376657`},
		{`$random(7)`, `0.7306990420600421`},
		{`$random(0.9) = $random(0)`, `true`},
		{`$random(-1.5) = $random(-1)`, `true`},
		{`$random(-1)`, `0.26894263088050496`},
		{`$map([42, 0], $random)`, `[0.7275636800328681,0.730967787376657]`},
		{`$random() = $random()`, `false`},
		{`$random($nothing) < 1 and $random() >= 0`, `true`},
		{`$uuid() = $uuid()`, `false`},

		{`$hidden`, `"h"`},
		{`$pad('a', -3, '-')`, `"--a"`},
		{`$pad($nothing, 300000)`, ``},
	} {
		value, err := evalText(t, c.text, &Bindings{
			Input: mustParse(t, `{"list":[{"n":1},{"n":2},{"n":3}],"quoted":"{'a': \"b\", 'c\\'': '\"\\\\\\u00e9'}"}`),
			Vars:  map[string]any{"hidden": "h"},
		})
		var failed *EvalError
		switch {
		case c.want == "" && errors.As(err, &failed) && failed.Kind == Undefined:
		case c.want == "" || err != nil:
			t.Errorf("%s: %v, %v, want %q", c.text, value, err, c.want)
		default:
			if got := string(AppendJSON(nil, value)); got != c.want {
				t.Errorf("%s = %s, want %s", c.text, got, c.want)
			}
		}
	}
	value, err := evalOnce(t, "$uuid()", &Bindings{})
	if id, _ := value.(string); err != nil || !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("$uuid() = %v, %v", value, err)
	}
}

// TestEval_LastSizesThatAWSTakes: one more of each is refused. That AWS counts what
// $pad adds, not what it makes, is radkawar/stackd's recording.
func TestEval_LastSizesThatAWSTakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want any
	}{
		{`$count($range(1, 360145, 1))`, 360145.0},
		{`$exists($pad($pad('',131072,'x'),262145,'x'))`, true},
		{`$exists($pad('',262144,'é'))`, true},
	} {
		if value, err := evalOnce(t, c.text, &Bindings{}); err != nil || value != c.want {
			t.Errorf("%s = %v, %v, want %v", c.text, value, err, c.want)
		}
	}
}

// evalOnce evaluates once: what differs every time, or costs much.
func evalOnce(t *testing.T, text string, b *Bindings) (any, error) {
	t.Helper()
	return mustCompile(t, text).eval(b)
}

// TestEval_AddedFunctionsRefuse: the same sources.
func TestEval_AddedFunctionsRefuse(t *testing.T) {
	t.Parallel()
	argument := func(n, function string) string {
		return `. T0410: Argument ` + n + ` of function "` + function + `" does not match function signature`
	}
	const notArray = `. T0412: Argument 1 of function "partition" must be an array of undefined`
	const negative = `. D3137: Second argument must be zero or greater`
	algorithm := func(name string) string {
		return ". D3137: Hash algorithm '" + name + "' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"
	}
	for _, c := range []struct{ text, want string }{
		{`$parse(null)`, argument("1", "parse")},
		{`$parse(123)`, argument("1", "parse")},
		{`$parse('{}', 1)`, argument("2", "parse")},
		{`$parse('not valid json')`, `. D3137: Invalid JSON`},
		{`$parse('')`, `. D3137: Invalid JSON`},
		{`$parse('  ')`, `. D3137: Invalid JSON`},
		{`$parse('{"a":1}{"b":2}')`, `. D3137: Invalid JSON`},
		{`$parse('[1,2] [3,4]')`, `. D3137: Invalid JSON`},
		{`$parse('{"a":1,"a":2}')`, `. D3137: Invalid JSON`},
		{`$parse('1e400')`, `. D3137: Invalid JSON`},
		{`$parse('NaN')`, `. D3137: Invalid JSON`},
		{`$parse("{'a':1,'a':2}")`, `. D3137: Invalid JSON`},
		{`$parse("{'a':1")`, `. D3137: Invalid JSON`},
		{`$partition(null, 2)`, notArray},
		{`$partition('not-array', 2)`, notArray},
		{`$partition([1,2,3], -1)`, negative},
		{`$partition([1,2,3], '2')`, argument("2", "partition")},
		{`$partition([1,2,3], null)`, argument("2", "partition")},
		{`$partition([1,2,3], true)`, argument("2", "partition")},
		{`$partition([1,2,3], 2, 99)`, argument("3", "partition")},
		{`$range()`, argument("1", "range")},
		{`$range(1)`, argument("2", "range")},
		{`$range('a', 5, 1)`, argument("1", "range")},
		{`$range(1, 5, null)`, argument("3", "range")},
		{`$range(1, 5, 1, 99)`, argument("4", "range")},
		{`$range(1, 360146, 1)`, ": " + memoryText},
		{`$range(1, 1000000000, 1)`, ": " + memoryText},
		{`$hash()`, argument("1", "hash")},
		{`$hash(42, 'MD5')`, argument("1", "hash")},
		{`$hash('a', 5)`, argument("2", "hash")},
		{`$hash('a', 'MD5', 'x')`, argument("3", "hash")},
		{`$hash('a', $nothing)`, algorithm("null")},
		{`$hash('a', 'md5')`, algorithm("md5")},
		{`$hash('a', 'SHA256')`, algorithm("SHA256")},
		{`$random('seed')`, argument("1", "random")},
		{`$random(null)`, argument("1", "random")},
		{`$random(1, 2)`, argument("2", "random")},
		{`$uuid('x')`, argument("1", "uuid")},
		{`$uuid(1, 2)`, argument("1", "uuid")},
		{`$pad('', 262145, 'x')`, ": " + memoryText},
		{`$pad('', -262145)`, ": " + memoryText},
		{`$shadowed.hash`, `. T1006: Attempted to invoke a non-function`},
	} {
		text, vars := c.text, map[string]any{}
		if text == "$shadowed.hash" { // a variable hides the function of its name
			text, vars["hash"] = "$hash('a', 'MD5')", true
		}
		_, err := evalText(t, text, &Bindings{Input: NewObject(0), Vars: vars})
		var failed *EvalError
		if want := "The JSONata expression '" + text + "' specified for the field 'Output' threw an error during evaluation" + c.want; !errors.As(err, &failed) || failed.Cause() != want {
			t.Errorf("%s\n got  %v\n want %s", text, err, want)
		}
	}
	for _, text := range []string{"$parse", "[$hash]", "{'f': $range}", "$pad"} {
		_, err := evalText(t, text, &Bindings{})
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Kind != UnsupportedType {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestRequote_TouchesSingleQuotesAlone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{`{"a": 1}`, `{"a": 1}`},
		{`{'a': 'b"c'}`, `{"a": "b\"c"}`},
		{`['it\'s', "it's", '\\', '\n']`, `["it's", "it's", "\\", "\n"]`},
		{`'`, `"`},
		{`'\`, `"\`},
	} {
		if got := requote(c.text); got != c.want {
			t.Errorf("requote(%s) = %s, want %s", c.text, got, c.want)
		}
	}
	if got := requote(strings.Repeat("'", 3)); got != `"""` {
		t.Errorf("three quotes became %s", got)
	}
}
