package asl

import (
	"errors"
	"maps"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
)

// broken is the fast evaluator with a fault in it: another table, or another tree.
type broken struct {
	name      string
	shape     string // of the expressions that it must be caught with
	operators map[string]func(lhs, rhs any) (any, error)
	functions map[string]func(any) (any, error)
	tree      func(n *Object) *Object
}

// brokenPairs is how many pairs a fault may hide from.
const brokenPairs = 4_000

// TestFast_ComparisonCatchesFaults puts faults into the fast evaluator, those that
// other evaluators were found to have among them, and requires the comparison of
// TestFast_EqualsReference to find each: with the same generator, on the same way.
func TestFast_ComparisonCatchesFaults(t *testing.T) {
	t.Parallel()
	operator := func(name, op string, f func(lhs, rhs any) (any, error)) broken {
		return broken{name: name, shape: "binary " + op, operators: map[string]func(lhs, rhs any) (any, error){op: f}}
	}
	function := func(name, of string, f func(any) (any, error)) broken {
		return broken{name: name, shape: "function " + of, functions: map[string]func(any) (any, error){of: f}}
	}
	or := func(f func(lhs, rhs any) (any, error), special func(lhs, rhs any) (any, bool)) func(lhs, rhs any) (any, error) {
		return func(lhs, rhs any) (any, error) {
			if value, ok := special(lhs, rhs); ok {
				return value, nil
			}
			return f(lhs, rhs)
		}
	}
	faults := []broken{
		function("numbers not rounded to 15 digits", "string", func(v any) (any, error) {
			if n, ok := v.(float64); ok {
				return string(AppendJSON(nil, n)), nil
			}
			return fastFunctions["string"](v)
		}),
		operator("null joined as nothing", "&", or(concatenate, func(lhs, rhs any) (any, bool) {
			if lhs != nil {
				return nil, false
			}
			text, err := stringify(rhs)
			return text, err == nil
		})),
		operator("nothing equals nothing", "=", or(operators["="], func(lhs, rhs any) (any, bool) { return true, lhs == undefined && rhs == undefined })),
		operator("nothing is unequal", "!=", or(operators["!="], func(lhs, rhs any) (any, bool) { return true, lhs == undefined })),
		operator("null equals nothing", "=", or(operators["="], func(lhs, rhs any) (any, bool) { return true, lhs == nil && rhs == undefined })),
		operator("strings ordered by code point", "<", or(operators["<"], func(lhs, rhs any) (any, bool) {
			l, lok := lhs.(string)
			r, rok := rhs.(string)
			return l < r, lok && rok
		})),
		operator("less than nothing is false", "<", or(operators["<"], func(lhs, rhs any) (any, bool) { return false, lhs == undefined || rhs == undefined })),
		operator("other types are not less", "<=", or(operators["<="], func(lhs, rhs any) (any, bool) {
			_, number := lhs.(float64)
			_, text := rhs.(string)
			return false, number && text
		})),
		operator("booleans have an order", ">", or(operators[">"], func(lhs, _ any) (any, bool) { _, ok := lhs.(bool); return true, ok })),
		operator("strictly greater", ">=", operators[">"]),
		operator("a value is in no value", "in", or(includes, func(_, rhs any) (any, bool) { _, ok := rhs.([]any); return false, !ok })),
		operator("plus joins strings", "+", or(operators["+"], func(lhs, rhs any) (any, bool) {
			l, lok := lhs.(string)
			r, rok := rhs.(string)
			return l + r, lok && rok
		})),
		operator("nothing counts as zero", "-", or(operators["-"], func(lhs, rhs any) (any, bool) { return lhs, rhs == undefined && lhs != undefined })),
		operator("whole quotients", "/", func(lhs, rhs any) (any, error) {
			return calculate(lhs, rhs, func(l, r float64) float64 { return math.Trunc(l / r) })
		}),
		operator("remainder with the sign of the divisor", "%", func(lhs, rhs any) (any, error) {
			return calculate(lhs, rhs, func(l, r float64) float64 { return l - r*math.Floor(l/r) })
		}),
		operator("numbers as 32 bits", "*", func(lhs, rhs any) (any, error) {
			return calculate(lhs, rhs, func(l, r float64) float64 { return float64(float32(l * r)) })
		}),
		function("null does not exist", "exists", func(v any) (any, error) { return v != undefined && v != nil, nil }),
		function("nothing negated is true", "not", func(v any) (any, error) { return !truthy(v), nil }),
		function("a list of nothing true is true", "not", func(v any) (any, error) {
			if items, ok := v.([]any); ok {
				return len(items) == 0, nil
			}
			return fastFunctions["not"](v)
		}),
		function("what is no number is left out", "sum", func(v any) (any, error) {
			items, ok := v.([]any)
			if !ok {
				return sum(v)
			}
			return sum(slices.DeleteFunc(slices.Clone(items), func(item any) bool { _, number := item.(float64); return !number }))
		}),
		function("nothing adds up to zero", "sum", func(v any) (any, error) {
			if v == undefined {
				return 0.0, nil
			}
			return sum(v)
		}),
		function("nothing counted as one", "count", func(v any) (any, error) {
			if v == undefined {
				return 1.0, nil
			}
			return count(v)
		}),
		{name: "and for or", shape: "binary or", tree: func(n *Object) *Object { return with(n, "value", "and") }},
		{name: "branches swapped", shape: "condition", tree: func(n *Object) *Object {
			then, _ := n.Get("then")
			otherwise, _ := n.Get("else")
			return with(with(n, "then", otherwise), "else", then)
		}},
		{name: "null for want of an else", shape: "condition without else", tree: func(n *Object) *Object { return with(n, "else", constantNode("value", nil)) }},
		{name: "keys in another order", shape: "unary {", tree: func(n *Object) *Object {
			pairs, _ := n.Get("lhs")
			turned := slices.Clone(pairs.([]any))
			slices.Reverse(turned)
			return with(n, "lhs", turned)
		}},
		{name: "lists nested in lists", shape: "unary [", tree: func(n *Object) *Object {
			items, _ := n.Get("expressions")
			nested := make([]any, len(items.([]any)))
			for i, item := range items.([]any) {
				nested[i] = with(with(with(NewObject(3), "type", "unary"), "value", "["), "expressions", []any{item})
			}
			return with(n, "expressions", nested)
		}},
		{name: "sign lost", shape: "unary -", tree: func(n *Object) *Object { operand, _ := n.Get("expression"); return operand.(*Object) }},
		{name: "last step lost", shape: "path variable", tree: func(n *Object) *Object { return with(n, "steps", steps(n)[:2]) }},
		{name: "picks lost", shape: "path picked", tree: func(n *Object) *Object {
			bare := slices.Clone(steps(n))
			for i, step := range bare {
				name, _ := step.(*Object).Get("value")
				kind, _ := step.(*Object).Get("type")
				bare[i] = constantNode(kind.(string), name)
			}
			return with(n, "steps", bare)
		}},
		{name: "picks counted from one", shape: "variable picked", tree: func(n *Object) *Object {
			filters, _ := n.Get("predicate")
			moved := slices.Clone(filters.([]any))
			expr, _ := moved[0].(*Object).Get("expr")
			at, _ := expr.(*Object).Get("value")
			moved[0] = with(moved[0].(*Object), "expr", constantNode("number", at.(float64)-1))
			return with(n, "predicate", moved)
		}},
	}
	// And of every shape that is accepted: it answers null, or true in place of null.
	for shape := range (&exprGen{}).shapes() {
		faults = append(faults, broken{name: "a constant", shape: shape, tree: func(n *Object) *Object {
			if value, _ := n.Get("value"); value == nil && shape == "value" {
				return constantNode("value", true)
			}
			return constantNode("value", nil)
		}})
	}
	for _, fault := range faults {
		t.Run(fault.shape+": "+fault.name, func(t *testing.T) {
			t.Parallel()
			g := &exprGen{rand.New(rand.NewPCG(1, 2))}
			for n := 0; n < brokenPairs; n += inputsPerExpression {
				text := g.shapes()[fault.shape](2)
				x, tree := compileTree(t, text)
				for range inputsPerExpression {
					if fault.caught(t, g, x, tree) {
						return
					}
				}
			}
			t.Errorf("nobody noticed in %d pairs", brokenPairs)
		})
	}
}

