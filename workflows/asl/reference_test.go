package asl

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// jsonataSHA256 is the digest of package/jsonata.min.js in npm's jsonata-2.0.6.tgz.
const jsonataSHA256 = "3616231ac3b165ea2b3e0840c94bbc0bf86b4c73202b644576693fd74dfbd762"

func TestReference_IsJSONata206Unchanged(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256([]byte(jsonataSource))
	if got := hex.EncodeToString(sum[:]); got != jsonataSHA256 {
		t.Errorf("jsonata.min.js has digest %s: AWS runs 2.0.6, whose digest is %s", got, jsonataSHA256)
	}
	// Operators that later versions accept and AWS refuses.
	for _, text := range []string{"$states.input.a ?? 1", "$states.input.a ?: 1"} {
		if _, err := shared.parse(text); !isFault(err) || outcomeCode(err) != "S0211" {
			t.Errorf("parse %s: %v, want S0211", text, err)
		}
	}
}

// evalText evaluates an expression as a machine would, and by the reference alone.
func evalText(t *testing.T, text string, b *Bindings) (any, error) {
	t.Helper()
	x := mustCompile(t, text)
	value, err := x.eval(b)
	x.fast = nil
	again, errAgain := x.eval(b)
	if (err == nil) != (errAgain == nil) || (err == nil && !equal(value, again)) {
		t.Errorf("%s: %v, %v by default and %v, %v by the reference", text, value, err, again, errAgain)
	}
	return value, err
}

func TestEval_Values(t *testing.T) {
	t.Parallel()
	input := `{"a":{"b":[{"c":1},{"c":2},{"d":0}]},"none":null,"empty":[],"one":[7],"text":"é😀","big":9007199254740993,"9":1,"x":1,"1":2}`
	for _, c := range []struct{ text, want string }{
		{"$states.input.a.b.c", `[1,2]`},
		{"$states.input.a.b.d", `0`},
		{"$states.input.none", `null`},
		{"$states.input.empty", `[]`},
		{"$states.input.one", `[7]`},
		{"$states.input.one[0]", `7`},
		{"$states.input.big", `9007199254740992`},
		{"$length($states.input.text)", `2`},
		{"$substring($states.input.text, 1)", `"😀"`},
		{"$keys($states.input)", `["1","9","a","none","empty","one","text","big","x"]`},
		{`{"b": 1, "a": $states.input.missing, "10": 2, "2": 3}`, `{"2":3,"10":2,"b":1}`},
		{"[$states.input.missing, 1]", `[1]`},
		{"$string(0.1 + 0.2)", `"0.3"`},
		{"$string(-0.9999999999999999)", `"-1"`}, // goja alone gives null
		{"$string(-0.05)", `"-0.05"`},
		{"0.1 + 0.2", `0.30000000000000004`},
		{"1e21 & ''", `"1e+21"`},
		{"$sum($states.input.a.b.c)", `3`},
		{"$map([1,2], function($v) { $v * 2 })", `[2,4]`},
		{"$base64encode('Olá')", `"T2zh"`},
		{"$base64decode('T2zh')", `"Olá"`},
		{"$base64decode($base64encode('hello'))", `"hello"`},
		{"$now()", `"2026-11-21T12:00:00.000Z"`},
		{"$millis()", `1795262400000`},
		{"$fromMillis(0)", `"1970-01-01T00:00:00.000Z"`},
		{"$exists($states.input.none)", `true`},
		{"$exists($states.input.missing)", `false`},
		{"$v.k & $w", `"x1"`},
		{"$missing = 1", `false`},
		{"1/0", `"Infinity"`},
		{"[-1/0]", `["-Infinity"]`},
		{"$states.context.Execution.Id", `"arn"`},
		{"$states.result", `{"ok":true}`},
		{"$states.{'in': input.x}", `{"in":1}`},
		{"$keys($states)", `["input","result","context"]`},
	} {
		value, err := evalText(t, c.text, &Bindings{
			Input:   mustParse(t, input),
			Result:  mustParse(t, `{"ok":true}`),
			Context: mustParse(t, `{"Execution":{"Id":"arn"}}`),
			Vars:    map[string]any{"v": mustParse(t, `{"k":"x"}`), "w": 1.0},
			Now:     time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
		})
		if err != nil {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
			continue
		}
		if got := string(AppendJSON(nil, value)); got != c.want {
			t.Errorf("%s = %s, want %s", c.text, got, c.want)
		}
	}
}

