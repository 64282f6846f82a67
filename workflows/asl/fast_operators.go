package asl

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// truthy is JSONata's cast to boolean, with nothing as false.
func truthy(value any) bool {
	switch v := value.(type) {
	case bool:
		return v
	case float64:
		return v != 0
	case string:
		return v != ""
	case *Object:
		return v.Len() > 0
	case []any:
		for _, item := range v {
			if truthy(item) {
				return true
			}
		}
	}
	return false
}

func equality(lhs, rhs any, wanted bool) (any, error) {
	if lhs == undefined || rhs == undefined {
		return false, nil
	}
	equal, err := deepEqual(lhs, rhs)
	if err != nil {
		return nil, err
	}
	return equal == wanted, nil
}

// deepEqual is the reference's isDeepEqual, which compares an array with an object by
// their property names: an array has "length".
func deepEqual(lhs, rhs any) (bool, error) {
	switch l := lhs.(type) {
	case []any:
		switch r := rhs.(type) {
		case []any:
			return equalArrays(l, r)
		case *Object:
			return false, notLikeArray(r)
		}
		return false, nil
	case *Object:
		switch r := rhs.(type) {
		case []any:
			return false, notLikeArray(l)
		case *Object:
			return equalObjects(l, r)
		}
		return false, nil
	}
	switch rhs.(type) {
	case []any, *Object:
		return false, nil
	}
	return lhs == rhs, nil
}

func notLikeArray(o *Object) error {
	if _, ok := o.Get("length"); ok {
		return errSlow
	}
	return nil
}

func equalArrays(lhs, rhs []any) (bool, error) {
	if len(lhs) != len(rhs) {
		return false, nil
	}
	for i := range lhs {
		if equal, err := deepEqual(lhs[i], rhs[i]); err != nil || !equal {
			return false, err
		}
	}
	return true, nil
}

func equalObjects(lhs, rhs *Object) (bool, error) {
	if lhs.exotic || rhs.exotic {
		return false, errSlow
	}
	if lhs.Len() != rhs.Len() {
		return false, nil
	}
	for key, left := range lhs.All() {
		right, ok := rhs.Get(key)
		if !ok {
			return false, nil
		}
		if equal, err := deepEqual(left, right); err != nil || !equal {
			return false, err
		}
	}
	return true, nil
}

// compare orders two numbers or two strings.
func compare(lhs, rhs any, holds func(sign int) bool) (any, error) {
	if !hasOrder(lhs) || !hasOrder(rhs) {
		return nil, &fault{Code: "T2010"}
	}
	if lhs == undefined || rhs == undefined {
		return undefined, nil
	}
	switch l := lhs.(type) {
	case float64:
		if r, ok := rhs.(float64); ok {
			return holds(order(l, r)), nil
		}
	case string:
		if r, ok := rhs.(string); ok {
			return holds(compareUTF16(l, r)), nil
		}
	}
	return nil, &fault{Code: "T2009"}
}

func hasOrder(value any) bool {
	switch value.(type) {
	case float64, string, undefinedValue:
		return true
	}
	return false
}

func order(l, r float64) int {
	switch {
	case l < r:
		return -1
	case l > r:
		return 1
	}
	return 0
}

// compareUTF16 orders strings as ECMAScript does, by UTF-16 units. That is the order
// of their bytes but for characters beyond the basic plane, whose surrogates sort
// before U+E000 to U+FFFF.
func compareUTF16(l, r string) int {
	i := 0
	for i < len(l) && i < len(r) && l[i] == r[i] {
		i++
	}
	if i == len(l) || i == len(r) {
		return len(l) - len(r)
	}
	for i > 0 && !utf8.RuneStart(l[i]) {
		i--
	}
	a, _ := utf8.DecodeRuneInString(l[i:])
	b, _ := utf8.DecodeRuneInString(r[i:])
	switch {
	case a > 0xFFFF && b <= 0xFFFF && b >= 0xE000:
		return -1
	case b > 0xFFFF && a <= 0xFFFF && a >= 0xE000:
		return 1
	}
	return int(a) - int(b)
}

