package awstest

import (
	"encoding/json"
	"time"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Account is the account of a configuration before its first deployment: bootstrapped
// for CDK, and with what a template brings that World does not read from templates.
func Account(c *config.Config) *World {
	w := &World{
		Account: c.Account, Versioned: true,
		Parameters: map[string]string{},
		Stacks:     map[string]*Stack{}, Functions: map[string]*Function{}, Machines: map[string]*Machine{},
		Objects: map[string][]Object{}, Clusters: map[string]string{}, Snapshots: map[string]time.Time{},
		IPSets: map[string]*IPSet{
			c.StoppedSet(c.CoreStack()):            {Scope: "REGIONAL", Version: "IPV4"},
			c.StoppedSet6(c.CoreStack()):           {Scope: "REGIONAL", Version: "IPV6"},
			c.StoppedSet(c.FrontendStack()):        {Scope: "CLOUDFRONT", Version: "IPV4"},
			c.StoppedSet6(c.FrontendStack()):       {Scope: "CLOUDFRONT", Version: "IPV6"},
			c.StoppedSet(c.CoreStack()) + "-other": {Scope: "REGIONAL", Version: "IPV4"},
		},
		Alarms: map[string]string{c.Alarm("errors"): "OK"}, Dashboards: []string{c.Dashboard("Core")}, Groups: []string{"nigredo"},
		Subscriptions: map[string]map[string]bool{},
	}
	for _, region := range []string{c.Region, config.SiteRegion} {
		w.Parameters[region+" /cdk-bootstrap/hnb659fds/version"] = "30"
	}
	for topic, addresses := range map[string][]string{config.OnCall: c.Monitoring.OnCall, config.Team: c.Monitoring.Team} {
		w.Subscriptions[c.TopicARN(topic)] = map[string]bool{}
		for _, address := range addresses {
			w.Subscriptions[c.TopicARN(topic)][address] = true
		}
	}
	return w
}

// Deploy makes a stack, or the next version of it, as the CDK command line has it done;
// address is where API and site answer.
func (w *World) Deploy(c *config.Config, stack, address string) {
	w.Do(func() {
		if w.Stacks[stack] == nil {
			w.Stacks[stack] = &Stack{Resources: map[string]string{}, ChangeSets: map[string]bool{}}
		}
		s := w.Stacks[stack]
		s.Status = "UPDATE_COMPLETE"
		switch stack {
		case c.CoreStack():
			s.Outputs = map[string]string{"ApiUrl": address, "ApiId": "a1b2c3", "ApiStage": config.APIStage}
			if c.API.Domain != "" {
				s.Outputs["ApiDomainTarget"] = "d-1.execute-api.us-east-1.amazonaws.com"
			}
			w.Clusters[c.Cluster()] = "available"
			for _, name := range []string{"Migrate", "CreateLead"} {
				if key := c.CoreStack() + "-" + name; w.Functions[key] == nil {
					w.Functions[key] = &Function{}
				}
			}
			if w.Machines[c.Machine("lead_intake")] == nil {
				w.Machines[c.Machine("lead_intake")] = &Machine{}
			}
		case c.FrontendStack():
			s.Outputs = map[string]string{"SiteUrl": address, "SiteBucket": "site", "DistributionId": "E123"}
			s.Resources["site"], s.Resources["site-logs"] = "AWS::S3::Bucket", "AWS::S3::Bucket"
			if c.Site.Domain != "" {
				s.Outputs["SiteDomainTarget"] = "d1.cloudfront.net"
			}
		}
	})
	if stack == c.CoreStack() {
		w.Publish(stack)
	}
}

// Assembly gives the files of a small cloud assembly of the configuration's stacks, by
// name. A word tells its content from another's.
func Assembly(c *config.Config, word string) (map[string][]byte, error) {
	files := map[string][]byte{}
	var err error
	write := func(name string, content any) {
		if err == nil {
			files[name], err = json.Marshal(content)
		}
	}
	artifacts := map[string]any{}
	for stack, region := range map[string]string{c.CoreStack(): c.Region, c.MonitoringStack(): c.Region, c.FrontendStack(): config.SiteRegion} {
		artifacts[stack] = map[string]any{
			"type": "aws:cloudformation:stack", "environment": "aws://" + c.Account + "/" + region,
			"properties": map[string]any{"templateFile": stack + ".json", "requiresBootstrapStackVersion": 6},
		}
		resources := map[string]any{}
		if stack == c.MonitoringStack() {
			resources = map[string]any{
				"A": map[string]any{"Type": "AWS::CloudWatch::Alarm", "Properties": map[string]any{"AlarmName": c.Alarm("errors")}},
				"D": map[string]any{"Type": "AWS::CloudWatch::Dashboard", "Properties": map[string]any{"DashboardName": c.Dashboard("Core")}},
				"X": map[string]any{"Type": "AWS::XRay::Group", "Properties": map[string]any{"GroupName": "nigredo"}},
			}
		}
		write(stack+".json", map[string]any{"Description": word, "Resources": resources})
	}
	write("manifest.json", map[string]any{"artifacts": artifacts})
	return files, err
}
