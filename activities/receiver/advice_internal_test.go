package receiver

import (
	"go/format"
	"strings"
	"testing"
)

func TestChecks_SayWhatToFixInGoThatParses(t *testing.T) {
	t.Parallel()
	r, err := newRun(Target{URL: "https://receiver.invalid/", Secrets: []string{"whsec_" + strings.Repeat("a2V5", 8)}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	snippets := map[string]string{nameSlow: snippetSlow}
	for _, c := range r.checks() {
		if c.fix == "" {
			t.Errorf("%s: nothing to fix", c.name)
		}
		snippets[c.name] = c.snippet
	}
	for name, snippet := range snippets {
		formatted, err := format.Source([]byte(snippet))
		if err != nil || string(formatted) != snippet {
			t.Errorf("%s: %v\n%s", name, err, formatted)
		}
	}
}
