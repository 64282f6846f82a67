package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// monitoring reads the golden template, so that this package needs no CDK; package
// stack holds the synthesised one against it.
func monitoring(t *testing.T) *Templates {
	t.Helper()
	c, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	template, err := ReadTemplate(filepath.Join("..", "stack", "testdata", "golden", c.MonitoringStack()+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return &Templates{Config: c, Monitoring: template}
}

func TestMonitoring_ItemsHoldAndEveryMutationIsSeen(t *testing.T) {
	t.Parallel()
	templates := monitoring(t)
	for _, item := range monitoringStackItems() {
		if err := item.Verify(templates); err != nil {
			t.Error(err)
		}
	}
}

// onDemand are the runbooks that no alarm names: what an operator does without one.
var onDemand = []string{"quarantined-leads", "redrive-campaign", "rotate-secrets"}

// onSite are the runbooks of alarms in the site's stack.
var onSite = []string{"site-errors", "cache-hit-ratio", "site-certificate-expiry"}

// conditional are those of alarms that the committed configuration leaves off.
var conditional = []string{"certificate-expiry"}

func TestRunbooks_AreThoseOfTheAlarms(t *testing.T) {
	t.Parallel()
	templates := monitoring(t)
	named := slices.Concat(onSite, conditional)
	for _, typ := range []string{"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"} {
		for _, r := range templates.Monitoring.Resources(typ) {
			named = append(named, strings.TrimPrefix(fmt.Sprint(r.Get("AlarmName")), templates.Config.Alarm("")))
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "runbooks", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		if !slices.Contains(named, name) && !slices.Contains(onDemand, name) {
			t.Errorf("%s: no alarm is named so, and it is not listed as on demand", file)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rest := string(text)
		for _, part := range []string{"**Symptom.**", "**Check.**", "**Act.**", "**Verify.**"} {
			_, after, ok := strings.Cut(rest, part)
			if !ok {
				t.Errorf("%s: %s is missing or not in its place", file, part)
				break
			}
			rest = after
		}
	}
	for _, name := range named {
		if !slices.Contains(files, filepath.Join("..", "runbooks", name+".md")) {
			t.Errorf("alarm %s has no runbook", name)
		}
	}
}
