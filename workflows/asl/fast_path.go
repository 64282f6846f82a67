package asl

import (
	"math"
	"slices"
)

// pathStep is a name, and which items are picked from what it finds: "items[0]".
type pathStep struct {
	name  string
	picks []int
}

// picks reads a list of filters that are all numbers.
func picks(n node, member string) ([]int, bool) {
	filters := n.list(member)
	if len(filters) == 0 {
		return nil, true
	}
	out := make([]int, len(filters))
	for i, tree := range filters {
		filter, ok := open(tree, "expr")
		if !ok || filter.kind != "filter" {
			return nil, false
		}
		expr, _ := filter.Get("expr")
		index, ok := open(expr)
		number, _ := index.value.(float64)
		if !ok || index.kind != "number" || math.Abs(number) > evalMaxElements {
			return nil, false
		}
		out[i] = int(math.Floor(number))
	}
	return out, true
}

// pick takes items by their places, counted from the end where negative. A value that
// is no array is its own one item.
func pick(value any, picks []int) (any, error) {
	for _, at := range picks {
		size := 1
		items, isArray := value.([]any)
		if isArray {
			size = len(items)
		} else if object, ok := value.(*Object); ok && object.exotic {
			return nil, errSlow
		}
		if at < 0 {
			at += size
		}
		if at < 0 || at >= size {
			return undefined, nil
		}
		if isArray {
			value = items[at]
		}
	}
	return value, nil
}

// path compiles a variable followed by names.
func (c *fastCompiler) path(n node) (program, bool) {
	trees := n.list("steps")
	if len(trees) < 2 {
		return nil, false
	}
	steps := make([]pathStep, 0, len(trees)-1)
	for _, tree := range trees[1:] {
		step, ok := open(tree, "stages")
		name, text := step.value.(string)
		if !ok || !text || step.kind != "name" || slices.Contains(prototypeNames, name) {
			return nil, false
		}
		picked, ok := picks(step, "stages")
		if !ok {
			return nil, false
		}
		steps = append(steps, pathStep{name, picked})
	}
	first, ok := open(trees[0], "predicate")
	if !ok || first.kind != "variable" {
		return nil, false
	}
	if _, filtered := first.Get("predicate"); first.value == "states" && !filtered {
		return c.statesPath(steps)
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
		return walkPath(value, steps)
	}, true
}

// statesPath reads a member of $states without building the object around it.
func (c *fastCompiler) statesPath(steps []pathStep) (program, bool) {
	member, rest := steps[0], steps[1:]
	if !slices.Contains(c.at.members(), member.name) {
		return nil, false
	}
	return func(b *Bindings) (any, error) {
		value, err := pick(b.member(member.name), member.picks)
		if err != nil {
			return nil, err
		}
		return walkPath(value, rest)
	}, true
}

// walkPath applies the steps of a path to a value that is not spread yet: the head
// of the path, or a single value in it.
func walkPath(value any, steps []pathStep) (any, error) {
	for i := range steps {
		switch v := value.(type) {
		case *Object:
			if v.exotic {
				return nil, errSlow
			}
			member, ok := v.Get(steps[i].name)
			if !ok {
				return undefined, nil
			}
			if value = member; len(steps[i].picks) > 0 {
				var err error
				if value, err = pick(member, steps[i].picks); err != nil {
					return nil, err
				}
			}
		case []any:
			return walkItems(v, steps[i:])
		default:
			return undefined, nil
		}
	}
	return value, nil
}

// walkItems applies the steps to a sequence. After each step what it yielded for
// every item is spread by one level into the next sequence, as evaluateStep does;
// the end of the path gives nothing for an empty sequence and the item for one of
// one, but an array that the last step found as it is. Where items are picked, there
// is a result for every item, if an empty one.
func walkItems(items []any, steps []pathStep) (any, error) {
	for i, at := range steps {
		var next []any
		var results int
		var whole any // the one result so far, when it is an array found as it is
		for _, item := range items {
			value, found, err := step(item, at.name)
			if err != nil {
				return nil, err
			}
			switch {
			case len(at.picks) > 0:
				if value, err = pick(value, at.picks); err != nil {
					return nil, err
				}
				found = true
				results++
			case value != undefined:
				results++
			}
			if value == undefined {
				continue
			}
			array, ok := value.([]any)
			if !ok {
				next = append(next, value)
				continue
			}
			if found && results == 1 {
				whole = value
			}
			next = append(next, array...)
		}
		if i == len(steps)-1 && results == 1 && whole != nil {
			return whole, nil
		}
		if len(next) == 0 {
			return undefined, nil
		}
		items = next
	}
	return collapse(items), nil
}

// step applies one name to one item. found says that an array result is part of the
// data, not a sequence that the step made.
func step(item any, name string) (value any, found bool, err error) {
	switch v := item.(type) {
	case *Object:
		if v.exotic {
			return nil, false, errSlow
		}
		member, ok := v.Get(name)
		if !ok {
			return undefined, false, nil
		}
		return member, true, nil
	case []any:
		sequence, err := lookup(v, name)
		if err != nil {
			return nil, false, err
		}
		value := collapse(sequence)
		return value, len(sequence) == 1, nil
	default:
		return undefined, false, nil
	}
}

// lookup collects a name from the members of an array, at any depth of arrays.
func lookup(items []any, name string) ([]any, error) {
	var out []any
	for _, item := range items {
		var member any
		switch v := item.(type) {
		case *Object:
			if v.exotic {
				return nil, errSlow
			}
			value, ok := v.Get(name)
			if !ok {
				continue
			}
			member = value
		case []any:
			nested, err := lookup(v, name)
			if err != nil {
				return nil, err
			}
			out = append(out, nested...)
			continue
		default:
			continue
		}
		if array, ok := member.([]any); ok {
			out = append(out, array...)
		} else {
			out = append(out, member)
		}
	}
	return out, nil
}

// collapse is what a sequence is worth: nothing, its one item, or itself.
func collapse(sequence []any) any {
	switch len(sequence) {
	case 0:
		return undefined
	case 1:
		return sequence[0]
	}
	return sequence
}