func mustParse(t testing.TB, text string) any {
	t.Helper()
	value, err := ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// TestEval_Causes holds the texts against AWS's (recordings of test-state by
// floci-io/floci and radkawar/stackd).
func TestEval_Causes(t *testing.T) {
	t.Parallel()
	said := func(text, ending string) string {
		return "The JSONata expression '" + text + "' specified for the field 'Output' " + ending
	}
	for _, c := range []struct {
		text, ending string
		kind         EvalKind
	}{
		{"$states.input.missing", "returned nothing (undefined).", Undefined},
		{"$missing", "returned nothing (undefined).", Undefined},
		{"()", "returned nothing (undefined).", Undefined},
		{"$notAFunction()", "threw an error during evaluation. T1006: Attempted to invoke a non-function", Threw},
		{"$eval('1+1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function", Threw},
		{"$sum('a')", `threw an error during evaluation. T0412: Argument 1 of function "sum" must be an array of "numbers"`, Threw},
		{"1 < 'a'", `threw an error during evaluation. T2009: The values 1 and "a" either side of operator "<" must be of the same data type`, Threw},
		{"1 < true", `threw an error during evaluation. T2010: The expressions either side of operator "<" must evaluate to numeric or string values`, Threw},
		{`{"a": 1, "a": 2}`, `threw an error during evaluation. D1009: Multiple key definitions evaluate to same key: "a"`, Threw},
		{`{1: 2}`, "threw an error during evaluation. T1003: Key in object structure must evaluate to a string; got: 1", Threw},
		{"$error('ours')", "threw an error during evaluation. D3137: ours", Threw},
		{"$sum", "returned an unsupported result type.", UnsupportedType},
		{"/a/", "returned an unsupported result type.", UnsupportedType},
		{"function($x) { $x }", "returned an unsupported result type.", UnsupportedType},
		{`{"f": $sum}`, "returned an unsupported result type.", UnsupportedType},
		{"($f := function($x) { $x <= 0 ? 0 : 1 + $f($x - 1) }; $f(1000))", "threw an error during evaluation: Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive", Threw},
		{doubling(23), "threw an error during evaluation: Expression evaluation memory limit exceeded: Check for excessive memory usage", Threw},
	} {
		_, err := evalText(t, c.text, &Bindings{Input: NewObject(0)})
		var failed *EvalError
		if !errors.As(err, &failed) {
			t.Errorf("%s: %v, want an *EvalError", c.text, err)
			continue
		}
		if got := failed.Cause(); got != said(c.text, c.ending) || failed.Kind != c.kind {
			t.Errorf("%s: kind %d\n got  %s\n want %s", c.text, failed.Kind, got, said(c.text, c.ending))
		}
	}
}

// doubling makes a string of 2^n characters.
func doubling(n int) string {
	return fmt.Sprintf("($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f('x', %d) != '')", n)
}

// TestEval_MemoryIsAWSs: AWS was measured to take 2^22 characters and to refuse 2^23.
func TestEval_MemoryIsAWSs(t *testing.T) {
	t.Parallel()
	if value, err := evalText(t, doubling(22), &Bindings{}); err != nil || value != true {
		t.Errorf("2^22 characters: %v, %v", value, err)
	}
}

// TestEval_DepthIsAWSs: the last depth that AWS was measured to take, and the first
// that it refuses, per shape.
func TestEval_DepthIsAWSs(t *testing.T) {
	t.Parallel()
	recursion := "($f := function($x) { $x <= 0 ? 0 : 1 + $f($x-1) }; $f("
	for _, c := range []struct{ name, taken, refused string }{
		{"sum", "1" + strings.Repeat("+1", 99), "1" + strings.Repeat("+1", 100)},
		{"parentheses", strings.Repeat("(", 99) + "1" + strings.Repeat(")", 99), strings.Repeat("(", 100) + "1" + strings.Repeat(")", 100)},
		{"brackets", strings.Repeat("[", 99) + "1" + strings.Repeat("]", 99), strings.Repeat("[", 100) + "1" + strings.Repeat("]", 100)},
		{"chain", "1" + strings.Repeat("~>$string", 99), "1" + strings.Repeat("~>$string", 100)},
		{"recursion", recursion + "31))", recursion + "32))"},
	} {
		if _, err := evalText(t, c.taken, &Bindings{}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		_, err := evalText(t, c.refused, &Bindings{})
		var failed *EvalError
		if !errors.As(err, &failed) || failed.Text != overflowText {
			t.Errorf("%s: %v, want %s", c.name, err, overflowText)
		}
	}
}

func TestEval_StopsAnEndlessExpression(t *testing.T) {
	t.Parallel()
	hasty := newReference(1, time.Second)
	_, err := compileOn(t, hasty, "($f := function($x) { $f($x + 1) }; $f(1))").eval(&Bindings{})
	var failed *EvalError
	if !errors.As(err, &failed) || failed.Text != timeoutText {
		t.Fatalf("endless expression: %v, want %s", err, timeoutText)
	}
	if value, err := compileOn(t, hasty, "1 + 1").eval(&Bindings{}); err != nil || value != 2.0 {
		t.Errorf("after it, 1 + 1 = %v, %v", value, err)
	}
}

// What goja does by itself, or is done with its result, ends in time too.
func TestEval_StopsWhatInterruptsDoNotReach(t *testing.T) {
	t.Parallel()
	hasty := newReference(1, time.Second)
	for _, c := range []struct{ text, want string }{
		{`$replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(?:(a+)+)\1$/, "x")`, timeoutText},
		{"$reduce([1..40], function($a, $b) { [[$a], [$a]] }, 1)", memoryText},
		{`$reduce([1..40], function($a, $b) { {"a": $a, "b": $a} }, 1)`, memoryText},
		{"$reduce([1..200], function($a, $b) { " + strings.Repeat("[", 40) + "[$a]" + strings.Repeat("]", 40) + " }, 1)", overflowText},
	} {
		_, err := compileOn(t, hasty, c.text).eval(&Bindings{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.text, err, c.want)
		}
	}
	// No VM is lost to them.
	if value, err := compileOn(t, hasty, "$sum([1, 2])").eval(&Bindings{}); err != nil || value != 3.0 {
		t.Errorf("afterwards: got %v, %v", value, err)
	}
}

func TestEval_MarksOfTheReferenceInDataAreData(t *testing.T) {
	t.Parallel()
	for _, input := range []string{
		`{"a":{"__proto__":{"b":1}}}`, `{"a":{"_jsonata_function":true}}`, `{"a":{"_jsonata_lambda":true,"x":1}}`,
		`{"a":{"sequence":true,"length":0}}`, `{"a":{"toJSON":1}}`, `{"a":{"then":1}}`,
	} {
		value, err := evalText(t, "$states.input", &Bindings{Input: mustParse(t, input)})
		if err != nil {
			t.Errorf("%s: %v", input, err)
			continue
		}
		if got := string(AppendJSON(nil, value)); got != input {
			t.Errorf("%s came out as %s", input, got)
		}
	}
}

func TestEval_ManyAtOnce(t *testing.T) {
	t.Parallel()
	x := mustCompile(t, "$sum($states.input)")
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			for range 10 {
				value, err := x.eval(&Bindings{Input: []any{float64(n), 1.0}})
				if err != nil || value != float64(n)+1 {
					t.Errorf("$sum = %v, %v, want %d", value, err, n+1)
				}
			}
		})
	}
	wg.Wait()
}
