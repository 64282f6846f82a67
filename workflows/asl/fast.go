package asl

import (
	"errors"
	"math"
	"slices"
)

// The fast evaluator compiles the reference parser's syntax tree to Go functions.
// It takes an allow-list of shapes, each equal to the reference by a differential
// test (TestFast_EqualsReference), and leaves the rest to the reference: at compile
// time by shape, at run time by errSlow, for values that mean something to the
// reference beyond being data. It words no error either: an expression that fails
// here is evaluated again there, for its code and text.

// program is a compiled node.
type program func(*Bindings) (any, error)

// undefinedValue is JSONata's "nothing", which is not null.
type undefinedValue struct{}

var undefined any = undefinedValue{}

// errSlow asks for the reference implementation.
var errSlow = errors.New("left to the reference evaluator")

// fastMaxDepth keeps compiled expressions well inside the bound of depth that the
// reference enforces as it runs.
const fastMaxDepth = 40

// compileFast compiles a syntax tree, or returns nil when it holds a shape that only
// the reference implementation evaluates.
func compileFast(root *Object, at place) program {
	c := &fastCompiler{at: at, operators: operators, functions: fastFunctions}
	f, ok := c.compile(root, 1)
	if !ok {
		return nil
	}
	return f
}

type fastCompiler struct {
	at        place
	operators map[string]func(lhs, rhs any) (any, error)
	functions map[string]func(any) (any, error)
}

// node is one node of the syntax tree.
type node struct {
	kind  string
	value any
	*Object
}

// open reads a node; it refuses one with members beyond those named, for any of them
// (a predicate, a sort, a focus) changes what the node means.
func open(tree any, members ...string) (node, bool) {
	object, ok := tree.(*Object)
	if !ok {
		return node{}, false
	}
	n := node{Object: object}
	for key, value := range object.All() {
		switch key {
		case "type":
			n.kind, _ = value.(string)
		case "value":
			n.value = value
		default:
			if !slices.Contains(members, key) {
				return node{}, false
			}
		}
	}
	return n, true
}

func (n node) list(name string) []any {
	value, _ := n.Get(name)
	items, _ := value.([]any)
	return items
}

func (c *fastCompiler) compile(tree any, depth int) (program, bool) {
	n, ok := open(tree, "steps", "lhs", "rhs", "expression", "expressions", "condition", "then", "else", "arguments", "procedure", "predicate")
	if !ok || depth > fastMaxDepth {
		return nil, false
	}
	if _, filtered := n.Get("predicate"); filtered && n.kind != "variable" {
		return nil, false
	}
	switch n.kind {
	case "string", "number", "value":
		return literal(n.value), true
	case "variable":
		return c.variable(n)
	case "path":
		return c.path(n)
	case "binary":
		return c.binary(n, depth)
	case "condition":
		return c.condition(n, depth)
	case "block":
		if items := n.list("expressions"); len(items) == 1 {
			return c.compile(items[0], depth+1)
		}
	case "unary":
		switch n.value {
		case "[":
			return c.array(n, depth)
		case "{":
			return c.object(n, depth)
		case "-":
			return c.negation(n, depth)
		}
	case "function":
		return c.function(n, depth)
	}
	return nil, false
}

func literal(value any) program {
	return func(*Bindings) (any, error) { return value, nil }
}

// prototypeNames are what every ECMAScript object answers to without having it.
var prototypeNames = []string{
	"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
	"__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
}

// variable compiles a variable, with the items picked from it, if any are.
func (c *fastCompiler) variable(n node) (program, bool) {
	picked, ok := picks(n, "predicate")
	if !ok {
		return nil, false
	}
	value, ok := c.bareVariable(n)
	if !ok || len(picked) == 0 {
		return value, ok
	}
	return func(b *Bindings) (any, error) {
		v, err := value(b)
		if err != nil {
			return nil, err
		}
		return pick(v, picked)
	}, true
}

