package stack

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// core is the backend: NigredoStack-<env>.
type core struct {
	stack     awscdk.Stack
	ground    *ground
	functions *functions
	machines  *machines
	api       *gateway
}

func newCore(app awscdk.App, in Inputs) *core {
	c := in.Config
	stack := awscdk.NewStack(app, jsii.String(c.CoreStack()), &awscdk.StackProps{
		Env: environment(c, c.Region), CrossRegionReferences: jsii.Bool(true),
		TerminationProtection: jsii.Bool(c.Production()),
		Description:           jsii.String("Nigredo, the backend: network, database, functions, state machines and the API (" + c.Environment + ")"),
	})
	tag(stack, c)
	awscdk.Validations_Of(stack).Acknowledge(&awscdk.Acknowledgment{
		Id: jsii.String("CloudFormation-Validate::W3010"), Reason: jsii.String("Zones are configuration: looking them up would need the account."),
	})
	g := newGround(stack, in)
	f := newFunctions(stack, in, g)
	m := newMachines(stack, in, g, f)
	a := newAPI(stack, in, g, f, m)
	return &core{stack: stack, ground: g, functions: f, machines: m, api: a}
}

// tag says of everything below scope whose it is, so that a bill and a list of an
// account can be read by them.
func tag(scope constructs.Construct, c *config.Config) {
	for _, t := range [][2]string{
		{"Project", config.Project},
		{"Environment", c.Environment},
		{"Repository", "alquimista-ai/nigredo"},
		{"PersonalData", strconv.FormatBool(c.Production())},
	} {
		awscdk.Tags_Of(scope).Add(jsii.String(t[0]), jsii.String(t[1]), &awscdk.TagProps{
			ExcludeResourceTypes: jsii.Strings("AWS::CloudWatch::Dashboard"), // CDK knows tags of it, CloudFormation's schema does not
		})
	}
}

// accept tells cdk-nag why a finding of its rule on a resource stands.
func accept(construct constructs.IConstruct, rule, reason string) {
	cdknag.NagSuppressions_AddResourceSuppressions(construct, &[]*cdknag.NagPackSuppression{
		{Id: jsii.String(rule), Reason: jsii.String(reason)},
	}, jsii.Bool(true))
}

// put adds an output under exactly this key.
func put(stack awscdk.Stack, key string, value *string, description string) {
	awscdk.NewCfnOutput(stack, jsii.String(key), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)}).
		OverrideLogicalId(jsii.String(key))
}

// removal is what becomes of a thing that holds data when its stack goes: in
// production it stays. What a deployment made that then failed goes all the same: it
// holds nothing, and its name would be taken when the deployment is tried again.
func removal(c *config.Config) awscdk.RemovalPolicy {
	if c.Production() {
		return awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE
	}
	return awscdk.RemovalPolicy_DESTROY
}
