package asl

import (
	"errors"
	"math"
	"strconv"

	"github.com/dop251/goja"
)

// errUnsupported is a result that is no JSON: a function or a regular expression.
var errUnsupported = errors.New("result is not json")

// toJS gives the reference evaluator a copy of a value.
func (vm *referenceVM) toJS(value any) goja.Value {
	switch v := value.(type) {
	case nil:
		return goja.Null()
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = vm.toJS(item)
		}
		return vm.runtime.NewArray(items...)
	case *Object:
		object := vm.runtime.NewObject()
		for key, item := range v.All() {
			if key == "__proto__" { // Set would change the prototype
				_ = object.DefineDataProperty(key, vm.toJS(item), goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_TRUE)
				continue
			}
			_ = object.Set(key, vm.toJS(item)) // an ordinary object refuses nothing
		}
		return object
	default:
		return vm.runtime.ToValue(v)
	}
}

// The bounds of a result that is copied out: its strings and names in bytes with
// copyShare for each value, and how deep it nests.
const (
	copyMax      = 64 << 20
	copyShare    = 16
	copyMaxDepth = 5000
)

// copier copies a result out. A result that holds one array many times, in arrays that
// it holds many times, is small as it stands and beyond all bounds when it is copied.
type copier struct {
	left  int
	depth int
}

// fromJS copies a result out. What is undefined inside it is left out of objects
// and null in arrays, as in JSON.stringify; numbers that are not finite become
// their names, as AWS writes them.
func fromJS(value goja.Value) (any, error) {
	c := copier{left: copyMax}
	return c.value(value)
}

// take counts what is about to be copied.
func (c *copier) take(size int) error {
	if c.left -= size; c.left < 0 {
		return &fault{Text: memoryText}
	}
	return nil
}

func (c *copier) value(value goja.Value) (any, error) {
	object, ok := value.(*goja.Object)
	if !ok {
		return c.primitive(value)
	}
	if _, callable := goja.AssertFunction(object); callable {
		return nil, errUnsupported
	}
	if c.depth++; c.depth > copyMaxDepth {
		return nil, &fault{Text: overflowText}
	}
	defer func() { c.depth-- }()
	switch object.ClassName() {
	case "Array":
		return c.array(object)
	case "Object":
		return c.object(object)
	default:
		return nil, errUnsupported
	}
}

func (c *copier) primitive(value goja.Value) (any, error) {
	out, err := primitiveFromJS(value)
	if err != nil {
		return nil, err
	}
	size := copyShare
	if text, ok := out.(string); ok {
		size += len(text)
	}
	return out, c.take(size)
}

func (c *copier) array(array *goja.Object) (any, error) {
	n := int(array.Get("length").ToInteger())
	if err := c.take(copyShare * n); err != nil {
		return nil, err
	}
	items := make([]any, n)
	for i := range n {
		item := array.Get(strconv.Itoa(i))
		if item == nil || goja.IsUndefined(item) {
			continue
		}
		var err error
		if items[i], err = c.value(item); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (c *copier) object(object *goja.Object) (any, error) {
	keys := object.Keys()
	if err := c.take(copyShare * len(keys)); err != nil {
		return nil, err
	}
	out := NewObject(len(keys))
	for _, key := range keys {
		item := object.Get(key)
		if item == nil || goja.IsUndefined(item) {
			continue
		}
		if err := c.take(len(key)); err != nil {
			return nil, err
		}
		value, err := c.value(item)
		if err != nil {
			return nil, err
		}
		out.Set(key, value)
	}
	return out, nil
}

func primitiveFromJS(value goja.Value) (any, error) {
	switch v := value.Export().(type) {
	case nil:
		return nil, nil
	case bool, string:
		return v, nil
	case int64:
		return float64(v), nil
	case float64:
		switch {
		case math.IsNaN(v):
			return "NaN", nil
		case math.IsInf(v, 1):
			return "Infinity", nil
		case math.IsInf(v, -1):
			return "-Infinity", nil
		}
		return v, nil
	default:
		return nil, errUnsupported
	}
}
