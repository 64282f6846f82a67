package stack

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// webhookRoute is the one thing that the receiver answers.
const webhookRoute = "POST /webhooks/nigredo"

// newReceiver adds the receiving side of the webhook, for whoever has no Fibonacci:
// NigredoFibonacciReceiverStack-<env>. It verifies with the backend's own secret.
func newReceiver(app awscdk.App, in Inputs, back *core) {
	c := in.Config
	stack := awscdk.NewStack(app, jsii.String(c.ReceiverStack()), &awscdk.StackProps{
		Env: environment(c, c.Region), CrossRegionReferences: jsii.Bool(true),
		Description: jsii.String("Nigredo, the receiving side of the webhook (" + c.Environment + ")"),
	})
	tag(stack, c)
	bus := awsevents.NewCfnEventBus(stack, jsii.String("Events"), &awsevents.CfnEventBusProps{
		Name: jsii.String(c.ReceiverStack()), KmsKeyIdentifier: back.ground.dataKey.KeyArn(),
	})
	alias := receiverFunction(stack, in, back, bus)

	api := awsapigatewayv2.NewCfnApi(stack, jsii.String("Api"), &awsapigatewayv2.CfnApiProps{
		Name: jsii.String(c.ReceiverStack()), ProtocolType: jsii.String("HTTP"), IpAddressType: jsii.String("ipv4"),
	})
	// Version 1.0 is the event of a REST API, which activities/fibonacci reads.
	integration := awsapigatewayv2.NewCfnIntegration(stack, jsii.String("Integration"), &awsapigatewayv2.CfnIntegrationProps{
		ApiId: api.Ref(), IntegrationType: jsii.String("AWS_PROXY"), IntegrationUri: alias.FunctionArn(), PayloadFormatVersion: jsii.String("1.0"),
		IntegrationMethod: jsii.String("POST"), TimeoutInMillis: jsii.Number(5000), // the sender waits no longer
	})
	route := awsapigatewayv2.NewCfnRoute(stack, jsii.String("Route"), &awsapigatewayv2.CfnRouteProps{
		ApiId: api.Ref(), RouteKey: jsii.String(webhookRoute), AuthorizationType: jsii.String("NONE"), Target: jsii.String("integrations/" + *integration.Ref()),
	})
	accept(route, "AwsSolutions-APIG4", "A webhook proves itself by its signature, which the function verifies before anything else.")
	log := logGroup(stack, "ApiLog", "/aws/lambda/"+c.ReceiverStack()+"-Api", back.ground.dataKey)
	stage := awsapigatewayv2.NewCfnStage(stack, jsii.String("Stage"), &awsapigatewayv2.CfnStageProps{
		ApiId: api.Ref(), StageName: jsii.String("$default"), AutoDeploy: jsii.Bool(true),
		DefaultRouteSettings: &awsapigatewayv2.CfnStage_RouteSettingsProperty{
			ThrottlingRateLimit: jsii.Number(c.API.Rate), ThrottlingBurstLimit: jsii.Number(c.API.Burst), DetailedMetricsEnabled: jsii.Bool(true),
		},
		AccessLogSettings: &awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: log.LogGroupArn(),
			Format:         jsii.String(`{"request_id":"$context.requestId","route":"$context.routeKey","status":$context.status,"latency_ms":"$context.responseLatency","integration_error":"$context.integrationErrorMessage"}`),
		},
	})
	stage.AddResourceDependency(route, nil)
	awslambda.NewCfnPermission(stack, jsii.String("Permit"), &awslambda.CfnPermissionProps{
		Action: jsii.String("lambda:InvokeFunction"), FunctionName: alias.FunctionArn(), Principal: jsii.String("apigateway.amazonaws.com"),
		SourceArn: jsii.String("arn:aws:execute-api:" + c.Region + ":" + c.Account + ":" + *api.Ref() + "/$default/POST/webhooks/nigredo"),
	})
	put(stack, "WebhookUrl", jsii.String("https://"+*api.Ref()+".execute-api."+c.Region+".amazonaws.com/webhooks/nigredo"), "What webhook.url is set to")
	put(stack, "EventBus", bus.Ref(), "Where Fibonacci's work begins")
}

func receiverFunction(stack awscdk.Stack, in Inputs, back *core, bus awsevents.CfnEventBus) awslambda.Alias {
	c, g := in.Config, back.ground
	name := c.ReceiverStack() + "-Fibonacci"
	log := logGroup(stack, "Log", "/aws/lambda/"+name, g.dataKey)
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil), Description: jsii.String("Receives webhooks"),
	})
	allow := func(condition map[string]any, resource string, actions ...string) {
		props := &awsiam.PolicyStatementProps{Actions: jsii.Strings(actions...), Resources: jsii.Strings(resource)}
		if condition != nil {
			props.Conditions = &condition
		}
		role.AddToPolicy(awsiam.NewPolicyStatement(props))
	}
	allow(nil, *g.webhookSecret.SecretArn(), "secretsmanager:GetSecretValue")
	allow(map[string]any{"StringEquals": map[string]any{"kms:ViaService": []string{"secretsmanager." + c.Region + ".amazonaws.com", "lambda." + c.Region + ".amazonaws.com"}}}, *g.dataKey.KeyArn(), "kms:Decrypt")
	allow(nil, *bus.AttrArn(), "events:PutEvents")
	allow(nil, *log.LogGroupArn(), "logs:CreateLogStream", "logs:PutLogEvents")
	allow(nil, "*", "xray:PutTraceSegments", "xray:PutTelemetryRecords")
	accept(role, "AwsSolutions-IAM5", "X-Ray knows no resource for what is sent to it; log streams are named by Lambda.")
	function := awslambda.NewFunction(stack, jsii.String("Fibonacci"), &awslambda.FunctionProps{
		FunctionName: jsii.String(name), Description: jsii.String("Nigredo: activities/fibonacci"),
		Runtime: awslambda.Runtime_PROVIDED_AL2023(), Architecture: awslambda.Architecture_ARM_64(), Handler: jsii.String("bootstrap"),
		Code:       awslambda.Code_FromAsset(jsii.String(filepath.Join(in.Lambdas, "fibonacci.zip")), nil),
		MemorySize: jsii.Number(256), Timeout: awscdk.Duration_Seconds(jsii.Number(6)), ReservedConcurrentExecutions: jsii.Number(10),
		Tracing: awslambda.Tracing_ACTIVE, LogGroup: log, Role: role.WithoutPolicyUpdates(nil), EnvironmentEncryption: g.dataKey,
		Environment: &map[string]*string{
			"FIBONACCI_WEBHOOK_SECRET_ARN": g.webhookSecret.SecretArn(), "FIBONACCI_EVENT_BUS": jsii.String(c.ReceiverStack()),
		},
		CurrentVersionOptions: &awslambda.VersionOptions{RemovalPolicy: awscdk.RemovalPolicy_RETAIN},
	})
	return awslambda.NewAlias(stack, jsii.String("Live"), &awslambda.AliasProps{AliasName: jsii.String(config.Alias), Version: function.CurrentVersion()})
}
