package main

import (
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// wire gives a value of the SDK in the form that the AWS CLI prints: member
// names in camel case, absent members left out, times as RFC 3339. The SDK's types
// carry no JSON tags.
func wire(v any) any { return wireValue(reflect.ValueOf(v)) }

func wireValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return wireValue(v.Elem())
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t
		}
		return wireStruct(v)
	case reflect.Map:
		out := map[string]any{}
		for _, key := range v.MapKeys() {
			out[camel(key.String())] = wireValue(v.MapIndex(key))
		}
		return out
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = wireValue(v.Index(i))
		}
		return out
	default:
		return v.Interface()
	}
}

func wireStruct(v reflect.Value) map[string]any {
	out := map[string]any{}
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "ResultMetadata" || absent(v.Field(i)) {
			continue
		}
		out[camel(field.Name)] = wireValue(v.Field(i))
	}
	return out
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Slice, reflect.Map:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0 // an enumeration without a value
	default:
		return false
	}
}

func camel(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToLower(first)) + strings.TrimPrefix(name, name[:size])
}
