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

// fromJS copies a result out. What is undefined inside it is left out of objects
// and null in arrays, as in JSON.stringify; numbers that are not finite become
// their names, as AWS writes them.
func fromJS(value goja.Value) (any, error) {
	object, ok := value.(*goja.Object)
	if !ok {
		return primitiveFromJS(value)
	}
	if _, callable := goja.AssertFunction(object); callable {
		return nil, errUnsupported
	}
	switch object.ClassName() {
	case "Array":
		n := int(object.Get("length").ToInteger())
		items := make([]any, n)
		for i := range n {
			item := object.Get(strconv.Itoa(i))
			if item == nil || goja.IsUndefined(item) {
				continue
			}
			var err error
			if items[i], err = fromJS(item); err != nil {
				return nil, err
			}
		}
		return items, nil
	case "Object":
		return objectFromJS(object)
	default:
		return nil, errUnsupported
	}
}

func objectFromJS(object *goja.Object) (any, error) {
	keys := object.Keys()
	out := NewObject(len(keys))
	for _, key := range keys {
		item := object.Get(key)
		if item == nil || goja.IsUndefined(item) {
			continue
		}
		value, err := fromJS(item)
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
