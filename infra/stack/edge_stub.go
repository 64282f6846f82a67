package stack

// Stand-ins until ground, functions and machines are merged: to be deleted then.

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

type ground struct {
	dataKey       awskms.IKey
	webhookSecret awssecretsmanager.ISecret
	originSecret  awssecretsmanager.ISecret
}

type functions struct {
	alias map[string]awslambda.Alias
}

type machines struct {
	alias map[string]awsstepfunctions.CfnStateMachineAlias
	key   awskms.Key
}

func newGround(stack awscdk.Stack, in Inputs) *ground {
	g := &ground{dataKey: newKey(stack, "DataKey", in.Config, "data")}
	secret := func(id string) awssecretsmanager.ISecret {
		return awssecretsmanager.NewSecret(stack, jsii.String(id), &awssecretsmanager.SecretProps{SecretName: jsii.String(in.Config.SecretName(id)), EncryptionKey: g.dataKey})
	}
	g.webhookSecret, g.originSecret = secret("WebhookSecret"), secret("OriginSecret")
	return g
}

func newFunctions(stack awscdk.Stack, in Inputs, _ *ground) *functions {
	f := &functions{alias: map[string]awslambda.Alias{}}
	for _, one := range config.All() {
		function := awslambda.NewFunction(stack, jsii.String(one.Name), &awslambda.FunctionProps{
			FunctionName: jsii.String(in.Config.Function(one)), Runtime: awslambda.Runtime_PROVIDED_AL2023(), Handler: jsii.String("bootstrap"),
			Code: awslambda.Code_FromAsset(jsii.String(filepath.Join(in.Lambdas, one.Activity+".zip")), nil),
		})
		f.alias[one.Activity] = awslambda.NewAlias(stack, jsii.String(one.Name+"Live"), &awslambda.AliasProps{AliasName: jsii.String(config.Alias), Version: function.CurrentVersion()})
	}
	return f
}

func newMachines(stack awscdk.Stack, in Inputs, _ *ground, _ *functions) *machines {
	m := awsstepfunctions.NewCfnStateMachine(stack, jsii.String("LeadIntake"), &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: jsii.String(in.Config.Machine("lead_intake")), RoleArn: jsii.String("arn:aws:iam::" + in.Config.Account + ":role/none"),
		DefinitionString: jsii.String("{}"), StateMachineType: jsii.String("EXPRESS"),
	})
	v := awsstepfunctions.NewCfnStateMachineVersion(stack, jsii.String("LeadIntakeVersion"), &awsstepfunctions.CfnStateMachineVersionProps{StateMachineArn: m.AttrArn()})
	var key awskms.Key
	if in.Config.Machines.CustomerKey {
		key = newKey(stack, "MachinesKey", in.Config, "machines")
	}
	return &machines{key: key, alias: map[string]awsstepfunctions.CfnStateMachineAlias{
		"lead_intake": awsstepfunctions.NewCfnStateMachineAlias(stack, jsii.String("LeadIntakeLive"), &awsstepfunctions.CfnStateMachineAliasProps{
			Name: jsii.String(config.Alias), DeploymentPreference: &awsstepfunctions.CfnStateMachineAlias_DeploymentPreferenceProperty{Type: jsii.String("ALL_AT_ONCE"), StateMachineVersionArn: v.Ref()},
		}),
	}}
}

func tag(constructs.Construct, *config.Config) {}

func accept(constructs.IConstruct, string, string) {}

func put(stack awscdk.Stack, key string, value *string, description string) {
	awscdk.NewCfnOutput(stack, jsii.String(key), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)}).
		OverrideLogicalId(jsii.String(key))
}

func removal(c *config.Config) awscdk.RemovalPolicy {
	if c.Production() {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

func newKey(stack awscdk.Stack, id string, c *config.Config, description string) awskms.Key {
	return awskms.NewKey(stack, jsii.String(id), &awskms.KeyProps{Description: jsii.String(description), EnableKeyRotation: jsii.Bool(true), RemovalPolicy: removal(c)})
}

func logGroup(stack awscdk.Stack, id, name string, key awskms.IKey) awslogs.LogGroup {
	return awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(name), Retention: awslogs.RetentionDays_ONE_MONTH, EncryptionKey: key, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}
