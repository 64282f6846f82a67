package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Every role is written here and in machineRole by hand, statement by statement, and
// no managed policy is attached: testdata/policies.txt lists what each one may do, so
// that a right that comes or goes is read in review.

type conditions = map[string]any

func allow(actions []string, resources []*string, when conditions) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings(actions...), Resources: &resources, Conditions: conditionsOf(when),
	})
}

func conditionsOf(when conditions) *map[string]any {
	if when == nil {
		return nil
	}
	return &when
}

// arn writes one of this account: names are known beforehand, so that a policy need
// not refer to what refers to it.
func arn(c *config.Config, service, resource string) *string {
	return jsii.String(fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, c.Region, c.Account, resource))
}

// machineARN is that of a machine; its executions are named under it.
func machineARN(c *config.Config, machine string) *string {
	return arn(c, "states", "stateMachine:"+c.Machine(machine))
}

// aliasARN is what is started.
func aliasARN(c *config.Config, machine string) *string {
	return arn(c, "states", "stateMachine:"+c.Machine(machine)+":"+config.Alias)
}

// startLive lets a machine be started by its alias alone. IAM is asked with the
// machine's own ARN, whatever the call names, and the qualifier as a condition.
func startLive(c *config.Config, machine string) awsiam.PolicyStatement {
	return allow([]string{"states:StartExecution"}, []*string{machineARN(c, machine)}, conditions{
		"ForAnyValue:StringEquals": conditions{"states:StateMachineQualifier": []string{config.Alias}},
	})
}

// functionRole is the role of one function, which nobody shares.
func functionRole(stack awscdk.Stack, in Inputs, g *ground, one config.Function, log awslogs.ILogGroup) awsiam.Role {
	c := in.Config
	self := arn(c, "lambda", "function:"+c.Function(one))
	statements := []awsiam.PolicyStatement{
		allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, []*string{log.LogGroupArn()}, nil),
		// X-Ray knows no resources: its own documentation gives these for all.
		allow([]string{"xray:PutTelemetryRecords", "xray:PutTraceSegments"}, []*string{jsii.String("*")}, nil),
		allow([]string{"kms:Decrypt"}, []*string{g.dataKey.KeyArn()}, conditions{
			"StringEquals": conditions{"kms:EncryptionContext:aws:lambda:FunctionArn": self},
		}),
	}
	if c.Tracing.Endpoint == config.TracesToXRay {
		// What the OTLP endpoint asks for besides: spans are stored and indexed apart.
		statements = append(statements, allow([]string{"xray:PutSpans", "xray:PutSpansForIndexing"}, []*string{jsii.String("*")}, nil))
	}
	if subnets, group := placeOf(g, one); subnets != nil {
		statements = append(statements, interfaces(c, subnets, group, self)...)
	}
	if one.ByToken() {
		user := awscdk.Fn_Join(jsii.String(""), &[]*string{
			arn(c, "rds-db", "dbuser:"), g.clusterResource, jsii.String("/" + one.DatabaseUser()),
		})
		statements = append(statements, allow([]string{"rds-db:connect"}, []*string{user}, nil))
	}
	switch one.Activity {
	case "validate", "stamp":
		statements = append(statements, read(g.stampKey)...)
	case "deliver":
		statements = append(statements, read(g.webhookSecret)...)
	case "migrate":
		statements = append(statements, read(g.ownerSecret)...)
	case "release":
		statements = append(statements, startLive(c, "fibonacci_delivery"))
	case "redrives":
		statements = append(statements, startLive(c, "redrive_campaign"))
	case "track":
		statements = append(statements, allow([]string{"sqs:SendMessage"}, []*string{arn(c, "sqs", c.DeadLetters(config.DeadEvents))}, nil))
	}
	return role(stack, one.Name+"Role", awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil), statements)
}

// interfaces is what Lambda does with a role to put a function into a VPC. The code
// itself may do none of it. Describing knows no resources; deleting is refused by
// Lambda when it is narrower than every resource of the account.
func interfaces(c *config.Config, subnets *awsec2.SubnetSelection, group awsec2.ISecurityGroup, self *string) []awsiam.PolicyStatement {
	within := []*string{
		arn(c, "ec2", "network-interface/*"),
		jsii.String(*arn(c, "ec2", "security-group/") + *group.SecurityGroupId()),
	}
	for _, subnet := range *subnets.Subnets {
		within = append(within, jsii.String(*arn(c, "ec2", "subnet/")+*subnet.SubnetId()))
	}
	all := []string{
		"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
	}
	return []awsiam.PolicyStatement{
		allow([]string{"ec2:CreateNetworkInterface"}, within, nil),
		allow([]string{"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}, []*string{arn(c, "ec2", "network-interface/*")}, nil),
		allow([]string{"ec2:DeleteNetworkInterface"}, []*string{arn(c, "ec2", "*/*")}, nil),
		allow([]string{"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"}, []*string{jsii.String("*")}, nil),
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Effect: awsiam.Effect_DENY, Actions: jsii.Strings(all...), Resources: jsii.Strings("*"),
			Conditions: conditionsOf(conditions{"ArnEquals": conditions{"lambda:SourceFunctionArn": self}}),
		}),
	}
}

// read lets one secret be read, and the key be used for that secret only. A secret
// that was imported says nothing of its key; its owner grants that.
func read(secret awssecretsmanager.ISecret) []awsiam.PolicyStatement {
	statements := []awsiam.PolicyStatement{allow([]string{"secretsmanager:GetSecretValue"}, []*string{secret.SecretArn()}, nil)}
	if key := secret.EncryptionKey(); key != nil {
		statements = append(statements, allow([]string{"kms:Decrypt"}, []*string{key.KeyArn()}, conditions{
			"StringEquals": conditions{"kms:EncryptionContext:SecretARN": secret.SecretArn()},
		}))
	}
	return statements
}

// role adds a role whose statements stand in the role itself: it is never there
// without them, and what depends on one depends on both.
func role(stack awscdk.Stack, id string, who awsiam.IPrincipal, statements []awsiam.PolicyStatement) awsiam.Role {
	out := awsiam.NewRole(stack, jsii.String(id), &awsiam.RoleProps{
		AssumedBy: who,
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"own": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
	accept(out, "AwsSolutions-IAM5", "A wildcard stands only where AWS knows no resource or a thing has no name beforehand; infra/proof lists each such action with its reason and refuses any other")
	return out
}
