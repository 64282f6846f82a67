package asl

import (
	"iter"
	"math"
	"strconv"
)

// A value is JSON as the engine keeps it between states: nil, bool, float64,
// string, []any or *Object, and nothing else. Values are shared, not copied: once
// a value has left the function that made it, nobody writes to it.

// Object is a JSON object that keeps its keys in the order in which ECMAScript
// lists them: keys that are array indices ("0" to "4294967294") first, ascending,
// then the others as they were first set. The reference evaluator is written in
// that language, so an object has the same order whichever evaluator made it.
// The zero value is an empty object.
type Object struct {
	keys   []string
	values []any
	// index finds a key once the object has more than indexFrom of them.
	index map[string]int
	// indices is how many of the leading keys are array indices.
	indices int
	// exotic says that a key is set which means something to the reference
	// evaluator beyond being a key (see exoticKey).
	exotic bool
}

// indexFrom is the size above which a map beats comparing keys one by one.
const indexFrom = 16

// NewObject returns an empty object with room for n keys. Small ones are made in one
// piece.
func NewObject(n int) *Object {
	switch {
	case n <= 4:
		o := new(struct {
			Object
			keys   [4]string
			values [4]any
		})
		o.Object.keys, o.Object.values = o.keys[:0], o.values[:0]
		return &o.Object
	case n <= 8:
		o := new(struct {
			Object
			keys   [8]string
			values [8]any
		})
		o.Object.keys, o.Object.values = o.keys[:0], o.values[:0]
		return &o.Object
	}
	return &Object{keys: make([]string, 0, n), values: make([]any, 0, n)}
}

// Len is the number of keys.
func (o *Object) Len() int { return len(o.keys) }

// Get returns the value of key and whether it is set: a null is set.
func (o *Object) Get(key string) (any, bool) {
	if i := o.find(key); i >= 0 {
		return o.values[i], true
	}
	return nil, false
}

// At returns the i-th key and its value; it panics when there is none.
func (o *Object) At(i int) (string, any) { return o.keys[i], o.values[i] }

// All yields the keys and values in order.
func (o *Object) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for i, key := range o.keys {
			if !yield(key, o.values[i]) {
				return
			}
		}
	}
}

// Set gives key a value; a key that was set before keeps its place. Only the
// maker of an object calls it.
func (o *Object) Set(key string, value any) {
	if i := o.find(key); i >= 0 {
		o.values[i] = value
		return
	}
	if exoticKey(key) {
		o.exotic = true
	}
	if n, ok := arrayIndex(key); ok {
		o.insert(o.indexPlace(n), key, value)
		return
	}
	o.keys = append(o.keys, key)
	o.values = append(o.values, value)
	if o.index != nil {
		o.index[key] = len(o.keys) - 1
	} else if len(o.keys) > indexFrom {
		o.reindex()
	}
}

// Clone returns a copy that can be written to; its values are the same ones.
func (o *Object) Clone() *Object {
	clone := NewObject(len(o.keys) + 1)
	clone.keys = append(clone.keys, o.keys...)
	clone.values = append(clone.values, o.values...)
	clone.indices, clone.exotic = o.indices, o.exotic
	if len(clone.keys) > indexFrom {
		clone.reindex()
	}
	return clone
}

func (o *Object) find(key string) int {
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i, k := range o.keys {
		if k == key {
			return i
		}
	}
	return -1
}

// indexPlace is where an array index belongs among the leading ones.
func (o *Object) indexPlace(n uint32) int {
	for i := range o.indices {
		if m, _ := arrayIndex(o.keys[i]); m > n {
			return i
		}
	}
	return o.indices
}

func (o *Object) insert(i int, key string, value any) {
	o.keys = append(o.keys, "")
	copy(o.keys[i+1:], o.keys[i:])
	o.keys[i] = key
	o.values = append(o.values, nil)
	copy(o.values[i+1:], o.values[i:])
	o.values[i] = value
	o.indices++
	if len(o.keys) > indexFrom {
		o.reindex()
	}
}

func (o *Object) reindex() {
	o.index = make(map[string]int, 2*len(o.keys))
	for i, key := range o.keys {
		o.index[key] = i
	}
}

// arrayIndex reads a key that ECMAScript counts as an array index: a canonical
// decimal below 2^32-1.
func arrayIndex(key string) (uint32, bool) {
	if key == "" || len(key) > 10 || key[0] < '0' || key[0] > '9' || (key[0] == '0' && len(key) > 1) {
		return 0, false
	}
	n, err := strconv.ParseUint(key, 10, 32)
	if err != nil || n == math.MaxUint32 {
		return 0, false
	}
	return uint32(n), true
}

// exoticKey names the keys of data that the reference evaluator takes for marks
// of its own (a function, a stream of bindings, a prototype). Only it may evaluate over
// such an object.
func exoticKey(key string) bool {
	switch key {
	case "_jsonata_function", "_jsonata_lambda", "tupleStream", "__proto__":
		return true
	}
	return false
}
