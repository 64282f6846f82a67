package asl

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fastPairs is how many expression and input pairs the differential test compares.
// The gate runs it with 100,000.
var fastPairs = flag.Int("asl.pairs", 2_000, "expression and input pairs of the differential test")

const inputsPerExpression = 8

// TestFast_EqualsReference generates expressions over every shape that compiles to
// Go, and inputs that probe JSONata's corners, and requires of both evaluators the
// same value (key order included), the same nothing, the same error code.
func TestFast_EqualsReference(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := &exprGen{rand.New(rand.NewPCG(seed, 1))}
	slow, faulted := 0, 0
	for n := 0; n < *fastPairs; n += inputsPerExpression {
		text := g.expression(4)
		x := mustCompile(t, text)
		if x.fast == nil {
			t.Fatalf("%s: did not compile to Go", text)
		}
		for range inputsPerExpression {
			b := g.bindings()
			got, gotErr := x.fast(b)
			want, wantErr := x.evalReference(b)
			switch verdict := difference(text, got, gotErr, want, wantErr); {
			case errors.Is(gotErr, errSlow):
				slow++
			case verdict != "":
				t.Fatalf("%s\n input %s\n vars  %s\n %s", text, AppendJSON(nil, b.Input), AppendJSON(nil, objectOf(b.Vars)), verdict)
			case gotErr != nil:
				faulted++
			}
		}
	}
	t.Logf("%d pairs: %d with an error on both sides, %d left to the reference", *fastPairs, faulted, slow)
	if slow*10 > *fastPairs {
		t.Errorf("%d of %d pairs were left to the reference: the test proves too little", slow, *fastPairs)
	}
}

// difference says how two outcomes differ; "" when they do not. The members of a
// constructor run side by side in the reference, so which of two that fail is
// reported there depends on how deep they are: both must fail, with whatever code.
func difference(text string, got any, gotErr error, want any, wantErr error) string {
	if got == undefined && gotErr == nil {
		gotErr = errUndefined
	}
	gotCode, wantCode := outcomeCode(gotErr), outcomeCode(wantErr)
	if strings.ContainsAny(text, "[{") && isFault(gotErr) && isFault(wantErr) {
		return ""
	}
	if gotCode != wantCode {
		return fmt.Sprintf("fast: %s, reference: %s", outcome(got, gotCode), outcome(want, wantCode))
	}
	if gotErr != nil {
		return ""
	}
	if g, w := string(AppendJSON(nil, got)), string(AppendJSON(nil, want)); g != w {
		return fmt.Sprintf("fast: %s, reference: %s", g, w)
	}
	return ""
}

func isFault(err error) bool {
	var f *fault
	return errors.As(err, &f)
}

func outcomeCode(err error) string {
	var f *fault
	switch {
	case err == nil:
		return ""
	case errors.As(err, &f):
		return f.Code
	}
	return err.Error()
}

// TestFast_DifferenceIsCaught forces shapes through that are known to differ in other
// evaluators, and requires the comparison to find each.
func TestFast_DifferenceIsCaught(t *testing.T) {
	t.Parallel()
	object := func(pairs ...any) *Object {
		o := NewObject(2)
		for i := 0; i < len(pairs); i += 2 {
			o.Set(pairs[i].(string), pairs[i+1])
		}
		return o
	}
	for _, c := range []struct {
		name, text string
		input      any
		wrong      any
		wrongErr   error
	}{
		{"number not rounded to 15 digits", "$string($states.input)", 0.1 + 0.2, "0.30000000000000004", nil},
		{"tie rounded to even", "$states.input & ''", 1000000000000005.0, "1000000000000000", nil},
		{"missing taken for null", "$states.input.a", object(), nil, nil},
		{"null taken for missing", "$states.input.a", object("a", nil), undefined, nil},
		{"one result not unwrapped", "$states.input.a", []any{object("a", 1.0)}, []any{1.0}, nil},
		{"found array unwrapped", "$states.input.a", object("a", []any{1.0}), 1.0, nil},
		{"found empty array lost", "$states.input.a", object("a", []any{}), undefined, nil},
		{"nested array kept", "$states.input.a", []any{object("a", []any{1.0}), object("a", []any{2.0})}, []any{[]any{1.0}, []any{2.0}}, nil},
		{"undefined comparison false", "1 < $states.input.a", object(), false, nil},
		{"comparison of types false", "1 < 'a'", nil, false, nil},
		{"wrong code", "1 < true", nil, nil, &fault{Code: "T2009"}},
		{"surrogates by code point", `$states.input < "￮"`, "😀", false, nil},
		{"keys in order of writing", `{"b": 1, "2": 2}`, nil, reversed("b", 1.0, "2", 2.0), nil},
		{"undefined member kept as null", `{"a": $states.input.a}`, object(), object("a", nil), nil},
		{"array spread in constructor kept", `[$states.input]`, []any{1.0}, []any{[]any{1.0}}, nil},
	} {
		x := mustCompile(t, c.text)
		b := &Bindings{Input: c.input}
		want, wantErr := x.evalReference(b)
		if difference(c.text, c.wrong, c.wrongErr, want, wantErr) == "" {
			t.Errorf("%s: %s gave %s and nobody noticed", c.name, c.text, outcome(c.wrong, outcomeCode(c.wrongErr)))
		}
		got, err := x.eval(b)
		if err != nil {
			got = nil
		}
		if (err == nil) != (wantErr == nil) || (err == nil && !equal(got, want)) {
			t.Errorf("%s: %s = %v, %v; the reference says %v, %v", c.name, c.text, got, err, want, wantErr)
		}
	}
}

