package stack

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
)

// siteTemplate synthesises the alarms on CloudFront alone.
func siteTemplate(t *testing.T, c *config.Config) *proof.Template {
	t.Helper()
	folder := t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(folder), AnalyticsReporting: jsii.Bool(false)})
	s := awscdk.NewStack(app, jsii.String(c.FrontendStack()), &awscdk.StackProps{Env: environment(c, config.SiteRegion)})
	addSiteAlarms(s, c, jsii.String("E1234567890ABC"))
	app.Synth(nil)
	template, err := proof.ReadTemplate(filepath.Join(folder, c.FrontendStack()+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func TestSiteAlarms_StandWithTheirSeriesAndTellTopicsOfTheirRegion(t *testing.T) {
	for _, region := range []string{config.SiteRegion, "sa-east-1"} {
		c, err := config.Load("prod")
		if err != nil {
			t.Fatal(err)
		}
		c.Region, c.Site.Domain, c.Site.Certificate = region, "nigredo.example.com", "arn:aws:acm:us-east-1:000000000000:certificate/1"
		template := siteTemplate(t, c)
		if err := proof.SiteAlarms().Verify(&proof.Templates{Config: c, Frontend: template}); err != nil {
			t.Errorf("%s: %v", region, err)
		}
		var names []string
		for _, r := range template.Resources("AWS::CloudWatch::Alarm") {
			name := strings.TrimPrefix(fmt.Sprint(r.Get("AlarmName")), c.Alarm(""))
			names = append(names, name)
			if !strings.HasSuffix(fmt.Sprint(r.Get("AlarmDescription")), "infra/runbooks/"+name+".md") {
				t.Errorf("%s: alarm %s has no runbook", region, name)
			}
			told := proof.Text(r.Get("AlarmActions"))
			if own := strings.Contains(told, `"Ref"`); own == (region == config.SiteRegion) {
				t.Errorf("%s: alarm %s tells %s", region, name, told)
			}
		}
		slices.Sort(names)
		if want := []string{"cache-hit-ratio", "site-certificate-expiry", "site-errors"}; !slices.Equal(names, want) {
			t.Errorf("%s: alarms %v, want %v", region, names, want)
		}
		signals, err := proof.Signals(template)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range signals {
			if s.Namespace == "AWS/CloudFront" && (s.Dimensions["DistributionId"] != "E1234567890ABC" || s.Dimensions["Region"] != "Global") {
				t.Errorf("%s: %s reads %v", region, s.By, s.Dimensions)
			}
		}
		topics, subscriptions, keys := template.Resources("AWS::SNS::Topic"), template.Resources("AWS::SNS::Subscription"), template.Resources("AWS::KMS::Key")
		if region == config.SiteRegion {
			if len(topics)+len(subscriptions)+len(keys) != 0 {
				t.Errorf("%d topics beside those of the backend", len(topics))
			}
			continue
		}
		if len(topics) != 2 || len(subscriptions) != len(c.Monitoring.OnCall)+len(c.Monitoring.Team) || len(keys) != 1 || keys[0].Get("EnableKeyRotation") != true {
			t.Errorf("%d topics, %d subscriptions, %d keys", len(topics), len(subscriptions), len(keys))
		}
		for _, topic := range topics {
			if topic.Get("KmsMasterKeyId") == nil {
				t.Errorf("topic %s is not encrypted", topic.ID)
			}
		}
	}
}
