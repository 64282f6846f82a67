package asl

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// exprGen makes expressions and inputs that meet: both draw on few names.
type exprGen struct{ *rand.Rand }

func choose[T any](g *exprGen, from ...T) T { return from[g.IntN(len(from))] }

// shapes are what the fast evaluator accepts, each with a maker; TestFast_Equals
// begins an expression with each of them in turn, and counts them as parsed.
func (g *exprGen) shapes() map[string]func(depth int) string {
	sub := func(depth int) string { return g.expression(depth - 1) }
	out := map[string]func(int) string{
		"string":          func(int) string { return choose(g, `""`, `"a"`, `"😀"`, `"\uffee"`, `"['"`, `"["`, `"10"`) },
		"number":          func(int) string { return g.number() },
		"value":           func(int) string { return choose(g, "true", "false", "null") },
		"variable":        func(int) string { return choose(g, "$v", "$w", "$list", "$missing") },
		"variable states": func(int) string { return "$states" },
		"variable picked": func(int) string { return choose(g, "$v", "$w", "$list", "$missing") + g.picks(1) },
		"path variable":   func(int) string { return g.path(choose(g, "$v", "$w", "$missing"), 1, 0) },
		"path states":     func(int) string { return g.path("$states", 1, 0) },
		"path picked":     func(int) string { return g.path(choose(g, "$v", "$w", "$states"), 1, 1) },
		"path picked head": func(int) string {
			return g.path(choose(g, "$v", "$w", "$list")+g.picks(1), 1, 0)
		},
		"condition":              func(d int) string { return "(" + sub(d) + " ? " + sub(d) + " : " + sub(d) + ")" },
		"condition without else": func(d int) string { return "(" + sub(d) + " ? " + sub(d) + ")" },
		"block":                  func(d int) string { return "(" + sub(d) + ")" },
		"unary [":                func(d int) string { return g.array(d) },
		"unary {":                func(d int) string { return g.object(d) },
		"unary -":                func(d int) string { return "-" + choose(g, "$n1", "$n2", "$missing", "("+sub(d)+")") },
	}
	for operator := range operators {
		out["binary "+operator] = func(d int) string { return g.binary(operator, d) }
	}
	for _, operator := range []string{"and", "or"} {
		out["binary "+operator] = func(d int) string { return g.binary(operator, d) }
	}
	for name := range fastFunctions {
		out["function "+name] = func(d int) string {
			return "$" + name + "(" + choose(g, sub(d), sub(d), "$list", "$numbers") + ")"
		}
	}
	return out
}

// shapesOf counts the shapes in a syntax tree under the names above.
func shapesOf(tree any, counts map[string]int) {
	switch v := tree.(type) {
	case []any:
		for _, item := range v {
			shapesOf(item, counts)
		}
	case *Object:
		for _, name := range shapeOf(v) {
			counts[name]++
		}
		for key, item := range v.All() {
			if key != "procedure" {
				shapesOf(item, counts)
			}
		}
	}
}

func shapeOf(n *Object) []string {
	kind, _ := n.Get("type")
	value, _ := n.Get("value")
	_, picked := n.Get("predicate")
	switch kind {
	case "unary", "binary":
		return []string{fmt.Sprintf("%s %s", kind, value)}
	case "function":
		procedure, _ := n.Get("procedure")
		name, _ := procedure.(*Object).Get("value")
		return []string{fmt.Sprintf("function %s", name)}
	case "condition":
		if _, otherwise := n.Get("else"); !otherwise {
			return []string{"condition without else"}
		}
	case "variable":
		switch {
		case picked:
			return []string{"variable picked"}
		case value == "states":
			return []string{"variable states"}
		}
	case "path":
		return pathShapes(n)
	case "name", "filter":
		return nil
	}
	return []string{kind.(string)}
}