func (f broken) caught(t *testing.T, g *exprGen, x *expression, tree *Object) bool {
	t.Helper()
	c := &fastCompiler{at: place{result: true}, operators: maps.Clone(operators), functions: maps.Clone(fastFunctions)}
	maps.Copy(c.operators, f.operators)
	maps.Copy(c.functions, f.functions)
	if f.tree != nil {
		tree = f.breakTree(tree)
	}
	program, ok := c.compile(tree, 1)
	if !ok {
		t.Fatalf("%s did not compile to Go", x.text)
	}
	return differs(t, g, x, program)
}

// breakTree breaks the node of the shape, which may stand in parentheses.
func (f broken) breakTree(tree *Object) *Object {
	if kind, _ := tree.Get("type"); kind == "block" && f.shape != "block" {
		inner, _ := tree.Get("expressions")
		return with(tree, "expressions", []any{f.tree(inner.([]any)[0].(*Object))})
	}
	return f.tree(tree)
}

// differs compares a program with the reference over one input.
func differs(t *testing.T, g *exprGen, x *expression, program program) bool {
	t.Helper()
	p, err := newPair(g)
	if err != nil {
		t.Fatal(err)
	}
	got, gotErr := program(p.b)
	want, wantErr := p.reference(x)
	return !errors.Is(gotErr, errSlow) && difference(x.text, got, gotErr, want, wantErr) != ""
}

