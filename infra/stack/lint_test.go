package stack_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAdd_CfnLintFindsNoError runs cfn-lint, which knows CloudFormation's own schemas:
// a property that CDK takes and AWS does not is found there.
func TestAdd_CfnLintFindsNoError(t *testing.T) {
	lint, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("cfn-lint is not installed (pip install cfn-lint): the templates are not held against CloudFormation's schemas")
	}
	var files []string
	for _, name := range []string{"prod", "fibonacci", "brazil"} {
		found, err := filepath.Glob(filepath.Join(deployments[name].folder, "*.template.json"))
		if err != nil || len(found) == 0 {
			t.Fatalf("no templates of %s: %v", name, err)
		}
		for _, file := range found {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte(`"Resources"`)) { // CDK writes a stack without any as an empty object
				files = append(files, file)
			}
		}
	}
	out, err := exec.Command(lint, append([]string{"--non-zero-exit-code", "error", "--ignore-checks", "W", "--"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
