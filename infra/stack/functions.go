package stack

import (
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// functions are those of config.All, by activity.
type functions struct {
	function map[string]awslambda.Function
	// alias is config.Alias of each: what states, gateway and rules call.
	alias map[string]awslambda.Alias
}

// newFunctions adds the functions, each with a role, a log group, a reserved
// concurrency and, where it speaks to the database, a user of its own.
func newFunctions(stack awscdk.Stack, in Inputs, g *ground) *functions {
	f := &functions{function: map[string]awslambda.Function{}, alias: map[string]awslambda.Alias{}}
	for _, one := range config.All() {
		f.add(stack, in, g, one)
	}
	put(stack, "MigrateFunction", f.function["migrate"].FunctionName(), "Runs the migrations before traffic moves")
	return f
}

func (f *functions) add(stack awscdk.Stack, in Inputs, g *ground, one config.Function) {
	c := in.Config
	group := logGroup(stack, one.Name+"Log", c.FunctionLog(one), g.dataKey)
	props := &awslambda.FunctionProps{
		FunctionName: jsii.String(c.Function(one)),
		Description:  jsii.String("Nigredo: activities/" + one.Activity),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(filepath.Join(in.Lambdas, one.Activity+".zip")), &awss3assets.AssetOptions{}),
		MemorySize:   jsii.Number(one.Memory),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(one.Timeout.Seconds())),
		Environment:  environmentOf(in, g, one),
		// The variables name addresses and hold no secret; who may see a function's
		// configuration still needs the key to read them.
		EnvironmentEncryption:        g.dataKey,
		ReservedConcurrentExecutions: jsii.Number(one.Concurrency),
		Tracing:                      awslambda.Tracing_ACTIVE,
		RecursiveLoop:                awslambda.RecursiveLoop_TERMINATE,
		LogGroup:                     group,
		// What the construct library would add to a role is written there by hand.
		Role: functionRole(stack, in, g, one, group).WithoutPolicyUpdates(nil),
		// A version is what an alias goes back to.
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	}
	if subnets, group := placeOf(g, one); subnets != nil {
		props.Vpc, props.VpcSubnets = g.vpc, subnets
		props.SecurityGroups = &[]awsec2.ISecurityGroup{group}
	}
	function := awslambda.NewFunction(stack, jsii.String(one.Name), props)
	alias := &awslambda.AliasProps{AliasName: jsii.String(config.Alias), Version: function.CurrentVersion()}
	if warm := c.Functions.Provisioned[one.Activity]; warm > 0 {
		alias.ProvisionedConcurrentExecutions = jsii.Number(warm)
	}
	f.function[one.Activity] = function
	f.alias[one.Activity] = awslambda.NewAlias(stack, jsii.String(one.Name+"Live"), alias)
}

// placeOf gives subnets and security group of a function, nil for one outside.
func placeOf(g *ground, one config.Function) (*awsec2.SubnetSelection, awsec2.ISecurityGroup) {
	switch one.Place {
	case config.Isolated:
		return g.isolated, g.isolatedGroup
	case config.Egress:
		return g.egress, g.egressGroup
	default:
		return nil, nil
	}
}

// logsKept is how long a log is kept, and with it whatever an activity writes of a
// lead (ids only).
const logsKept = awslogs.RetentionDays_ONE_MONTH

// logGroup adds a log group under a name that is known beforehand. It goes with the
// stack: 30 days of lines without personal data are nothing to keep a name taken for.
func logGroup(stack awscdk.Stack, id, name string, key awskms.IKey) awslogs.LogGroup {
	return awslogs.NewLogGroup(stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(name), Retention: logsKept, EncryptionKey: key,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
}

// environmentOf gives a function its configuration, as activities/cmd/internal/setting
// reads it: what it needs and nothing that another one needs.
func environmentOf(in Inputs, g *ground, one config.Function) *map[string]*string {
	c, out := in.Config, map[string]*string{}
	if one.Database {
		out["NIGREDO_DATABASE_URL"] = databaseURL(c, g, one)
		// A proxy's certificate is of Amazon's public authority, a cluster's is not.
		if !c.Database.Proxy || one.Activity == "migrate" {
			out["NIGREDO_DATABASE_CA"] = jsii.String("rds")
		}
	}
	if one.ByToken() {
		out["NIGREDO_DATABASE_AUTH"] = jsii.String("iam")
	}
	switch one.Activity {
	case "ratelimit", "persist":
		out["NIGREDO_RATE_LIMIT"] = jsii.String(strconv.Itoa(c.Functions.RateLimit))
	case "validate", "stamp":
		out["NIGREDO_STAMP_KEY_ARN"] = g.stampKey.SecretArn()
	case "deliver":
		out["FIBONACCI_WEBHOOK_URL"] = jsii.String(c.Webhook.URL)
		out["FIBONACCI_WEBHOOK_SECRET_ARN"] = g.webhookSecret.SecretArn()
	case "release":
		out["FIBONACCI_DELIVERY_ARN"] = aliasARN(c, "fibonacci_delivery")
	case "redrives":
		out["REDRIVE_CAMPAIGN_ARN"] = aliasARN(c, "redrive_campaign")
	case "migrate":
		out["NIGREDO_DATABASE_SECRET_ARN"] = g.ownerSecret.SecretArn()
	}
	if c.Tracing.Reaches(one) {
		out["NIGREDO_TRACES_ENDPOINT"] = jsii.String(c.Tracing.Endpoint)
	}
	return &out
}

// databaseURL has the function's own user and no password: a token of IAM takes its
// place at every connection. Migrate is the owner, whose name is in the secret, and
// goes past a proxy.
func databaseURL(c *config.Config, g *ground, one config.Function) *string {
	user, host, port := "", g.ownerHost, g.ownerPort
	if one.ByToken() {
		user, host, port = url.User(one.DatabaseUser()).String()+"@", g.host, g.port
	}
	return awscdk.Fn_Join(jsii.String(""), &[]*string{
		jsii.String("postgres://" + user), host, jsii.String(":"), port,
		jsii.String("/" + url.PathEscape(c.Database.Name) + "?sslmode=verify-full"),
	})
}
