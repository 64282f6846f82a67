package asl

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dop251/goja"
)

// fastPairs is how many expression and input pairs the differential test compares.
// The gate runs it with 100,000.
var fastPairs = flag.Int("asl.pairs", 2_000, "expression and input pairs of the differential test")

const inputsPerExpression = 8

// pair is an expression with an input, the same text for both evaluators.
type pair struct {
	states, vars map[string]string
	b            *Bindings
}

func newPair(g *exprGen) (*pair, error) {
	p := &pair{b: &Bindings{Vars: map[string]any{}}}
	p.states, p.vars = g.bindings()
	for name, text := range p.vars {
		value, err := ParseJSON([]byte(text))
		if err != nil {
			return nil, err
		}
		p.b.Vars[name] = value
	}
	for name, into := range map[string]*any{"input": &p.b.Input, "result": &p.b.Result, "context": &p.b.Context} {
		var err error
		if *into, err = ParseJSON([]byte(p.states[name])); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// reference evaluates in ECMAScript, from the text on: JSON.parse reads the input.
func (p *pair) reference(x *expression) (any, error) {
	return x.reference.eval(x.text, time.Now(), func(vm *referenceVM) *goja.Object {
		parse, _ := goja.AssertFunction(vm.runtime.Get("JSON").ToObject(vm.runtime).Get("parse"))
		read := func(text string) goja.Value {
			value, err := parse(goja.Undefined(), vm.runtime.ToValue(text))
			if err != nil {
				panic(err)
			}
			return value
		}
		bindings, states := vm.runtime.NewObject(), vm.runtime.NewObject()
		for _, name := range x.reads.vars {
			if text, set := p.vars[name]; set {
				_ = bindings.Set(name, read(text))
			}
		}
		for _, name := range x.reads.members {
			_ = states.Set(name, read(p.states[name]))
		}
		_ = bindings.Set("states", states)
		return bindings
	})
}

func (p *pair) String() string { return fmt.Sprintf("%v %v", p.states, p.vars) }

// TestFast_EqualsReference generates expressions over every shape that compiles to
// Go, and inputs that probe JSONata's corners, and requires of both evaluators the
// same value (key order included), the same nothing, the same error code. It counts
// what it compared: every shape, every kind of input, and with many pairs every error.
func TestFast_EqualsReference(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	g := &exprGen{rand.New(rand.NewPCG(seed, 1))}
	names := slices.Sorted(maps.Keys(g.shapes()))
	shapes, seen, outcomes, slow := map[string]int{}, map[string]int{}, map[string]int{}, 0
	for n := 0; n < *fastPairs; n += inputsPerExpression {
		text := g.shapes()[names[n/inputsPerExpression%len(names)]](4)
		x, tree := compileTree(t, text)
		if x.fast == nil {
			t.Fatalf("%s: did not compile to Go", text)
		}
		shapesOf(tree, shapes)
		for range inputsPerExpression {
			p, err := newPair(g)
			if err != nil {
				t.Fatal(err)
			}
			inputKinds(p, seen)
			got, gotErr := x.fast(p.b)
			want, wantErr := p.reference(x)
			switch verdict := difference(text, got, gotErr, want, wantErr); {
			case errors.Is(gotErr, errSlow):
				slow++
			case verdict != "":
				t.Fatalf("%s\n %s\n %s", text, p, verdict)
			default:
				outcomes[outcomeCode(wantErr)]++
			}
		}
	}
	t.Logf("%d pairs, %d left to the reference\nshapes %v\ninputs %v\noutcomes %v", *fastPairs, slow, shapes, seen, outcomes)
	if slow*10 > *fastPairs {
		t.Errorf("%d of %d pairs were left to the reference: the test proves too little", slow, *fastPairs)
	}
	for name := range shapes {
		if !slices.Contains(names, name) {
			t.Errorf("shape %s is compared without being listed", name)
		}
	}
	least := *fastPairs / inputsPerExpression / len(names)
	for _, name := range names {
		if shapes[name] < least {
			t.Errorf("shape %s was compared in %d places, want %d", name, shapes[name], least)
		}
	}
	wanted := []string{"", errUndefined.Error()}
	if *fastPairs >= 50_000 {
		wanted = append(wanted, "T2001", "T2002", "T2009", "T2010", "T1003", "D1009", "D1002", "T0412")
	}
	for _, code := range wanted {
		if outcomes[code] == 0 {
			t.Errorf("no pair ended with %q", code)
		}
	}
	for _, kind := range []string{"missing", "null", "[]", "[x]", "[[x]]", "{}", "9007199254740993", "0.30000000000000004", "😀", "index key", "repeated key", "-0"} {
		if seen[kind] == 0 {
			t.Errorf("no input had %s", kind)
		}
	}
}

// inputKinds counts what the inputs of a pair hold.
func inputKinds(p *pair, seen map[string]int) {
	if _, set := p.vars["v"]; !set {
		seen["missing"]++
	}
	all := strings.Join(slices.Collect(maps.Values(p.states)), " ") + strings.Join(slices.Collect(maps.Values(p.vars)), " ")
	for _, kind := range []string{"null", "[]", "{}", "9007199254740993", "0.30000000000000004", "😀", "-0"} {
		if strings.Contains(all, kind) {
			seen[kind]++
		}
	}
	if strings.Contains(all, `"10":`) || strings.Contains(all, `"2":`) {
		seen["index key"]++
	}
	if strings.Contains(all, `[[`) {
		seen["[[x]]"]++
	}
	if list, _ := p.b.Vars["list"].([]any); len(list) == 1 {
		seen["[x]"]++
	}
	if input, ok := p.b.Input.(*Object); ok && strings.Count(p.states["input"], `"a":`) > 1 && input.Len() == 1 {
		seen["repeated key"]++
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

func outcome(value any, code string) string {
	if code != "" {
		return code
	}
	return string(AppendJSON(nil, value))
}

// TestFast_LeavesTheRestToTheReference: one shape of each kind off the allow-list.
func TestFast_LeavesTheRestToTheReference(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"$v[a]", "$v.a[$i]", "$v.a['b']", "$v.a[-$i]", "$v[[0,1]]", "$v[a = 1]", "$v[]", "$v.a[]", "$v.a[0][]", "$v{'a': 1}", "$v.a{'a': 1}", "$v.(a)", "$v.{'a': b}", "$v.[a]", "$v.*", "$v.**.a", "$v.a.%",
		"$v^(a)", "$v@$x.a", "$v#$i.a", "$v.$string()", "$v.$x", "($v).a", "($v)[0]", "[1].a", "[1][0]", "{'a': 1}.a", "{'a': 1}[0]", "$string(1)[0]", "$v ~> $not", "$v ~> |a|{'b': 1}|",
		"$v.constructor", "$v.a.toString", "$v.__proto__", "$hasOwnProperty", "$hasOwnProperty.a", "$sum", "$sum[0]", "$string.a", "[$not]", "$hash", "$parse.a", "$eval",
		"[1..3]", "$x := 1", "($x := 1; $x)", "(1; 2)", "()", "function($x) { $x }", "/a/", "1e999", "$v[1e300]",
		"$string(1, true)", "$string(?)", "$exists(1, 2)", "$average($v)", "$v()", "(1 = 1)()", "$v ? $sum : 1", "$v ? 1 : $sum", "$sum ? 1", "{$sum: 1}", "{'a': $sum}", "1 = $sum", "$sum = 1", "1 + $sum", "-$sum", "$not($sum)",
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

// patient is a reference whose bound of time a loaded machine does not meet.
var patient = newReference(2, time.Minute)

func mustCompile(t testing.TB, text string) *expression {
	t.Helper()
	x, _ := compileTree(t, text)
	return x
}

// compileTree gives the syntax tree too.
func compileTree(t testing.TB, text string) (*expression, *Object) {
	t.Helper()
	c := newCompiler(patient)
	return compileWith(t, c, text), c.trees[text].root
}

func compileOn(t testing.TB, r *reference, text string) *expression {
	t.Helper()
	return compileWith(t, newCompiler(r), text)
}

func compileWith(t testing.TB, c *compiler, text string) *expression {
	t.Helper()
	x := &expression{field: "Output", text: text}
	problems, err := c.compile(x, place{result: true})
	if err != nil || len(problems) > 0 {
		t.Fatalf("compile %s: %v %v", text, problems, err)
	}
	return x
}
