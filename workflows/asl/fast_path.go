package asl

// walkPath applies the steps of a path to a value that is not spread yet: the head
// of the path, or a single value in it.
func walkPath(value any, names []string) (any, error) {
	for i, name := range names {
		switch v := value.(type) {
		case *Object:
			if v.exotic {
				return nil, errSlow
			}
			member, ok := v.Get(name)
			if !ok {
				return undefined, nil
			}
			value = member
		case []any:
			return walkItems(v, names[i:])
		default:
			return undefined, nil
		}
	}
	return value, nil
}

// walkItems applies the steps to a sequence. After each step what it yielded for
// every item is spread by one level into the next sequence, as evaluateStep does;
// the end of the path gives nothing for an empty sequence and the item for one of
// one, but an array that the last step found as it is.
func walkItems(items []any, names []string) (any, error) {
	for i, name := range names {
		var next []any
		var results int
		var whole any // the one result so far, when it is an array found as it is
		for _, item := range items {
			value, found, err := step(item, name)
			if err != nil {
				return nil, err
			}
			if value == undefined {
				continue
			}
			results++
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
		if i == len(names)-1 && results == 1 && whole != nil {
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