// TestFast_ComparisonCatchesForcedShapes forces shapes through as blues/jsonata-go
// 1.5.4, an evaluator in Go, was found to answer them.
func TestFast_ComparisonCatchesForcedShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		program program
	}{
		{"$string(0.1+0.2)", func(*Bindings) (any, error) { return "0.30000000000000004", nil }},
		{"$keys($v)", func(b *Bindings) (any, error) { // in the order of a sorted or random map
			object, ok := b.Vars["v"].(*Object)
			if !ok {
				return nil, errSlow
			}
			keys := []any{}
			for _, key := range slices.Sorted(slices.Values(object.keys)) {
				keys = append(keys, key)
			}
			return collapse(keys), nil
		}},
		{"$map($list, function($x) { $x.none })", func(*Bindings) (any, error) { return nil, nil }},
		{"$string($v, true)", func(b *Bindings) (any, error) { return fastFunctions["string"](b.Vars["v"]) }},
		{"$encodeUrlComponent($s1 & ' ')", func(b *Bindings) (any, error) {
			text, _ := b.Vars["s1"].(string)
			return url.QueryEscape(text + " "), nil // a blank as "+"
		}},
		{"$numbers[$ > 1]", func(b *Bindings) (any, error) { return b.Vars["numbers"], nil }},
	} {
		x := mustCompile(t, c.text)
		g := &exprGen{rand.New(rand.NewPCG(3, 4))}
		caught := false
		for n := 0; n < 500 && !caught; n++ {
			caught = differs(t, g, x, c.program)
		}
		if !caught {
			t.Errorf("%s: nobody noticed", c.text)
		}
	}
}

func with(n *Object, key string, value any) *Object {
	out := n.Clone()
	out.Set(key, value)
	return out
}

func constantNode(kind string, value any) *Object {
	return with(with(NewObject(2), "value", value), "type", kind)
}

func steps(n *Object) []any {
	value, _ := n.Get("steps")
	return value.([]any)
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
		{"number not rounded to 15 digits", "$string($states.input)", 0.30000000000000004, "0.30000000000000004", nil},
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