func pathShapes(n *Object) []string {
	value, _ := n.Get("steps")
	steps := value.([]any)
	out := []string{"path variable"}
	if name, _ := steps[0].(*Object).Get("value"); name == "states" {
		out[0] = "path states"
	}
	if _, picked := steps[0].(*Object).Get("predicate"); picked {
		out = append(out, "path picked head")
	}
	for _, step := range steps[1:] {
		if _, picked := step.(*Object).Get("stages"); picked {
			return append(out, "path picked")
		}
	}
	return out
}

func (g *exprGen) expression(depth int) string {
	if depth == 0 || g.IntN(5) == 0 {
		return choose(g, g.anyPath, g.anyPath, g.anyPath, g.number, g.leaf)()
	}
	shapes := g.shapes()
	name := choose(g, "condition", "condition without else", "unary [", "unary [", "unary {", "unary {", "unary -", "block", "path picked", "variable picked",
		"binary =", "binary =", "binary !=", "binary <", "binary <=", "binary >", "binary >=", "binary and", "binary or", "binary &", "binary &", "binary in",
		"binary +", "binary -", "binary *", "binary /", "binary %", "function exists", "function not", "function string", "function string", "function count", "function sum")
	return shapes[name](depth)
}

func (g *exprGen) leaf() string {
	return choose(g, `""`, `"a"`, `"😀"`, `"['"`, "true", "false", "null", "$states", "$list", "$numbers[0]")
}

func (g *exprGen) number() string {
	return choose(g, "0", "1", "-1", "2", "0.1", "1e21", "1e-7", "9007199254740993", "0.30000000000000004", "1000000000000005", "12345678901.34375", "-2.5")
}

func (g *exprGen) name() string { return choose(g, "a", "b", "c", "`d e`", "`10`", "length") }

func (g *exprGen) picks(least int) string {
	var out strings.Builder
	for range least + g.IntN(2) {
		out.WriteString("[" + choose(g, "0", "0", "1", "-1", "-2", "1.5", "3") + "]")
	}
	return out.String()
}

func (g *exprGen) anyPath() string {
	return g.path(choose(g, "$states", "$states", "$v", "$w", "$missing"), 0, 0)
}

// path makes a path with at least so many names behind its head, and at least so many
// of them with a pick.
func (g *exprGen) path(head string, names, picked int) string {
	var out strings.Builder
	out.WriteString(head)
	if head == "$states" {
		out.WriteString("." + choose(g, "input", "input", "result", "context"))
		names--
	}
	for i := range max(names, 0) + g.IntN(3) {
		out.WriteString("." + g.name())
		if (i == 0 && picked > 0) || g.IntN(8) == 0 {
			out.WriteString(g.picks(1))
			picked--
		}
	}
	if picked > 0 {
		out.WriteString(g.picks(1))
	}
	return out.String()
}

// binary gives operators operands that meet, and any.
func (g *exprGen) binary(operator string, depth int) string {
	alike := g.expression(depth-1) + " " + operator + " " + g.expression(depth-1)
	switch operator {
	case "=", "!=":
		alike = fmt.Sprintf(choose(g, "$p %s $q", "$states.input.a %s $q", "$v.a %s null", "null %s $v.a", "[$p] %s [$q]", "{'a': $p} %s {'a': $q}"), operator)
	case "<", "<=", ">", ">=":
		alike = fmt.Sprintf(choose(g, "$s1 %s $s2", "$n1 %s $n2", "$s1 %s $n1", "$s1 %s $missing"), operator)
	case "+", "-", "*", "/", "%":
		alike = fmt.Sprintf(choose(g, "$n1 %[1]s $n2", "($n1 %[1]s $n2) %[1]s 2", "$n1 %[1]s $missing", "$n1 %[1]s $s1"), operator)
	case "in":
		alike = choose(g, "$n1", "$s1", "1", "'a'", "null") + " in " + choose(g, "$list", "$numbers", "$states.input")
	}
	return "(" + choose(g, alike, g.expression(depth-1)+" "+operator+" "+g.expression(depth-1)) + ")"
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
		key := strconv.Quote(choose(g, "a", "b", "c", "10", "2", "", "length", "d e") + strconv.Itoa(i)[:g.IntN(2)])
		if g.IntN(5) == 0 {
			key = g.anyPath()
		}
		pairs[i] = key + ": " + g.expression(depth-1)
	}
	return "{" + strings.Join(pairs, ", ") + "}"
}

