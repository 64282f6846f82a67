package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// machinesKey is a key of its own for definitions and histories: whoever may read
// those need not be able to read a secret. Starting, stopping and redriving need no
// key; whoever describes an execution with its data, or starts lead_intake and waits
// (API Gateway), needs kms:Decrypt under the machine's context.
func machinesKey(stack awscdk.Stack, c *config.Config) awskms.Key {
	key := newKey(stack, "MachinesKey", c, "Nigredo "+c.Environment+": definitions and histories of state machines")
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt"),
		Resources:  jsii.Strings("*"),
		Conditions: conditionsOf(conditions{"StringEquals": conditions{"aws:SourceAccount": c.Account}}),
	}), nil)
	return key
}

// decrypts is what a machine needs of its key: its own data, that of executions whose
// output it reads, and what it hands to the delivery of logs.
func (m *machines) decrypts(c *config.Config, name, described string) []awsiam.PolicyStatement {
	of := func(machine string) conditions {
		return conditions{"StringEquals": conditions{"kms:EncryptionContext:aws:states:stateMachineArn": machineARN(c, machine)}}
	}
	key := []*string{m.key.KeyArn()}
	statements := []awsiam.PolicyStatement{
		allow([]string{"kms:Decrypt", "kms:GenerateDataKey"}, key, of(name)),
		allow([]string{"kms:GenerateDataKey"}, key, conditions{
			"StringEquals": conditions{"kms:EncryptionContext:SourceArn": arn(c, "logs", "*")},
		}),
	}
	if described != "" {
		statements = append(statements, allow([]string{"kms:Decrypt"}, key, of(described)))
	}
	return statements
}
