package asl

import (
	"slices"
	"strconv"
	"testing"
)

func TestObject_KeepsTheOrderOfECMAScript(t *testing.T) {
	t.Parallel()
	o := NewObject(0)
	for _, key := range []string{"b", "10", "a", "9", "b", "1", "010", "x1"} {
		o.Set(key, key)
	}
	var keys []string
	for key, value := range o.All() {
		if key != value {
			t.Errorf("%s has the value %v", key, value)
		}
		keys = append(keys, key)
	}
	if want := []string{"1", "9", "10", "b", "a", "010", "x1"}; !slices.Equal(keys, want) {
		t.Errorf("keys %v, want %v", keys, want)
	}
}

func TestObject_FindsKeysBelowAndAboveTheIndex(t *testing.T) {
	t.Parallel()
	o := NewObject(2)
	for n := range 40 {
		o.Set("k"+strconv.Itoa(n), float64(n))
		o.Set(strconv.Itoa(100-n), float64(n))
		for m := range n + 1 {
			if value, ok := o.Get("k" + strconv.Itoa(m)); !ok || value != float64(m) {
				t.Fatalf("after %d keys: k%d = %v, %v", o.Len(), m, value, ok)
			}
			if value, ok := o.Get(strconv.Itoa(100 - m)); !ok || value != float64(m) {
				t.Fatalf("after %d keys: %d = %v, %v", o.Len(), 100-m, value, ok)
			}
		}
		if _, ok := o.Get("k" + strconv.Itoa(n+1)); ok {
			t.Fatalf("after %d keys: k%d is set", o.Len(), n+1)
		}
	}
	if key, value := o.At(0); key != "61" || value != 39.0 {
		t.Errorf("first key %s = %v, want 61 = 39", key, value)
	}
}

func TestObject_NullIsSetAndAbsentIsNot(t *testing.T) {
	t.Parallel()
	o := NewObject(1)
	o.Set("a", nil)
	if value, ok := o.Get("a"); !ok || value != nil {
		t.Errorf("a = %v, %v", value, ok)
	}
	if _, ok := o.Get("b"); ok {
		t.Error("b is set")
	}
}

func TestObject_CloneIsApart(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 20} {
		o := NewObject(size)
		for n := range size {
			o.Set("k"+strconv.Itoa(n), float64(n))
		}
		clone := o.Clone()
		clone.Set("k0", "changed")
		clone.Set("more", true)
		if value, _ := o.Get("k0"); value != 0.0 || o.Len() != size {
			t.Errorf("of %d keys: the original became %s", size, AppendJSON(nil, o))
		}
		if value, _ := clone.Get("more"); value != true || clone.Len() != size+1 {
			t.Errorf("of %d keys: the clone is %s", size, AppendJSON(nil, clone))
		}
	}
}

func TestEqual_ComparesWhatJSONSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`null`, `null`, true},
		{`null`, `false`, false},
		{`0`, `-0`, true},
		{`1`, `1.0`, true},
		{`1`, `"1"`, false},
		{`"a"`, `"a"`, true},
		{`[]`, `[]`, true},
		{`[]`, `{}`, false},
		{`[]`, `null`, false},
		{`null`, `[]`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[1]`, `[1,1]`, false},
		{`{"a":1,"b":[{}]}`, `{"b":[{}],"a":1}`, true},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":null}`, `{"b":null}`, false},
		{`{"a":{"b":1}}`, `{"a":{"b":2}}`, false},
		{`{}`, `"x"`, false},
		{`"x"`, `{}`, false},
	} {
		if got := equal(mustParse(t, c.a), mustParse(t, c.b)); got != c.want {
			t.Errorf("equal(%s, %s) = %v", c.a, c.b, got)
		}
	}
}

// equal says whether two values are the same JSON: numbers by value, objects
// whatever their key order.
func equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case *Object:
		b, ok := b.(*Object)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for key, value := range a.All() {
			other, ok := b.Get(key)
			if !ok || !equal(value, other) {
				return false
			}
		}
		return true
	default:
		switch b.(type) {
		case []any, *Object:
			return false
		}
		return a == b
	}
}
