package asl

import "slices"

// array compiles an array constructor: what an item yields is spread into the array
// unless the item is itself a constructor, and nothing adds nothing.
func (c *fastCompiler) array(n node, depth int) (program, bool) {
	trees := n.list("expressions")
	items := make([]program, len(trees))
	nested := make([]bool, len(trees))
	for i, tree := range trees {
		var ok bool
		if items[i], ok = c.compile(tree, depth+1); !ok {
			return nil, false
		}
		item, _ := open(tree, "expressions")
		nested[i] = item.kind == "unary" && item.value == "["
	}
	return func(b *Bindings) (any, error) {
		out := make([]any, 0, len(items))
		for i, item := range items {
			value, err := item(b)
			if err != nil {
				return nil, err
			}
			if spread, ok := value.([]any); ok && !nested[i] {
				out = append(out, spread...)
			} else if value != undefined {
				out = append(out, value)
			}
		}
		return out, nil
	}, true
}

// object compiles an object constructor: a key that is nothing drops its pair, a
// value that is nothing its key.
func (c *fastCompiler) object(n node, depth int) (program, bool) {
	trees := n.list("lhs")
	keys := make([]program, len(trees))
	values := make([]program, len(trees))
	for i, tree := range trees {
		pair, _ := tree.([]any)
		if len(pair) != 2 {
			return nil, false
		}
		var ok bool
		if keys[i], ok = c.compile(pair[0], depth+1); !ok {
			return nil, false
		}
		if values[i], ok = c.compile(pair[1], depth+1); !ok {
			return nil, false
		}
	}
	return func(b *Bindings) (any, error) { return construct(b, keys, values) }, true
}

func construct(b *Bindings, keys, values []program) (any, error) {
	names := make([]string, 0, len(keys))
	parts := make([]program, 0, len(keys))
	for i := range keys {
		key, err := keys[i](b)
		if err != nil {
			return nil, err
		}
		if key == undefined {
			continue
		}
		name, ok := key.(string)
		switch {
		case !ok:
			return nil, &fault{Code: "T1003"}
		case slices.Contains(names, name):
			return nil, &fault{Code: "D1009"}
		case exoticKey(name) || slices.Contains(prototypeNames, name):
			return nil, errSlow
		}
		names = append(names, name)
		parts = append(parts, values[i])
	}
	out := NewObject(len(names))
	for i, name := range names {
		value, err := parts[i](b)
		if err != nil {
			return nil, err
		}
		if value != undefined {
			out.Set(name, value)
		}
	}
	return out, nil
}

// fastFunctions are the functions that are compiled, of one argument each.
var fastFunctions = map[string]func(any) (any, error){
	"exists": func(v any) (any, error) { return v != undefined, nil },
	"not": func(v any) (any, error) {
		if v == undefined {
			return undefined, nil
		}
		return !truthy(v), nil
	},
	"string": func(v any) (any, error) {
		if v == undefined {
			return undefined, nil
		}
		return stringify(v)
	},
	"count": count,
	"sum":   sum,
}

// negation compiles the unary minus.
func (c *fastCompiler) negation(n node, depth int) (program, bool) {
	tree, _ := n.Get("expression")
	operand, ok := c.compile(tree, depth+1)
	if !ok {
		return nil, false
	}
	return func(b *Bindings) (any, error) {
		value, err := operand(b)
		if err != nil {
			return nil, err
		}
		return negate(value)
	}, true
}

func (c *fastCompiler) function(n node, depth int) (program, bool) {
	tree, _ := n.Get("procedure")
	procedure, ok := open(tree)
	name, _ := procedure.value.(string)
	call, known := c.functions[name]
	arguments := n.list("arguments")
	if !ok || procedure.kind != "variable" || !known || len(arguments) != 1 {
		return nil, false
	}
	argument, ok := c.compile(arguments[0], depth+1)
	if !ok {
		return nil, false
	}
	return func(b *Bindings) (any, error) {
		if _, shadowed := b.Vars[name]; shadowed {
			return nil, errSlow
		}
		value, err := argument(b)
		if err != nil {
			return nil, err
		}
		if object, ok := value.(*Object); ok && object.exotic {
			return nil, errSlow
		}
		return call(value)
	}, true
}

// builtins are the names that are functions where no variable has them, AWS's added
// ones and the $eval that it takes away included.
var builtins = []string{
	"sum", "count", "max", "min", "average", "string", "substring", "substringBefore", "substringAfter", "lowercase",
	"uppercase", "length", "trim", "pad", "match", "contains", "replace", "split", "join", "formatNumber", "formatBase",
	"formatInteger", "parseInteger", "number", "floor", "ceil", "round", "abs", "sqrt", "power", "random", "boolean",
	"not", "map", "zip", "filter", "single", "reduce", "sift", "keys", "lookup", "append", "exists", "spread", "merge",
	"reverse", "each", "error", "assert", "type", "sort", "shuffle", "distinct", "base64encode", "base64decode",
	"encodeUrlComponent", "encodeUrl", "decodeUrlComponent", "decodeUrl", "eval", "toMillis", "fromMillis", "clone",
	"now", "millis", "partition", "range", "hash", "uuid", "parse",
}
