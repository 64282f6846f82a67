package proof_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/proof"
)

func TestLines_AreEachBoundOrExplained(t *testing.T) {
	t.Parallel()
	lines, unbound := proof.Lines(), proof.Unbound()
	bound := map[string]bool{}
	for _, item := range proof.Items() {
		if len(item.IDs) == 0 || item.Property == "" || len(item.Mutations) == 0 {
			t.Errorf("%v %q: an item names its lines, its property and what must turn it red", item.IDs, item.Property)
		}
		for _, id := range item.IDs {
			bound[id] = true
			if lines[id] == "" {
				t.Errorf("%s is bound and is no line of Lines", id)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		if reason := unbound[id]; bound[id] == (reason != "") {
			t.Errorf("%s (%s): bound %v, reason for not being bound %q: one of the two it must be", id, lines[id], bound[id], reason)
		}
	}
	for id := range unbound {
		if lines[id] == "" {
			t.Errorf("%s is unbound and is no line of Lines", id)
		}
	}
}
