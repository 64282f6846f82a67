package stack_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden templates anew")

// goldens are the templates that are kept: prod's, and the receiver's, which prod has
// not. What differs in the other environments follows from the configuration.
func goldens(t *testing.T) map[string]*deployment {
	t.Helper()
	production, dev := deployments["prod"], deployments["dev"]
	return map[string]*deployment{
		production.config.CoreStack(): production, production.config.FrontendStack(): production,
		production.config.MonitoringStack(): production, dev.config.ReceiverStack(): dev,
	}
}

// An asset is named by the hash of its content and a version by that of what it
// depends on: they change with every build and say nothing about the stack.
var (
	assetHash = regexp.MustCompile(`[0-9a-f]{64}`)
	version   = regexp.MustCompile(`(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}`)
)

func TestAdd_TemplatesAreAsTheyWere(t *testing.T) {
	for stack, d := range goldens(t) {
		t.Run(stack, func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(d.folder, stack+".template.json"))
			if err != nil {
				t.Fatal(err)
			}
			got := masked(t, raw)
			golden := filepath.Join("testdata", "golden", stack+".json")
			if *update {
				if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; run: go test ./infra/stack -run TemplatesAreAsTheyWere -update", err)
			}
			if difference := firstDifference(string(want), got); difference != "" {
				t.Errorf("%s differs from infra/stack/%s\n%s\nIf that is meant, run: go test ./infra/stack -run TemplatesAreAsTheyWere -update",
					stack, golden, difference)
			}
		})
	}
}

// masked gives a template with sorted members and without what changes with a build.
func masked(t *testing.T, raw []byte) string {
	t.Helper()
	var template any
	if err := json.Unmarshal(raw, &template); err != nil {
		t.Fatal(err)
	}
	sorted, err := json.MarshalIndent(template, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	text := assetHash.ReplaceAllString(string(sorted), "<asset>")
	return version.ReplaceAllString(text, "$1<version>") + "\n"
}

// firstDifference tells the first line that differs, with what stands around it.
func firstDifference(want, got string) string {
	if want == got {
		return ""
	}
	wanted, gotten := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < min(len(wanted), len(gotten)) && wanted[i] == gotten[i] {
		i++
	}
	line := func(lines []string) string {
		if i < len(lines) {
			return lines[i]
		}
		return "(nothing)"
	}
	around := strings.Join(gotten[max(0, i-6):min(i, len(gotten))], "\n")
	return fmt.Sprintf("line %d, after\n%s\n- %s\n+ %s", i+1, around, line(wanted), line(gotten))
}

func TestFirstDifference_NamesTheLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ want, got, says string }{
		{"a\nb\n", "a\nb\n", ""},
		{"a\nb\n", "a\nc\n", "line 2, after\na\n- b\n+ c"},
		{"a", "a\nb", "line 2, after\na\n- (nothing)\n+ b"},
	} {
		if got := firstDifference(test.want, test.got); got != test.says {
			t.Errorf("%q and %q: got %q", test.want, test.got, got)
		}
	}
}

// TestAdd_SaysNothingOfTheMachineThatMadeIt: a template is the same wherever it is made.
func TestAdd_SaysNothingOfTheMachineThatMadeIt(t *testing.T) {
	each(t, func(t *testing.T, d *deployment) {
		files, err := filepath.Glob(filepath.Join(d.folder, "*.template.json"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no templates: %v", err)
		}
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if folder := filepath.Dir(d.folder); strings.Contains(string(raw), folder) || strings.Contains(string(raw), os.TempDir()) {
				t.Errorf("%s names a folder of this machine", filepath.Base(file))
			}
		}
	})
}
