package stack

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsxray"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// newMonitoring adds dashboards, alarms and queries: NigredoMonitoringStack-<env>.
// It names what it watches and refers to no construct, so that it can be deployed
// before, after and without the others. CloudFront's alarms stand in the site's
// stack, in the one region that has its series: see addSiteAlarms.
func newMonitoring(app awscdk.App, in Inputs) {
	c := in.Config
	s := awscdk.NewStack(app, jsii.String(c.MonitoringStack()), &awscdk.StackProps{
		Env: environment(c, c.Region), TerminationProtection: jsii.Bool(c.Production()),
	})
	tag(s, c)
	var critical []alarm
	var watched []awscloudwatch.CfnAlarm
	for _, a := range append(serviceAlarms(c), platformAlarms(c)...) {
		added := a.add(s, c, coreTopics(c))
		if a.page {
			critical = append(critical, a)
			watched = append(watched, added)
		}
	}
	addCritical(s, c, critical, watched)
	addDashboards(s, c)
	addQueries(s, c)
	addTraces(s, c)
}

// addCritical adds the one alarm that says whether any of the paging ones is on:
// for whoever deploys, and for the first look in the morning. It tells nobody,
// because they do.
func addCritical(s awscdk.Stack, c *config.Config, of []alarm, watched []awscloudwatch.CfnAlarm) {
	rule := make([]string, len(of))
	for i, a := range of {
		rule[i] = fmt.Sprintf("ALARM(%q)", c.Alarm(a.name))
	}
	composite := awscloudwatch.NewCfnCompositeAlarm(s, jsii.String("Alarm-critical"), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmName:        jsii.String(c.Alarm("critical")),
		AlarmDescription: jsii.String(described("At least one alarm is on that pages the person on call.", "critical")),
		AlarmRule:        jsii.String(strings.Join(rule, " OR ")),
		ActionsEnabled:   jsii.Bool(false),
	})
	for _, a := range watched { // CloudWatch refuses a rule on an alarm that is not there yet
		composite.AddResourceDependency(a, nil)
	}
}

// addTraces groups the traces that pass our API or our machines, so that the
// service map of an account shows Nigredo alone.
func addTraces(s awscdk.Stack, c *config.Config) {
	awsxray.NewCfnGroup(s, jsii.String("Traces"), &awsxray.CfnGroupProps{
		GroupName: jsii.String("Nigredo-" + c.Environment),
		FilterExpression: jsii.String(fmt.Sprintf("service(%q) OR service(%q) OR service(%q)",
			c.APIName()+"/"+config.APIStage, c.Machine("lead_intake"), c.Machine("fibonacci_delivery"))),
		InsightsConfiguration: &awsxray.CfnGroup_InsightsConfigurationProperty{
			InsightsEnabled: jsii.Bool(true), NotificationsEnabled: jsii.Bool(false),
		},
	})
}
