package asl

import (
	"fmt"
	"math"
	"strconv"
)

// AppendJSON writes a value as JSON.stringify writes it: no blanks, numbers as
// ECMAScript's Number::toString, only what must be escaped escaped. It panics when
// the value holds anything but the types of a value.
func AppendJSON(dst []byte, value any) []byte {
	if dst == nil {
		dst = make([]byte, 0, textSize(value))
	}
	return appendValue(dst, value, false)
}

// appendValue writes a value as JSON, or as JSON that itself stands inside a string.
func appendValue(dst []byte, value any, inside bool) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case float64:
		return appendNumber(dst, v)
	case string:
		return appendString(dst, v, inside)
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, item, inside)
		}
		return append(dst, ']')
	case *Object:
		dst = append(dst, '{')
		for i, key := range v.keys {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, key, inside)
			dst = append(dst, ':')
			dst = appendValue(dst, v.values[i], inside)
		}
		return append(dst, '}')
	default:
		panic(fmt.Sprintf("asl: %T is not a json value", value))
	}
}

// textSize is about the size of a value's JSON: exact for texts without escapes.
func textSize(value any) int {
	size := 2
	switch v := value.(type) {
	case string:
		return size + len(v)
	case []any:
		for _, item := range v {
			size += textSize(item) + 1
		}
		return size
	case *Object:
		for i, key := range v.keys {
			size += len(key) + textSize(v.values[i]) + 4
		}
		return size
	}
	return 8
}

// MarshalJSON writes the object as AppendJSON does.
func (o *Object) MarshalJSON() ([]byte, error) { return AppendJSON(nil, o), nil }

// appendNumber writes a number as ECMAScript's Number::toString(10) does, and what
// is not finite as null, as JSON.stringify does.
func appendNumber(dst []byte, n float64) []byte {
	switch abs := math.Abs(n); {
	case n == math.Trunc(n) && abs < 1<<53:
		return strconv.AppendInt(dst, int64(n), 10)
	case math.IsNaN(n) || math.IsInf(n, 0):
		return append(dst, "null"...)
	case abs >= 1e-6 && abs < 1e21:
		return strconv.AppendFloat(dst, n, 'f', -1, 64)
	default:
		dst = strconv.AppendFloat(dst, n, 'e', -1, 64)
		// Go pads the exponent to two digits, ECMAScript does not.
		if end := len(dst); dst[end-2] == '0' && (dst[end-3] == '-' || dst[end-3] == '+') {
			dst[end-2] = dst[end-1]
			dst = dst[:end-1]
		}
		return dst
	}
}
