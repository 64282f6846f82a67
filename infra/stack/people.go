package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// addPeople makes what tells people, and what lets them look.
func (g *ground) addPeople(stack awscdk.Stack, c *config.Config) {
	g.onCall = g.topic(stack, c, config.OnCall, c.Monitoring.OnCall)
	g.team = g.topic(stack, c, config.Team, c.Monitoring.Team)
	g.addRotationReminder(stack, c)
	addOperator(stack, c)
	if !c.People.TrailElsewhere {
		g.addTrail(stack, c)
	}
	if c.People.MonthlyBudget > 0 {
		addBudget(stack, c)
	}
}

// topic makes a topic that only alarms of ours publish to, encrypted and over TLS.
func (g *ground) topic(stack awscdk.Stack, c *config.Config, audience string, addresses []string) awssns.ITopic {
	topic := awssns.NewTopic(stack, jsii.String("Topic-"+audience), &awssns.TopicProps{
		TopicName: jsii.String(c.Topic(audience)), DisplayName: jsii.String("Nigredo " + c.Environment + " " + audience),
		MasterKey: g.dataKey, EnforceSSL: jsii.Bool(true),
	})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Alarms"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"), Resources: jsii.Strings(*topic.TopicArn()),
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": c.Account},
			"ArnLike":      map[string]any{"aws:SourceArn": c.AlarmARN("*")},
		},
	}))
	for _, address := range addresses {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(address), nil))
	}
	return topic
}

// withMFA is who may take a role of ours: the principals of the configuration, or
// whoever the account's own policies let, with a second factor in either case.
func withMFA(c *config.Config, arns []string) awsiam.IPrincipal {
	principals := []awsiam.IPrincipal{awsiam.NewAccountPrincipal(jsii.String(c.Account))}
	if len(arns) > 0 {
		principals = nil
		for _, arn := range arns {
			principals = append(principals, awsiam.NewArnPrincipal(jsii.String(arn)))
		}
	}
	return awsiam.NewPrincipalWithConditions(awsiam.NewCompositePrincipal(principals...), &map[string]any{
		"Bool": map[string]any{"aws:MultiFactorAuthPresent": "true"},
	})
}

// addOperator makes the role that reads how the backend does, and none of what is in
// it: no secret, no key, no row, no code. Log groups are decrypted by CloudWatch
// itself. What it lists, AWS does not narrow to single resources.
func addOperator(stack awscdk.Stack, c *config.Config) {
	role := awsiam.NewRole(stack, jsii.String("OperatorRole"), &awsiam.RoleProps{
		RoleName: jsii.String(c.CoreStack() + "-operator"), AssumedBy: withMFA(c, c.People.Operators),
		Description: jsii.String("Reads logs, metrics, traces and the state of functions, API, machines and database"), MaxSessionDuration: awscdk.Duration_Hours(jsii.Number(4)),
	})
	read := func(sid string, resources []string, actions ...string) {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String(sid), Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...),
		}))
	}
	all := []string{"*"}
	read("Logs", c.LogGroupARNs(), "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogGroupFields", "logs:StartQuery")
	read("LogQueries", all, "logs:DescribeLogGroups", "logs:DescribeQueries", "logs:DescribeQueryDefinitions", "logs:GetQueryResults", "logs:StopQuery")
	read("Metrics", all, "cloudwatch:DescribeAlarmHistory", "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard",
		"cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListDashboards", "cloudwatch:ListMetrics")
	read("Traces", all, "xray:BatchGetTraces", "xray:GetGroups", "xray:GetServiceGraph", "xray:GetTimeSeriesServiceStatistics",
		"xray:GetTraceGraph", "xray:GetTraceSummaries")
	read("FunctionList", all, "lambda:ListFunctions")
	read("Functions", []string{"arn:aws:lambda:" + c.Region + ":" + c.Account + ":function:" + c.CoreStack() + "-*"},
		"lambda:GetAlias", "lambda:GetFunctionConcurrency", "lambda:GetFunctionConfiguration", "lambda:GetPolicy",
		"lambda:GetProvisionedConcurrencyConfig", "lambda:ListAliases", "lambda:ListVersionsByFunction")
	read("API", []string{"arn:aws:apigateway:" + c.Region + "::/restapis", "arn:aws:apigateway:" + c.Region + "::/restapis/*"}, "apigateway:GET")
	read("Database", all, "rds:DescribeDBClusterParameters", "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters", "rds:DescribeDBInstances",
		"rds:DescribeDBProxies", "rds:DescribeDBProxyTargets", "rds:DescribeEvents", "rds:DescribePendingMaintenanceActions")
	// Executions of Standard machines carry ids and counts, no personal data.
	states := "arn:aws:states:" + c.Region + ":" + c.Account
	read("MachineList", all, "states:ListStateMachines")
	read("Machines", []string{states + ":stateMachine:" + c.CoreStack() + "-*", states + ":execution:" + c.CoreStack() + "-*:*"},
		"states:DescribeExecution", "states:DescribeStateMachine", "states:DescribeStateMachineAlias", "states:DescribeStateMachineForExecution",
		"states:GetExecutionHistory", "states:ListExecutions", "states:ListStateMachineAliases", "states:ListStateMachineVersions")
	accept(role, "AwsSolutions-IAM5", "It reads only, by named actions: our own names end in what they name, and AWS gives the listing actions no narrower resource than all.")
	put(stack, "OperatorRoleArn", role.RoleArn(), "The role that reads how the backend does, with MFA")
}

// addBudget tells the team when the month is going to cost more than was agreed. It
// counts what is tagged as ours: the tag must be activated for cost allocation once
// in the account.
func addBudget(stack awscdk.Stack, c *config.Config) {
	var subscribers []any
	for _, address := range c.Monitoring.Team {
		subscribers = append(subscribers, &awsbudgets.CfnBudget_SubscriberProperty{SubscriptionType: jsii.String("EMAIL"), Address: jsii.String(address)})
	}
	var notifications []any
	for _, n := range []struct {
		kind    string
		percent float64
	}{{"ACTUAL", 80}, {"ACTUAL", 100}, {"FORECASTED", 100}} {
		notifications = append(notifications, &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType: jsii.String(n.kind), ComparisonOperator: jsii.String("GREATER_THAN"),
				Threshold: jsii.Number(n.percent), ThresholdType: jsii.String("PERCENTAGE"),
			},
			Subscribers: &subscribers,
		})
	}
	awsbudgets.NewCfnBudget(stack, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetName: jsii.String(c.CoreStack()), BudgetType: jsii.String("COST"), TimeUnit: jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(float64(c.People.MonthlyBudget)), Unit: jsii.String("USD")},
			CostFilters: map[string]any{"TagKeyValue": []string{"user:Project$" + config.Project}},
		},
		NotificationsWithSubscribers: &notifications,
	})
}