// includes compares by identity, which two copies of an object do not have: the
// reference decides about those.
func includes(lhs, rhs any) (any, error) {
	if lhs == undefined || rhs == undefined {
		return false, nil
	}
	switch lhs.(type) {
	case []any, *Object:
		return nil, errSlow
	}
	items, ok := rhs.([]any)
	if !ok {
		items = []any{rhs}
	}
	for _, item := range items {
		switch item.(type) {
		case []any, *Object:
			continue
		}
		if item == lhs {
			return true, nil
		}
	}
	return false, nil
}

// calculate leaves to the reference what is not finite: it has a name and errors of
// its own there.
func calculate(lhs, rhs any, operation func(l, r float64) float64) (any, error) {
	left, leftOK := lhs.(float64)
	right, rightOK := rhs.(float64)
	switch {
	case !leftOK && lhs != undefined:
		return nil, &fault{Code: "T2001"}
	case !rightOK && rhs != undefined:
		return nil, &fault{Code: "T2002"}
	case !leftOK || !rightOK:
		return undefined, nil
	}
	result := operation(left, right)
	if math.IsNaN(result) || math.IsInf(result, 0) {
		return nil, errSlow
	}
	return result, nil
}

func negate(value any) (any, error) {
	switch v := value.(type) {
	case undefinedValue:
		return undefined, nil
	case float64:
		return -v, nil
	}
	return nil, &fault{Code: "D1002"}
}

// sum is the reference's $sum, whose signature takes numbers alone.
func sum(value any) (any, error) {
	items, ok := value.([]any)
	switch {
	case value == undefined:
		return undefined, nil
	case !ok:
		items = []any{value}
	}
	total := 0.0
	for _, item := range items {
		n, ok := item.(float64)
		if !ok {
			return nil, &fault{Code: "T0412"}
		}
		total += n
	}
	if math.IsInf(total, 0) {
		return nil, errSlow
	}
	return total, nil
}

func count(value any) (any, error) {
	switch v := value.(type) {
	case undefinedValue:
		return 0.0, nil
	case []any:
		return float64(len(v)), nil
	}
	return 1.0, nil
}

func concatenate(lhs, rhs any) (any, error) {
	left, err := stringify(lhs)
	if err != nil {
		return nil, err
	}
	right, err := stringify(rhs)
	if err != nil {
		return nil, err
	}
	if len(left)+len(right) > evalMaxElements*8 {
		return nil, errSlow // the reference's bound of memory applies
	}
	return left + right, nil
}

// stringify is the reference's $string, with nothing as "".
func stringify(value any) (string, error) {
	switch v := value.(type) {
	case undefinedValue:
		return "", nil
	case string:
		return v, nil
	}
	var out strings.Builder
	if err := stringifyInto(&out, value); err != nil {
		return "", err
	}
	return out.String(), nil
}

func stringifyInto(out *strings.Builder, value any) error {
	var scratch [32]byte
	switch v := value.(type) {
	case float64:
		out.Write(appendNumber(scratch[:0], roundTo15(v)))
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := stringifyInto(out, item); err != nil {
				return err
			}
		}
		out.WriteByte(']')
	case *Object:
		if v.exotic {
			return errSlow
		}
		out.WriteByte('{')
		for i, key := range v.keys {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(AppendString(scratch[:0], key))
			out.WriteByte(':')
			if err := stringifyInto(out, v.values[i]); err != nil {
				return err
			}
		}
		out.WriteByte('}')
	default:
		out.Write(AppendJSON(scratch[:0], v))
	}
	return nil
}

// roundTo15 is Number(n.toPrecision(15)), which rounds ties away from zero.
func roundTo15(n float64) float64 {
	if n == math.Trunc(n) && math.Abs(n) < 1e15 {
		return n
	}
	var scratch [80]byte
	exact := strconv.AppendFloat(scratch[:0], n, 'e', 60, 64)
	_, rest, _ := strings.Cut(string(exact), ".")
	if tail := rest[14:60]; tail[0] == '5' && strings.Trim(tail[1:], "0") == "" {
		n = math.Nextafter(n, math.Inf(int(math.Copysign(1, n))))
	}
	rounded, err := strconv.ParseFloat(string(strconv.AppendFloat(scratch[:0], n, 'e', 14, 64)), 64)
	if err != nil {
		return n // beyond the largest number: as it was
	}
	return rounded
}
