package stack_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/stack"
)

func TestFindings_AreNone(t *testing.T) {
	each(t, func(t *testing.T, d *deployment) {
		if err := stack.Findings(d.folder); err != nil {
			t.Error(err)
		}
	})
}

func TestFindings_TellWhatIsLeftAndWhatHasNoReason(t *testing.T) {
	t.Parallel()
	const head = "Rule ID,Resource ID,Compliance,Exception Reason,Rule Level,Rule Info\n"
	for name, row := range map[string]struct{ rows, want string }{
		"a finding":          {head + "AwsSolutions-S1,Bucket,Non-Compliant,N/A,Error,no access logs\n", "no access logs"},
		"a rule that failed": {head + "AwsSolutions-S1,Bucket,UNKNOWN,N/A,Error,no access logs\n", "UNKNOWN"},
		"no reason":          {head + "AwsSolutions-S1,Bucket,Suppressed,not needed,Error,no access logs\n", "without a reason"},
		"an empty report":    {head, "empty"},
		"no report":          {"", "no report"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if row.rows != "" {
				if err := os.WriteFile(filepath.Join(folder, "AwsSolutions-X-NagReport.csv"), []byte(row.rows), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := stack.Findings(folder); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want one with %q", err, row.want)
			}
		})
	}
}
