package stack

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// gateway is the REST API, for the stack that stands before it.
type gateway struct {
	api awsapigateway.CfnRestApi
}

// tlsPolicy takes TLS 1.2 and 1.3 with forward secrecy. API Gateway takes TLS 1.0
// unless it is told otherwise.
const tlsPolicy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"

// accessLog is one line for each request: nothing of who asked or of what was sent.
// The route is the resource as the document has it, without ids.
const accessLog = `{"request_id":"$context.requestId","method":"$context.httpMethod","route":"$context.resourcePath",` +
	`"status":$context.status,"latency_ms":$context.responseLatency,"integration_latency_ms":"$context.integrationLatency",` +
	`"integration_status":"$context.integration.status","integration_error":"$context.integration.error","response_type":"$context.error.responseType",` +
	`"waf_response_code":"$context.wafResponseCode","trace_id":"$context.xrayTraceId","time":"$context.requestTimeEpoch"}`

// newAPI adds the REST API, with who may call it and what stands before it.
func newAPI(stack awscdk.Stack, in Inputs, g *ground, f *functions, m *machines) *gateway {
	c := in.Config
	pool := newIdentity(stack, c)
	tree, err := document()
	if err != nil {
		panic(err) // embedded: wrong for ever
	}
	role := apiRole(stack, c, m)
	values := map[string]*string{
		"Partition": stack.Partition(), "Region": jsii.String(c.Region), "UserPoolArn": pool, "ApiRoleArn": role.RoleArn(),
		"LeadIntakeArn": m.alias["lead_intake"].AttrArn(),
	}
	for activity, alias := range f.alias {
		values[strings.ToUpper(activity[:1])+activity[1:]+"Arn"] = alias.FunctionArn()
	}
	definition, err := body(tree, values, c.SiteOrigin())
	if err != nil {
		panic(err)
	}
	rest := awsapigateway.NewCfnRestApi(stack, jsii.String("Api"), &awsapigateway.CfnRestApiProps{
		Name: jsii.String(c.APIName()), Description: jsii.String("Lead capture of alquimista.ai: infra/api/openapi.yaml"), Body: definition,
		// IPv4 alone: CloudFront, which brings nearly everybody, speaks it to an origin.
		EndpointConfiguration: &awsapigateway.CfnRestApi_EndpointConfigurationProperty{Types: jsii.Strings("REGIONAL"), IpAddressType: jsii.String("ipv4")},
		SecurityPolicy:        jsii.String(tlsPolicy), EndpointAccessMode: jsii.String("STRICT"),
		// AWS's address stays on: it is CloudFront's origin, and what stands before the
		// stage stands before it too. There is no compression: it would take compressed
		// requests as well, which the firewall cannot read.
		DisableExecuteApiEndpoint: jsii.Bool(false),
	})
	permit(stack, c, f, rest, tree)
	stage := newStage(stack, c, g, rest, definition)
	newDomain(stack, c, rest, stage)
	guardAPI(stack, c, g, rest, stage, operations(tree))

	put(stack, "ApiId", rest.Ref(), "The REST API")
	put(stack, "ApiStage", stage.Ref(), "Its stage")
	address := "https://" + *rest.Ref() + ".execute-api." + c.Region + ".amazonaws.com/" + config.APIStage
	if c.API.Domain != "" {
		address = "https://" + c.API.Domain + "/nigredo"
	}
	put(stack, "ApiUrl", jsii.String(address), "Where bearer clients find the API")
	return &gateway{api: rest}
}

// apiRole may start lead_intake, under its alias and no other way. Step Functions
// checks the machine's own ARN and has the alias in a condition.
func apiRole(stack awscdk.Stack, c *config.Config, m *machines) awsiam.Role {
	role := awsiam.NewRole(stack, jsii.String("ApiRole"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		Description: jsii.String("API Gateway starts lead_intake"),
	})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings("states:StartSyncExecution"),
		Resources:  jsii.Strings(fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", c.Region, c.Account, c.Machine("lead_intake"))),
		Conditions: &map[string]any{"ForAnyValue:StringEquals": map[string]any{"states:StateMachineQualifier": []string{config.Alias}}},
	}))
	if m.key != nil {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:Decrypt"), Resources: jsii.Strings(*m.key.KeyArn()),
			Conditions: &map[string]any{"StringEquals": map[string]any{"kms:ViaService": "states." + c.Region + ".amazonaws.com"}},
		}))
	}
	return role
}

