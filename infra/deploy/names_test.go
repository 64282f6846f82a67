package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// golden is a template as it is synthesised (infra/stack/testdata/golden).
type golden struct {
	Outputs   map[string]any
	Resources map[string]struct {
		Type       string
		Properties map[string]any
	}
}

func readGolden(t *testing.T, stack string) golden {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "stack", "testdata", "golden", stack+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// names gives the values of a property of all resources of a type, sorted.
func (g golden) names(kind, property string) []string {
	found := []string{}
	for _, r := range g.Resources {
		if name, ok := r.Properties[property].(string); ok && r.Type == kind {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	return found
}

// Every output that this package's sources name is one of the stack that it is asked of.
func TestNames_OutputsAreThoseOfTheTemplates(t *testing.T) {
	t.Parallel()
	c, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	core, frontend := readGolden(t, c.CoreStack()), readGolden(t, c.FrontendStack())
	want := map[string]golden{
		"ApiUrl": core, "ApiDomainTarget": core, "ApiId": core, "ApiStage": core,
		"SiteUrl": frontend, "SiteDomainTarget": frontend, "SiteBucket": frontend, "DistributionId": frontend,
	}
	for key, template := range want {
		if template.Outputs[key] == nil {
			t.Errorf("the template has no output %s", key)
		}
	}
	// What the sources name is in the list above, and nothing else is.
	key := regexp.MustCompile(`"((?:Api|Site|Distribution|Stopped|Origin|Cluster|Database|Migrate|UserPool)[A-Z][A-Za-z0-9]*)"`)
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		code, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllStringSubmatch(string(code), -1) {
			named[m[1]] = true
			if _, ok := want[m[1]]; !ok {
				t.Errorf("%s names the output %s, which this test does not hold against a template", source, m[1])
			}
		}
	}
	if len(named) != len(want) {
		t.Errorf("the sources name %d outputs, and the test holds %d against templates", len(named), len(want))
	}
}

// Every name that is made of the configuration is one of the templates.
func TestNames_ThingsAreThoseOfTheTemplates(t *testing.T) {
	t.Parallel()
	c, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	core, frontend, monitoring := readGolden(t, c.CoreStack()), readGolden(t, c.FrontendStack()), readGolden(t, c.MonitoringStack())
	migrate, _ := config.FunctionOf("migrate")
	for name, test := range map[string]struct {
		template       golden
		kind, property string
		want           []string
	}{
		"address sets of the API":   {core, "AWS::WAFv2::IPSet", "Name", []string{c.StoppedSet(c.CoreStack()), c.StoppedSet6(c.CoreStack())}},
		"address sets of the site":  {frontend, "AWS::WAFv2::IPSet", "Name", []string{c.StoppedSet(c.FrontendStack()), c.StoppedSet6(c.FrontendStack())}},
		"topics":                    {core, "AWS::SNS::Topic", "TopicName", []string{c.Topic(config.OnCall), c.Topic(config.Team)}},
		"cluster":                   {core, "AWS::RDS::DBCluster", "DBClusterIdentifier", []string{c.Cluster()}},
		"function that migrates":    {core, "AWS::Lambda::Function", "FunctionName", []string{c.Function(migrate)}},
		"alias of functions":        {core, "AWS::Lambda::Alias", "Name", []string{config.Alias}},
		"alias of machines":         {core, "AWS::StepFunctions::StateMachineAlias", "Name", []string{config.Alias}},
		"machines":                  {core, "AWS::StepFunctions::StateMachine", "StateMachineName", []string{c.Machine("lead_intake"), c.Machine("fibonacci_delivery")}},
		"bucket of the site":        {frontend, "AWS::S3::Bucket", "BucketName", []string{c.SiteBucket()}},
		"addresses that are told":   {core, "AWS::SNS::Subscription", "Endpoint", append(slices.Clone(c.Monitoring.OnCall), c.Monitoring.Team...)},
		"group of traces":           {monitoring, "AWS::XRay::Group", "GroupName", []string{}},
		"dashboards":                {monitoring, "AWS::CloudWatch::Dashboard", "DashboardName", []string{c.Dashboard("Core"), c.Dashboard("Agents")}},
		"alarms of the site":        {frontend, "AWS::CloudWatch::Alarm", "AlarmName", []string{}},
		"alarms":                    {monitoring, "AWS::CloudWatch::Alarm", "AlarmName", []string{}},
		"alarm that joins the rest": {monitoring, "AWS::CloudWatch::CompositeAlarm", "AlarmName", []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := test.template.names(test.kind, test.property)
			if len(have) == 0 {
				t.Errorf("the template gives no %s its %s as a text", test.kind, test.property)
			}
			for _, want := range test.want {
				if !slices.Contains(have, want) {
					t.Errorf("%s %s is not in the template, which has %v", test.kind, want, have)
				}
			}
			// What is looked for by its name must have one in every case.
			for _, r := range test.template.Resources {
				if _, ok := r.Properties[test.property].(string); r.Type == test.kind && !ok && test.kind != "AWS::S3::Bucket" {
					t.Errorf("a %s has %v for its %s, which nobody can look for", test.kind, r.Properties[test.property], test.property)
				}
			}
			if strings.HasSuffix(test.kind, "Alarm") {
				for _, alarm := range have {
					if !strings.HasPrefix(alarm, c.Alarm("")) {
						t.Errorf("the alarm %s does not begin with %s, by which alarms are listed", alarm, c.Alarm(""))
					}
				}
			}
		})
	}
}

// A rollback copies old versions of pages, so that the site's bucket must keep them.
func TestNames_TheBucketOfTheSiteKeepsVersions(t *testing.T) {
	t.Parallel()
	c, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range readGolden(t, c.FrontendStack()).Resources {
		if r.Type != "AWS::S3::Bucket" || r.Properties["BucketName"] != c.SiteBucket() {
			continue
		}
		versioning, _ := r.Properties["VersioningConfiguration"].(map[string]any)
		if versioning["Status"] != "Enabled" {
			t.Errorf("versioning is %v", versioning)
		}
		rules, _ := json.Marshal(r.Properties["LifecycleConfiguration"]) //nolint:errchkjson // was read from JSON
		var kept struct {
			Rules []struct {
				Old struct {
					Days int `json:"NoncurrentDays"`
				} `json:"NoncurrentVersionExpiration"`
			}
		}
		if err := json.Unmarshal(rules, &kept); err != nil {
			t.Fatal(err)
		}
		for _, rule := range kept.Rules {
			if rule.Old.Days < 30 {
				t.Errorf("old versions are kept %d days: a rollback after a month finds none", rule.Old.Days)
			}
		}
		return
	}
	t.Errorf("there is no bucket %s", c.SiteBucket())
}
