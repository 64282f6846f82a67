package stack_test

import (
	"encoding/json"
	"testing"
)

// decode reads a part of a template into a Go value.
func decode(t *testing.T, v, into any) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
