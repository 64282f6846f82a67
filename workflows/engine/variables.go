package engine

import (
	"strconv"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// The most that one Assign may store, and that an execution may hold in all scopes
// that are open, in bytes of JSON without the names (Developer Guide, "Passing data
// between states with variables"; the counting is a recording's).
const (
	assignLimit    = payloadLimit
	variablesLimit = 10 << 20
)

// unassignable holds variables that are to be assigned in a branch against the
// limits; nil: they are within them. Small ones are measured from above without
// making text.
func (r *run) unassignable(b *branch, assigned *asl.Object) *failure {
	bound := bound(assigned)
	if bound > assignLimit {
		if over := measure(assigned) - assignLimit; over > 0 {
			f := failing(errorDataLimit, "The Assign field exceeds the maximum variable assignment size by "+strconv.Itoa(over)+" bytes.")
			return &f
		}
		if tooDeep(assigned) {
			f := dataLimit(b.state.Name)
			return &f
		}
	}
	if r.held+bound <= variablesLimit {
		return nil
	}
	vars := b.vars
	b.vars = b.variables(assigned)
	r.held = r.root.holds(nil)
	b.vars = vars
	if over := r.held - variablesLimit; over > 0 {
		f := failing(errorDataLimit, "Execution total variable size limit exceeded. State '"+b.state.Name+
			"' assigned variables that exceed the total execution limit by "+strconv.Itoa(over)+" bytes.")
		return &f
	}
	return nil
}

// misassigned records that variables are beyond a limit, which AWS reports as a
// failed evaluation (recording).
func (r *run) misassigned(now time.Time, b *branch, f failure) {
	r.record(now, b, event{
		kind: evaluationFailed, name: b.state.Name, location: "Assign", err: f.err, cause: f.cause, prev: b.precedes(),
	})
}

// holds is the size of the variables of the branch and of those in it. What a branch
// inherits is its parent's.
func (b *branch) holds(inherited map[string]any) int {
	size := 0
	for name, value := range b.vars {
		if _, outer := inherited[name]; !outer {
			size += len(asl.AppendJSON(nil, value))
		}
	}
	if b.phase == forked {
		for _, child := range b.fork.live {
			size += child.holds(b.vars)
		}
	}
	return size
}

// bound is the size of variables from above.
func bound(assigned *asl.Object) int {
	used := 0
	for _, value := range assigned.All() {
		used += variablesLimit - textBound(value, variablesLimit, payloadDepth-1)
	}
	return used
}

// measured is where the size of variables is not counted on: a value is beyond all
// bounds when it is written, where it holds another one many times.
const measured = 64 << 20

// measure is the size of variables, up to measured. Their text is not made.
func measure(assigned *asl.Object) int {
	size := 0
	var scratch []byte
	for _, value := range assigned.All() {
		size = addSize(size, value, &scratch)
	}
	return size
}

// addSize adds the length of a value's text to a size.
func addSize(size int, value any, scratch *[]byte) int {
	switch v := value.(type) {
	case []any:
		size += max(2, 1+len(v))
		for _, item := range v {
			if size > measured {
				return size
			}
			size = addSize(size, item, scratch)
		}
	case *asl.Object:
		size += max(2, 1+v.Len())
		for key, item := range v.All() {
			if size > measured {
				return size
			}
			size = addSize(addSize(size, key, scratch)+1, item, scratch)
		}
	default:
		*scratch = asl.AppendJSON((*scratch)[:0], value)
		size += len(*scratch)
	}
	return size
}

// tooDeep says that variables, small as they are, nest deeper than can be read again.
func tooDeep(assigned *asl.Object) bool {
	for _, value := range assigned.All() {
		if textLeast(value, measured, payloadDepth-1) < 0 {
			return true
		}
	}
	return false
}
