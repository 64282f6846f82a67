package asl

import (
	"strconv"
	"testing"
)

func TestShape_MakesWhatSetMakes(t *testing.T) {
	t.Parallel()
	for n := range 24 {
		keys, values := []string{"b", "10", "__proto__", "a", "2"}[:min(n, 5)], make([]any, n)
		for i := range n {
			values[i] = float64(i)
			if i >= 5 {
				keys = append(keys, "k"+strconv.Itoa(i))
			}
		}
		shape := NewShape(keys...)
		got, want := shape.Object(values...), NewObject(0)
		for i, key := range keys {
			want.Set(key, values[i])
		}
		if got, want := string(AppendJSON(nil, got)), string(AppendJSON(nil, want)); got != want {
			t.Errorf("%d keys: got %s, want %s", n, got, want)
		}
		for i, key := range keys {
			if value, ok := got.Get(key); !ok || value != values[i] {
				t.Errorf("%d keys: %s = %v, %v", n, key, value, ok)
			}
		}
		if _, ok := got.Get("c"); ok || got.Len() != n || got.exotic != want.exotic {
			t.Errorf("%d keys: got %+v, want %+v", n, got, want)
		}
	}
}

// The keys are shared: a clone that is written to must not be seen by its siblings.
func TestShape_ObjectsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	var keys []string
	for i := range 20 {
		keys = append(keys, "k"+strconv.Itoa(i))
	}
	for _, n := range []int{1, 4, 20} {
		shape := NewShape(keys[:n]...)
		first, second := shape.Object(make([]any, n)...), shape.Object(make([]any, n)...)
		clone := first.Clone()
		clone.Set("more", 1.0)
		clone.Set("k0", 2.0)
		clone.Set("0", 3.0)
		for _, o := range []*Object{first, second, shape.Object(make([]any, n)...)} {
			_, more := o.Get("more")
			if value, ok := o.Get("k0"); more || o.Len() != n || !ok || value != nil {
				t.Errorf("%d keys: got %s", n, AppendJSON(nil, o))
			}
		}
		if key, _ := clone.At(0); key != "0" || clone.Len() != n+2 {
			t.Errorf("%d keys: the clone is %s", n, AppendJSON(nil, clone))
		}
	}
}
