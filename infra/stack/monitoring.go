package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// newMonitoring adds dashboards, alarms and queries: NigredoMonitoringStack-<env>.
func newMonitoring(app awscdk.App, in Inputs) {
	c := in.Config
	awscdk.NewStack(app, jsii.String(c.MonitoringStack()), &awscdk.StackProps{
		Env: environment(c, c.Region), TerminationProtection: jsii.Bool(c.Production()),
	})
}
