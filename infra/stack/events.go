package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// newEvents adds what runs by itself: the bus, the news of executions on their way to
// Track, and the schedules.
func newEvents(stack awscdk.Stack, in Inputs, f *functions, m *machines) {
	c := in.Config
	awsevents.NewCfnEventBus(stack, jsii.String("Bus"), &awsevents.CfnEventBusProps{
		Name:        jsii.String(c.Bus()),
		Description: jsii.String("Events of Nigredo and of Fibonacci"),
	})
	trackExecutions(stack, c, f, m)
	schedule(stack, c, m)
}

// deadLetters adds a queue for what could not be handed on. It is encrypted by SQS
// itself: an event names executions and holds no personal data, and a key that is
// locked or scheduled for deletion would lose the letter as well. Only TLS is let in.
func deadLetters(stack awscdk.Stack, c *config.Config, source string) awssqs.Queue {
	queue := awssqs.NewQueue(stack, jsii.String("Dead"+pascal(source)), &awssqs.QueueProps{
		QueueName:  jsii.String(c.DeadLetters(source)),
		Encryption: awssqs.QueueEncryption_SQS_MANAGED, EnforceSSL: jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)), // SQS's longest
	})
	accept(queue, "AwsSolutions-SQS3", "It is a dead-letter queue itself, of an EventBridge rule, of a function or of schedules, which cdk-nag does not look at")
	return queue
}

// How often and how long news is tried. What is lost nevertheless is found by the
// sweep, which asks for every execution that is silent.
const (
	newsRetries = 2
	newsSeconds = 3600
)

// trackExecutions hands the status changes of deliveries and campaigns to Track. AWS
// puts them on the account's default bus, for Standard machines alone, at best effort.
// Executions that lead_intake starts to take as long as a delivery are named held-…
// and are nobody's news.
func trackExecutions(stack awscdk.Stack, c *config.Config, f *functions, m *machines) {
	dead := deadLetters(stack, c, config.DeadEvents)
	track := f.alias["track"]
	rule := awsevents.NewCfnRule(stack, jsii.String("ExecutionChanged"), &awsevents.CfnRuleProps{
		Name:        jsii.String(c.CoreStack() + "-execution-changed"),
		Description: jsii.String("Status changes of deliveries and campaigns, to Track"),
		EventPattern: map[string]any{
			"source":      []string{"aws.states"},
			"detail-type": []string{"Step Functions Execution Status Change"},
			"detail": map[string]any{
				"stateMachineArn": []*string{m.machine["fibonacci_delivery"].Ref(), m.machine["redrive_campaign"].Ref()},
				// Every status: RUNNING comes again with a redrive.
				"status": []string{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"},
				"name":   []map[string]string{{"prefix": "lead-"}, {"prefix": "redrive-"}},
			},
		},
		Targets: []any{&awsevents.CfnRule_TargetProperty{
			Id: jsii.String("Track"), Arn: track.FunctionArn(),
			DeadLetterConfig: &awsevents.CfnRule_DeadLetterConfigProperty{Arn: dead.QueueArn()},
			RetryPolicy: &awsevents.CfnRule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(newsSeconds), MaximumRetryAttempts: jsii.Number(10),
			},
		}},
	})
	dead.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sqs:SendMessage"),
		Resources:  &[]*string{dead.QueueArn()},
		Conditions: conditionsOf(conditions{"ArnEquals": conditions{"aws:SourceArn": rule.AttrArn()}}),
	}))
	awslambda.NewCfnPermission(stack, jsii.String("ExecutionChangedPermission"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: track.FunctionArn(),
		Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn(),
	})
	// The call itself is asynchronous: Lambda retries what Track could not write down.
	async := awslambda.NewCfnEventInvokeConfig(stack, jsii.String("TrackAsync"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName: f.function["track"].FunctionName(), Qualifier: track.AliasName(),
		MaximumRetryAttempts: jsii.Number(newsRetries), MaximumEventAgeInSeconds: jsii.Number(newsSeconds),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: dead.QueueArn()},
		},
	})
	// The qualifier is a name, which makes nothing wait for the alias.
	async.Node().AddDependency(track)
}

// schedule starts machines by the clock, as states/schedules.json says.
func schedule(stack awscdk.Stack, c *config.Config, m *machines) {
	schedules, err := states.Schedules()
	if err != nil {
		panic(err) // the file is embedded, and its package's tests read it
	}
	dead := deadLetters(stack, c, config.DeadSchedules)
	group := awsscheduler.NewCfnScheduleGroup(stack, jsii.String("Schedules"), &awsscheduler.CfnScheduleGroupProps{
		Name: jsii.String(c.CoreStack()),
	})
	statements := []awsiam.PolicyStatement{allow([]string{"sqs:SendMessage"}, []*string{dead.QueueArn()}, nil)}
	for _, machine := range scheduled(schedules) {
		statements = append(statements, startLive(c, machine))
	}
	starter := role(stack, "SchedulesRole", awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: conditionsOf(conditions{
			"StringEquals": conditions{"aws:SourceAccount": c.Account, "aws:SourceArn": group.AttrArn()},
		}),
	}), statements)
	for _, one := range schedules {
		awsscheduler.NewCfnSchedule(stack, jsii.String("Schedule"+pascal(one.Name)), &awsscheduler.CfnScheduleProps{
			Name: jsii.String(one.Name), GroupName: group.Ref(), Description: description(one),
			ScheduleExpression: jsii.String(one.Expression),
			FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn: m.alias[one.Machine].Ref(), RoleArn: starter.RoleArn(), Input: jsii.String(string(one.Input)),
				DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: dead.QueueArn()},
				// The next run does what this one would have done.
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
					MaximumEventAgeInSeconds: jsii.Number(120), MaximumRetryAttempts: jsii.Number(3),
				},
			},
		})
	}
}

// scheduled gives each machine once.
func scheduled(schedules []states.Schedule) []string {
	var out []string
	seen := map[string]bool{}
	for _, one := range schedules {
		if !seen[one.Machine] {
			seen[one.Machine] = true
			out = append(out, one.Machine)
		}
	}
	return out
}

func description(one states.Schedule) *string {
	return jsii.String(fmt.Sprintf("Starts %s", one.Machine))
}
