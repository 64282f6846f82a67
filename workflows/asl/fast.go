package asl

import (
	"errors"
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
	c := &fastCompiler{at: at}
	f, ok := c.compile(root, 1)
	if !ok {
		return nil
	}
	return f
}

type fastCompiler struct{ at place }

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
	n, ok := open(tree, "steps", "lhs", "rhs", "expressions", "condition", "then", "else", "arguments", "procedure")
	if !ok || depth > fastMaxDepth {
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

func (c *fastCompiler) variable(n node) (program, bool) {
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

// path compiles a variable followed by names.
func (c *fastCompiler) path(n node) (program, bool) {
	steps := n.list("steps")
	if len(steps) < 2 {
		return nil, false
	}
	names := make([]string, 0, len(steps)-1)
	for _, tree := range steps[1:] {
		step, ok := open(tree)
		name, text := step.value.(string)
		if !ok || !text || step.kind != "name" || slices.Contains(prototypeNames, name) {
			return nil, false
		}
		names = append(names, name)
	}
	first, ok := open(steps[0])
	if !ok || first.kind != "variable" {
		return nil, false
	}
	if first.value == "states" {
		return c.statesPath(names)
	}
	head, ok := c.variable(first)
	if !ok {
		return nil, false
	}
	return func(b *Bindings) (any, error) {
		value, err := head(b)
		if err != nil {
			return nil, err
		}
		return walkPath(value, names)
	}, true
}

// statesPath reads a member of $states without building the object around it.
func (c *fastCompiler) statesPath(names []string) (program, bool) {
	member, rest := names[0], names[1:]
	if !slices.Contains(c.at.members(), member) {
		return nil, false
	}
	return func(b *Bindings) (any, error) { return walkPath(b.member(member), rest) }, true
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
	operation, ok := operators[operator]
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