func (c *fastCompiler) bareVariable(n node) (program, bool) {
	name, _ := n.value.(string)
	switch {
	case name == "states":
		members := c.at.members()
		return func(b *Bindings) (any, error) {
			states := NewObject(len(members))
			for _, member := range members {
				states.Set(member, b.member(member))
			}
			return states, nil
		}, true
	case name == "" || name == "$" || slices.Contains(prototypeNames, name) || slices.Contains(builtins, name):
		return nil, false
	}
	return func(b *Bindings) (any, error) {
		if value, ok := b.Vars[name]; ok {
			return value, nil
		}
		return undefined, nil
	}, true
}

func (c *fastCompiler) both(n node, depth int) (lhs, rhs program, ok bool) {
	left, _ := n.Get("lhs")
	right, _ := n.Get("rhs")
	if lhs, ok = c.compile(left, depth+1); !ok {
		return nil, nil, false
	}
	rhs, ok = c.compile(right, depth+1)
	return lhs, rhs, ok
}

func (c *fastCompiler) binary(n node, depth int) (program, bool) {
	lhs, rhs, ok := c.both(n, depth)
	if !ok {
		return nil, false
	}
	operator, _ := n.value.(string)
	switch operator {
	case "and", "or":
		return logical(lhs, rhs, operator == "or"), true
	}
	operation, ok := c.operators[operator]
	if !ok {
		return nil, false
	}
	return func(b *Bindings) (any, error) {
		left, err := lhs(b)
		if err != nil {
			return nil, err
		}
		right, err := rhs(b)
		if err != nil {
			return nil, err
		}
		return operation(left, right)
	}, true
}

// operators are the ones that evaluate both sides.
var operators = map[string]func(lhs, rhs any) (any, error){
	"&":  concatenate,
	"=":  func(lhs, rhs any) (any, error) { return equality(lhs, rhs, true) },
	"!=": func(lhs, rhs any) (any, error) { return equality(lhs, rhs, false) },
	"<":  func(lhs, rhs any) (any, error) { return compare(lhs, rhs, func(sign int) bool { return sign < 0 }) },
	"<=": func(lhs, rhs any) (any, error) { return compare(lhs, rhs, func(sign int) bool { return sign <= 0 }) },
	">":  func(lhs, rhs any) (any, error) { return compare(lhs, rhs, func(sign int) bool { return sign > 0 }) },
	">=": func(lhs, rhs any) (any, error) { return compare(lhs, rhs, func(sign int) bool { return sign >= 0 }) },
	"in": includes,
	"+": func(lhs, rhs any) (any, error) {
		return calculate(lhs, rhs, func(l, r float64) float64 { return l + r })
	},
	"-": func(lhs, rhs any) (any, error) {
		return calculate(lhs, rhs, func(l, r float64) float64 { return l - r })
	},
	"*": func(lhs, rhs any) (any, error) {
		return calculate(lhs, rhs, func(l, r float64) float64 { return l * r })
	},
	"/": func(lhs, rhs any) (any, error) {
		return calculate(lhs, rhs, func(l, r float64) float64 { return l / r })
	},
	"%": func(lhs, rhs any) (any, error) { return calculate(lhs, rhs, math.Mod) },
}

// logical short-circuits: the right side is evaluated when the left one does not
// decide.
func logical(lhs, rhs program, decides bool) program {
	return func(b *Bindings) (any, error) {
		left, err := lhs(b)
		if err != nil {
			return nil, err
		}
		if truthy(left) == decides {
			return decides, nil
		}
		right, err := rhs(b)
		if err != nil {
			return nil, err
		}
		return truthy(right), nil
	}
}

func (c *fastCompiler) condition(n node, depth int) (program, bool) {
	test, _ := n.Get("condition")
	then, _ := n.Get("then")
	condition, ok := c.compile(test, depth+1)
	if !ok {
		return nil, false
	}
	yes, ok := c.compile(then, depth+1)
	if !ok {
		return nil, false
	}
	no := literal(undefined)
	if otherwise, set := n.Get("else"); set {
		if no, ok = c.compile(otherwise, depth+1); !ok {
			return nil, false
		}
	}
	return func(b *Bindings) (any, error) {
		value, err := condition(b)
		if err != nil {
			return nil, err
		}
		if truthy(value) {
			return yes(b)
		}
		return no(b)
	}, true
}