// permit lets each operation call the alias that it names, from its own route alone.
func permit(stack awscdk.Stack, c *config.Config, f *functions, rest awsapigateway.CfnRestApi, tree map[string]any) {
	for _, op := range operations(tree) {
		if op.function == "" {
			continue
		}
		activity := strings.ToLower(strings.TrimSuffix(op.function, "Arn"))
		id := "Permit" + op.method + strings.NewReplacer("/", "-", "{", "", "}", "").Replace(op.path)
		resource := op.method + pathParameter.ReplaceAllString(op.path, "*")
		awslambda.NewCfnPermission(stack, jsii.String(id), &awslambda.CfnPermissionProps{
			Action: jsii.String("lambda:InvokeFunction"), FunctionName: f.alias[activity].FunctionArn(), Principal: jsii.String("apigateway.amazonaws.com"),
			SourceArn: fmt.Sprintf("arn:aws:execute-api:%s:%s:%s/%s/%s", c.Region, c.Account, *rest.Ref(), config.APIStage, resource),
		})
	}
}

func newStage(stack awscdk.Stack, c *config.Config, g *ground, rest awsapigateway.CfnRestApi, definition map[string]any) awsapigateway.CfnStage {
	// A deployment is a picture of the API: a changed document needs a new one.
	raw, err := json.Marshal(stack.Resolve(definition))
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(raw)
	deployment := awsapigateway.NewCfnDeployment(stack, jsii.String("ApiDeployment"+hex.EncodeToString(sum[:8])), &awsapigateway.CfnDeploymentProps{
		RestApiId: rest.Ref(), Description: jsii.String("openapi.yaml " + hex.EncodeToString(sum[:8])),
	})
	deployment.AddResourceDependency(rest, nil)

	// One role for all APIs of an account and region: it outlives this stack.
	writer := awsiam.NewRole(stack, jsii.String("ApiLogRole"), &awsiam.RoleProps{
		AssumedBy:       awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		ManagedPolicies: &[]awsiam.IManagedPolicy{awsiam.ManagedPolicy_FromAwsManagedPolicyName(jsii.String("service-role/AmazonAPIGatewayPushToCloudWatchLogs"))},
		Description:     jsii.String("API Gateway writes logs of this account"),
	})
	writer.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	accept(writer, "AwsSolutions-IAM4", "API Gateway asks for this policy of AWS's on the account's own log role.")
	account := awsapigateway.NewCfnAccount(stack, jsii.String("ApiAccount"), &awsapigateway.CfnAccountProps{CloudWatchRoleArn: writer.RoleArn()})
	account.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)

	log := logGroup(stack, "ApiLog", c.APILog(), g.dataKey)
	stage := awsapigateway.NewCfnStage(stack, jsii.String("ApiStageLive"), &awsapigateway.CfnStageProps{
		RestApiId: rest.Ref(), DeploymentId: deployment.Ref(), StageName: jsii.String(config.APIStage), TracingEnabled: jsii.Bool(true),
		AccessLogSetting: &awsapigateway.CfnStage_AccessLogSettingProperty{DestinationArn: log.LogGroupArn(), Format: jsii.String(accessLog)},
		MethodSettings: &[]any{&awsapigateway.CfnStage_MethodSettingProperty{
			ResourcePath: jsii.String("/*"), HttpMethod: jsii.String("*"), MetricsEnabled: jsii.Bool(true),
			DataTraceEnabled: jsii.Bool(false), LoggingLevel: jsii.String("OFF"),
			ThrottlingRateLimit: jsii.Number(c.API.Rate), ThrottlingBurstLimit: jsii.Number(c.API.Burst),
		}},
	})
	stage.AddResourceDependency(account, nil)
	accept(stage, "AwsSolutions-APIG6", "Execution logs print what the mapping templates make, which is a lead. The access log and X-Ray tell what failed.")
	accept(rest, "AwsSolutions-APIG2", "The functions and Validate Lead check requests, and answer with one problem for each field.")
	return stage
}

// newDomain puts the API at https://<domain>/nigredo, when there is a domain.
func newDomain(stack awscdk.Stack, c *config.Config, rest awsapigateway.CfnRestApi, stage awsapigateway.CfnStage) {
	if c.API.Domain == "" {
		return
	}
	domain := awsapigateway.NewCfnDomainName(stack, jsii.String("ApiDomain"), &awsapigateway.CfnDomainNameProps{
		DomainName: jsii.String(c.API.Domain), RegionalCertificateArn: jsii.String(c.API.Certificate),
		SecurityPolicy: jsii.String(tlsPolicy), EndpointAccessMode: jsii.String("STRICT"),
		EndpointConfiguration: &awsapigateway.CfnDomainName_EndpointConfigurationProperty{Types: jsii.Strings("REGIONAL"), IpAddressType: jsii.String("ipv4")},
	})
	awsapigateway.NewCfnBasePathMapping(stack, jsii.String("ApiBasePath"), &awsapigateway.CfnBasePathMappingProps{
		DomainName: domain.Ref(), BasePath: jsii.String("nigredo"), RestApiId: rest.Ref(), Stage: stage.Ref(),
	})
	put(stack, "ApiDomainTarget", domain.AttrRegionalDomainName(), "What the API's domain must point to (CNAME)")
}