// TestFast_LeavesTheRestToTheReference: one shape of each kind off the allow-list.
func TestFast_LeavesTheRestToTheReference(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"$v[0]", "$v.a[0]", "$v.a[0].b", "$v[a = 1]", "$v[]", "$v.a[]", "$v{'a': 1}", "$v.a{'a': 1}", "$v.(a)", "$v.{'a': b}", "$v.[a]", "$v.*", "$v.**.a", "$v.a.%",
		"$v^(a)", "$v@$x.a", "$v#$i.a", "$v.$string()", "$v.$x", "($v).a", "[1].a", "{'a': 1}.a", "$v ~> $not", "$v ~> |a|{'b': 1}|",
		"$v.constructor", "$v.a.toString", "$v.__proto__", "$hasOwnProperty", "$hasOwnProperty.a", "$sum", "$string.a", "[$not]",
		"1 + 1", "1 - 1", "2 * 2", "4 / 2", "5 % 2", "-$v", "[1..3]", "$x := 1", "($x := 1; $x)", "(1; 2)", "()", "function($x) { $x }", "/a/",
		"$string(1, true)", "$string(?)", "$exists(1, 2)", "$count($v)", "$v()", "(1 = 1)()", "$v ? $sum : 1", "$v ? 1 : $sum", "$sum ? 1", "{$sum: 1}", "{'a': $sum}", "1 = $sum", "$sum = 1", "$not($sum)",
		strings.Repeat("(", fastMaxDepth) + "1" + strings.Repeat(")", fastMaxDepth),
	} {
		x := &expression{text: text}
		if _, err := newCompiler(patient).compile(x, place{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if x.fast != nil {
			t.Errorf("%s was compiled to Go", text)
		}
	}
}

// reversed is an object whose keys stand in an order that Object would not keep.
func reversed(pairs ...any) *Object {
	o := NewObject(2)
	for i := 0; i < len(pairs); i += 2 {
		o.keys = append(o.keys, pairs[i].(string))
		o.values = append(o.values, pairs[i+1])
	}
	return o
}

func outcome(value any, code string) string {
	if code != "" {
		return code
	}
	return string(AppendJSON(nil, value))
}

// patient is a reference whose bound of time a loaded machine does not meet.
var patient = newReference(2, time.Minute)

func mustCompile(t testing.TB, text string) *expression {
	t.Helper()
	return compileOn(t, patient, text)
}

func compileOn(t testing.TB, r *reference, text string) *expression {
	t.Helper()
	x := &expression{field: "Output", text: text}
	problems, err := newCompiler(r).compile(x, place{result: true})
	if err != nil || len(problems) > 0 {
		t.Fatalf("compile %s: %v %v", text, problems, err)
	}
	return x
}

func objectOf(vars map[string]any) *Object {
	o := NewObject(len(vars))
	for name, value := range vars {
		o.Set(name, value)
	}
	return o
}

// exprGen makes expressions and inputs that meet: both draw on few names.
type exprGen struct{ *rand.Rand }

func pick[T any](g *exprGen, from ...T) T { return from[g.IntN(len(from))] }

func (g *exprGen) name() string { return pick(g, "a", "b", "c", "`d e`", "`10`", "length") }

func (g *exprGen) path() string {
	head := pick(g, "$states.input", "$states.result", "$states.context", "$v", "$w", "$missing")
	var out strings.Builder
	out.WriteString(head)
	for range g.IntN(4) {
		out.WriteString("." + g.name())
	}
	return out.String()
}

func (g *exprGen) literal() string {
	return pick(g, `""`, `"a"`, `"😀"`, `"\uffee"`, `"['"`, "0", "1", "-1", "2", "0.1", "1e21", "1e-7", "9007199254740993", "true", "false", "null",
		"0.30000000000000004", "1000000000000005", "12345678901.34375")
}

func (g *exprGen) expression(depth int) string {
	if depth == 0 || g.IntN(5) == 0 {
		return pick(g, g.path, g.path, g.path, g.literal, g.literal, func() string { return "$states" })()
	}
	sub := func() string { return g.expression(depth - 1) }
	switch g.IntN(11) {
	case 0, 1:
		alike := pick(g, "$p %s $q", "$states.input.a %s $q", "[$p] %s [$q]", "{'a': $p} %s {'a': $q}")
		return "(" + pick(g, fmt.Sprintf(alike, pick(g, "=", "!=")), sub()+" "+pick(g, "=", "!=")+" "+sub()) + ")"
	case 2:
		alike := pick(g, "$s1 %s $s2", "$n1 %s $n2", "$s1 %s $n1", "$s1 %s $missing")
		return "(" + pick(g, fmt.Sprintf(alike, pick(g, "<", "<=", ">", ">=")), sub()+" "+pick(g, "<", "<=", ">", ">=")+" "+sub()) + ")"
	case 3:
		return "(" + sub() + " " + pick(g, "and", "or") + " " + sub() + ")"
	case 4:
		return "(" + sub() + " & " + sub() + ")"
	case 5:
		return "(" + sub() + " in " + sub() + ")"
	case 6:
		return pick(g, "("+sub()+" ? "+sub()+" : "+sub()+")", "("+sub()+" ? "+sub()+")")
	case 7:
		return g.array(depth)
	case 8:
		return g.object(depth)
	case 9:
		return pick(g, "$exists", "$not", "$string") + "(" + sub() + ")"
	default:
		return g.path()
	}
}

func (g *exprGen) array(depth int) string {
	items := make([]string, g.IntN(4))
	for i := range items {
		items[i] = g.expression(depth - 1)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func (g *exprGen) object(depth int) string {
	pairs := make([]string, g.IntN(4))
	for i := range pairs {
		key := strconv.Quote(pick(g, "a", "b", "c", "10", "2", "", "length", "d e") + strconv.Itoa(i)[:g.IntN(2)])
		if g.IntN(5) == 0 {
			key = g.path()
		}
		pairs[i] = key + ": " + g.expression(depth-1)
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

func (g *exprGen) bindings() *Bindings {
	b := &Bindings{Input: g.value(4), Result: g.value(3), Context: g.value(2), Vars: map[string]any{}}
	for _, name := range []string{"v", "w", "unused"} {
		if g.IntN(4) > 0 {
			b.Vars[name] = g.value(3)
		}
	}
	if g.IntN(40) == 0 {
		b.Vars["exists"] = true
	}
	b.Vars["p"] = g.value(3)
	b.Vars["q"] = g.alike(b.Vars["p"])
	b.Vars["s1"], b.Vars["s2"] = g.text(), g.text()
	b.Vars["n1"], b.Vars["n2"] = pick(g, -1.0, 0, 0.5, 1, 1e21), pick(g, -1.0, 0, 0.5, 1, 1e21)
	return b
}

// alike copies a value, mostly faithfully, its keys in another order.
func (g *exprGen) alike(value any) any {
	if g.IntN(12) == 0 {
		return g.value(1)
	}
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = g.alike(item)
		}
		return items
	case *Object:
		o := NewObject(v.Len())
		for i := range v.Len() {
			key, item := v.At(v.Len() - 1 - i)
			o.Set(key, g.alike(item))
		}
		return o
	}
	return value
}

// text makes strings that differ late, on both sides of the surrogates.
func (g *exprGen) text() string {
	var out strings.Builder
	for range g.IntN(4) {
		out.WriteString(pick(g, "a", "a", "b", "é", "\ue000", "\uffee", "😀", "😁", "𐀀"))
	}
	return out.String()
}

func (g *exprGen) value(depth int) any {
	if depth == 0 || g.IntN(6) == 0 {
		return pick[any](g, nil, true, false, 0.0, 1.0, -1.0, 2.0, 0.1+0.2, 9007199254740993.0, 1e21, 1.5e-9, 1000000000000005.0,
			100000000000000.5, "", "a", "b", "😀", "\uffee", "é", "line\nbreak")
	}
	if g.IntN(5) < 3 {
		o := NewObject(4)
		for range g.IntN(5) {
			o.Set(pick(g, "a", "a", "b", "b", "c", "d e", "10", "2", "length"), g.value(depth-1))
		}
		if g.IntN(60) == 0 {
			o.Set(pick(g, "_jsonata_function", "_jsonata_lambda", "__proto__", "toJSON", "then", "sequence", "tupleStream"), g.value(1))
		}
		return o
	}
	items := make([]any, pick(g, 0, 1, 1, 2, 3))
	for i := range items {
		items[i] = g.value(depth - 1)
	}
	return items
}
