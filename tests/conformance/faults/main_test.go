package main

import "testing"

// The command takes minutes; that a fault no longer fits the code is said at once.
func TestFaults_FitTheCode(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, f := range all() {
		if _, err := f.source("../../.."); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		if names[f.name] {
			t.Errorf("%s: the name is used twice", f.name)
		}
		names[f.name] = true
	}
	if len(names) < 30 {
		t.Errorf("%d faults, want at least 30", len(names))
	}
}

func TestFault_DoesNotFitWhatIsNotThereOnce(t *testing.T) {
	t.Parallel()
	for _, f := range []fault{
		{"absent", "tests/conformance/faults/main.go", "no such" + " text", ""},
		{"twice", "tests/conformance/faults/main.go", "func ", ""},
		{"no file", "tests/conformance/faults/none.go", "", ""},
	} {
		if _, err := f.source("../../.."); err == nil {
			t.Errorf("%s: taken", f.name)
		}
	}
}
