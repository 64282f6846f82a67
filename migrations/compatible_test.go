package migrations_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/migrations"
)

// Every file says it, from 007 on: what is deployed and rolled back depends on it.
func TestVersions_EachSaysWhetherItIsCompatible(t *testing.T) {
	t.Parallel()
	versions, err := migrations.Nigredo().Versions()
	if err != nil {
		t.Fatal(err)
	}
	if len(versions) < 8 || versions[0].Number != 7 {
		t.Fatalf("versions = %+v, want those from 007 on", versions)
	}
	for i, v := range versions[1:] {
		if v.Number != versions[i].Number+1 {
			t.Errorf("%s follows %s: a number is missing", v.File, versions[i].File)
		}
	}
}

func TestReadVersion(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, content string
		compatible    bool
		reason, err   string
	}{
		"compatible":   {"015_x.sql", "-- why\n-- backward compatible: yes\n\n-- +goose Up\n", true, "", ""},
		"incompatible": {"015_x.sql", "-- backward compatible: no: drops leads.phone\n-- +goose Up\n", false, "drops leads.phone", ""},
		"no reason":    {"015_x.sql", "-- backward compatible: no: \n-- +goose Up\n", false, "", "015_x.sql"},
		"not said":     {"015_x.sql", "-- +goose Up\n", false, "", "backward compatible"},
		"said below":   {"015_x.sql", "-- +goose Up\n-- backward compatible: yes\n", false, "", "backward compatible"},
		"said twice":   {"015_x.sql", "-- backward compatible: yes\n-- backward compatible: no: x\n-- +goose Up\n", false, "", "want one line"},
		"no number":    {"x.sql", "-- backward compatible: yes\n-- +goose Up\n", false, "", "three digits"},
	} {
		got, err := migrations.ReadVersion(test.file, test.content)
		if (err != nil) != (test.err != "") || (err != nil && !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: error %v, want %q", name, err, test.err)
		}
		if err == nil && (got.Compatible != test.compatible || got.Reason != test.reason || got.Number != 15) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestIncompatible_LooksBetweenTheTwo(t *testing.T) {
	t.Parallel()
	versions := []migrations.Version{{Number: 14}, {Number: 15, Compatible: true}, {Number: 16}, {Number: 17}}
	got := migrations.Incompatible(versions, 14, 16)
	if !slices.Equal(got, []migrations.Version{{Number: 16}}) {
		t.Errorf("got %+v", got)
	}
}
