package stack_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAdd_NagFindsNothing reads the reports of cdk-nag's AwsSolutions rules. A finding
// is mended, or suppressed beside the resource with the reason.
func TestAdd_NagFindsNothing(t *testing.T) {
	each(t, func(t *testing.T, d *deployment) {
		reports, err := filepath.Glob(filepath.Join(d.folder, "AwsSolutions-*-NagReport.csv"))
		if err != nil || len(reports) == 0 {
			t.Fatalf("found %d reports: %v", len(reports), err)
		}
		looked := 0
		for _, report := range reports {
			file, err := os.Open(report)
			if err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(file).ReadAll()
			_ = file.Close()
			if err != nil {
				t.Fatal(err)
			}
			// Rule ID, Resource ID, Compliance, Exception Reason, Rule Level, Rule Info
			for _, row := range rows[1:] {
				looked++
				rule, resource, compliance, reason, info := row[0], row[1], row[2], row[3], row[5]
				switch {
				case compliance == "Suppressed" && len(strings.Fields(reason)) < 6:
					t.Errorf("%s: %s is suppressed without a reason: %q", resource, rule, reason)
				case compliance != "Compliant" && compliance != "Suppressed" && compliance != "N/A":
					t.Errorf("%s: %s: %s (%s)", resource, rule, info, compliance)
				}
			}
		}
		if looked == 0 {
			t.Error("the reports are empty")
		}
	})
}