// bindings are JSON texts, by the name of the member of $states or of the variable.
func (g *exprGen) bindings() (states, vars map[string]string) {
	states = map[string]string{"input": g.json(4), "result": g.json(3), "context": g.json(2)}
	vars = map[string]string{"p": g.json(3), "s1": g.text(), "s2": g.text(), "n1": g.json(0, "number"), "n2": g.json(0, "number")}
	vars["q"] = g.alike(vars["p"])
	vars["list"], vars["numbers"] = g.json(2, "array"), choose(g, "[]", "[3]", "[1,2.5]", "[0.1,0.2]", "[1,\"a\"]", "[1e308,1e308]")
	for _, name := range []string{"v", "w", "unused"} {
		if g.IntN(4) > 0 {
			vars[name] = g.json(3)
		}
	}
	if g.IntN(40) == 0 {
		vars[choose(g, "exists", "count")] = "true"
	}
	return states, vars
}

// alike copies a value, mostly faithfully, its keys in another order.
func (g *exprGen) alike(text string) string {
	value, err := ParseJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return string(AppendJSON(nil, g.copyOf(value)))
}

func (g *exprGen) copyOf(value any) any {
	if g.IntN(12) == 0 {
		return choose[any](g, nil, 1.0, "a", []any{})
	}
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = g.copyOf(item)
		}
		return items
	case *Object:
		o := NewObject(v.Len())
		for i := range v.Len() {
			key, item := v.At(v.Len() - 1 - i)
			o.Set(key, g.copyOf(item))
		}
		return o
	}
	return value
}

// text makes strings that differ late, on both sides of the surrogates.
func (g *exprGen) text() string {
	var out strings.Builder
	for range g.IntN(4) {
		out.WriteString(choose(g, "a", "a", "b", "é", `\ue000`, "\uffee", "😀", `\ud83d\ude01`, "𐀀"))
	}
	return `"` + out.String() + `"`
}

// json writes a value with its keys in any order, repeated ones too; kind asks for one.
func (g *exprGen) json(depth int, kind ...string) string {
	switch {
	case len(kind) > 0 && kind[0] == "number":
		return choose(g, "0", "-0", "1", "1.0", "-1", "2", "0.5", "0.1", "0.30000000000000004", "9007199254740993", "1e21", "1.5e-9", "1000000000000005", "-0.9999999999999999", "100000000000000.5", "1e308")
	case len(kind) == 0 && (depth == 0 || g.IntN(6) == 0):
		return choose(g, "null", "true", "false", g.json(0, "number"), g.json(0, "number"), `""`, `"a"`, `"b"`, `"😀"`, `"\uffee"`, `"é"`, `"line\nbreak"`)
	case len(kind) == 0 && g.IntN(5) < 3:
		members := make([]string, g.IntN(5))
		for i := range members {
			members[i] = `"` + choose(g, "a", "a", "b", "b", "c", "d e", "10", "2", "length") + `": ` + g.json(depth-1)
		}
		if g.IntN(60) == 0 {
			members = append(members, `"`+choose(g, "_jsonata_function", "_jsonata_lambda", "__proto__", "toJSON", "then", "sequence", "tupleStream")+`": `+g.json(1))
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	items := make([]string, choose(g, 0, 1, 1, 2, 3))
	for i := range items {
		items[i] = g.json(max(depth-1, 0))
	}
	return "[" + strings.Join(items, ",") + "]"
}
