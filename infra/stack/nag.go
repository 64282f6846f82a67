package stack

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// Inspect has cdk-nag's AwsSolutions rules look at an app while it is synthesised.
func Inspect(app awscdk.App) {
	awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(&cdknag.NagPackProps{Reports: jsii.Bool(true)}), nil)
}

// Findings reads what Inspect wrote into a cloud assembly. A finding is mended, or
// accepted beside the resource with a reason: what is left, or accepted in less than a
// sentence, is an error.
func Findings(folder string) error {
	reports, err := filepath.Glob(filepath.Join(folder, "AwsSolutions-*-NagReport.csv"))
	if err != nil || len(reports) == 0 {
		return errors.Join(fmt.Errorf("cdk-nag: no report in %s", folder), err)
	}
	var findings []error
	looked := 0
	for _, report := range reports {
		file, err := os.Open(report)
		if err != nil {
			return fmt.Errorf("cdk-nag: %w", err)
		}
		rows, err := csv.NewReader(file).ReadAll()
		_ = file.Close()
		if err != nil {
			return fmt.Errorf("cdk-nag: read report: %w", err)
		}
		// Rule ID, Resource ID, Compliance, Exception Reason, Rule Level, Rule Info
		for _, row := range rows[1:] {
			looked++
			rule, resource, compliance, reason, info := row[0], row[1], row[2], row[3], row[5]
			switch {
			case compliance == "Suppressed" && len(strings.Fields(reason)) < 6:
				findings = append(findings, fmt.Errorf("cdk-nag: %s: %s is accepted without a reason: %q", resource, rule, reason))
			case compliance != "Compliant" && compliance != "Suppressed" && compliance != "N/A":
				findings = append(findings, fmt.Errorf("cdk-nag: %s: %s: %s (%s)", resource, rule, info, compliance))
			}
		}
	}
	if looked == 0 {
		return errors.New("cdk-nag: the reports are empty")
	}
	return errors.Join(findings...)
}
