package stack_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/proof"
)

var updatePolicies = flag.Bool("update.policies", false, "write testdata/policies.txt anew")

// A right that comes or goes shows in review: the table is what every role of prod's
// backend may do, computed from the template.
func TestPolicies_AreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("# What each role of the backend may do: role, effect, action, resource, conditions.\n" +
		"# Written by go test ./infra/stack -run Policies -update.policies\n")
	for _, right := range proof.Rights(deployments["prod"].templates.Core) {
		table.WriteString(right.String() + "\n")
	}
	file := filepath.Join("testdata", "policies.txt")
	if *updatePolicies {
		if err := os.WriteFile(file, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if table.String() == string(wanted) {
		return
	}
	lines := func(text string) map[string]bool {
		out := map[string]bool{}
		for line := range strings.Lines(text) {
			out[strings.TrimSpace(line)] = true
		}
		return out
	}
	old, now := lines(string(wanted)), lines(table.String())
	for line := range now {
		if !old[line] {
			t.Errorf("new, and not in the table: %s", line)
		}
	}
	for line := range old {
		if !now[line] {
			t.Errorf("in the table, and gone: %s", line)
		}
	}
	if !t.Failed() {
		t.Error("the table is in another order: write it anew")
	}
}
