package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// wiringItems: what the API's operations call, and who may call them.
func wiringItems() []Item {
	const rest, stage, scheme = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "Body.components.securitySchemes.Cognito."
	stats := func(what, member string, value any) Mutation {
		return Mutation{what, func(t *Templates) {
			asMap(asMap(asMap(asMap(Get(t.Core.Resources(rest)[0].Properties, "Body.paths"))["/api/stats"])["get"])["x-amazon-apigateway-integration"])[member] = value
		}}
	}
	return []Item{
		{IDs: []string{"S1.85", "D.alias"}, Property: "each operation calls an alias that lets this route call it, within 29 s, or starts lead_intake by a role that can do nothing else", Check: wired, Mutations: []Mutation{
			stats("an operation calls the function itself", "uri", "arn:aws:apigateway:x:lambda:path/2015-03-31/functions/arn:aws:lambda:x:function:Stats/invocations"),
			stats("an operation waits longer", "timeoutInMillis", 50000), stats("an operation is answered as Lambda's own", "type", "aws"),
			{"a route may not call its function", func(t *Templates) {
				for _, p := range t.Core.Resources("AWS::Lambda::Permission") {
					if contains(p.Get("SourceArn"), "/GET/api/stamp") {
						t.Core.Remove(p.ID)
					}
				}
			}},
			{"a route may call another function", func(t *Templates) {
				for _, p := range t.Core.Resources("AWS::Lambda::Permission") {
					if contains(p.Get("SourceArn"), "/GET/api/stamp") {
						p.Set("FunctionName", map[string]any{"Ref": "Other"})
					}
				}
			}},
			{"the gateway may start every machine", func(t *Templates) {
				for _, p := range gatewayPolicies(t) {
					p.Set("PolicyDocument.Statement.0.Resource", "*")
				}
			}},
		}},
		{IDs: []string{"S1.84", "S2.65c"}, Property: "access tokens are those of the user pool, and come in Authorization", Check: func(t *Templates) error {
			r, err := only(t.Core, rest)
			if err != nil {
				return err
			}
			var pool any = t.Config.Identity.UserPool
			if pool == "" {
				own, err := only(t.Core, "AWS::Cognito::UserPool")
				if err != nil {
					return err
				}
				pool = attribute(own.ID, "Arn")
			}
			return wants(r, scheme+"type", "apiKey", scheme+"in", "header", scheme+"name", "Authorization", scheme+"x-amazon-apigateway-authtype", "cognito_user_pools",
				scheme+"x-amazon-apigateway-authorizer", map[string]any{"type": "cognito_user_pools", "providerARNs": []any{pool}})
		}, Mutations: []Mutation{
			set(ofCore, rest, scheme+"x-amazon-apigateway-authorizer.providerARNs", []any{"arn:other"}), set(ofCore, rest, scheme+"x-amazon-apigateway-authorizer", nil),
			set(ofCore, rest, scheme+"name", "X-Token"), set(ofCore, rest, scheme+"x-amazon-apigateway-authtype", "custom"),
		}},
		{IDs: []string{"D.throttle", "S1.121c"}, Property: "what the stage measures and throttles is every method, and its log group is named", Check: func(t *Templates) error {
			s, err := only(t.Core, stage)
			if err != nil {
				return err
			}
			logs := Where(t.Core.Resources("AWS::Logs::LogGroup"), "LogGroupName", t.Config.APILog())
			if len(logs) != 1 {
				return fmt.Errorf("%d log groups %s", len(logs), t.Config.APILog())
			}
			return wants(s, "MethodSettings.0.ResourcePath", "/*", "MethodSettings.0.HttpMethod", "*", "AccessLogSetting.DestinationArn", attribute(logs[0].ID, "Arn"))
		}, Mutations: []Mutation{
			set(ofCore, stage, "MethodSettings.0.ResourcePath", "/health"), set(ofCore, stage, "MethodSettings.0.HttpMethod", "GET"), set(ofCore, stage, "AccessLogSetting.DestinationArn", "arn:other"),
		}},
		{IDs: []string{"S1.91", "S2.9"}, Property: "the firewall stands before this API's own stage", Check: func(t *Templates) error {
			a, err := only(t.Core, "AWS::WAFv2::WebACLAssociation")
			if err != nil {
				return err
			}
			r, err := only(t.Core, rest)
			if err != nil {
				return err
			}
			return wants(a, "ResourceArn", map[string]any{"Fn::Join": []any{"", []any{"arn:aws:apigateway:" + t.Config.Region + "::/restapis/", map[string]any{"Ref": r.ID}, "/stages/" + config.APIStage}}})
		}, Mutations: []Mutation{set(ofCore, "AWS::WAFv2::WebACLAssociation", "ResourceArn", "arn:other")}},
		pinned([]string{"D.firewall-log"}, "the log of the API's firewall is where its name says", ofCore, "AWS::WAFv2::LoggingConfiguration", pin{"LogDestinationConfigs", func(c *config.Config) any {
			return []string{"arn:aws:logs:" + c.Region + ":" + c.Account + ":log-group:" + c.FirewallLog(c.CoreStack())}
		}}),
		pinned([]string{"D.firewall-log"}, "the log of the site's firewall is where its name says", ofFrontend, "AWS::WAFv2::LoggingConfiguration", pin{"LogDestinationConfigs", func(c *config.Config) any {
			return []string{"arn:aws:logs:" + config.SiteRegion + ":" + c.Account + ":log-group:" + c.FirewallLog(c.FrontendStack())}
		}}),
		pinned([]string{"D.one-origin", "D.origin-secret"}, "CloudFront has the origin secret of this environment, of the newest version that counts", ofFrontend, "AWS::CloudFront::Distribution",
			pin{"DistributionConfig.Origins.1.OriginCustomHeaders.0.HeaderValue", func(c *config.Config) any {
				version := ""
				if n := len(c.Firewall.OriginVersions); n > 0 {
					version = ":::" + c.Firewall.OriginVersions[n-1]
				}
				return "{{resolve:secretsmanager:" + c.SecretName("OriginSecret") + ":SecretString" + version + "}}"
			}}),
		pinned([]string{"S1.84", "S2.18"}, "sign-in goes back to the site's console alone, sends no password, and ends after half a day", ofCore, "AWS::Cognito::UserPoolClient",
			pin{"CallbackURLs", func(c *config.Config) any { return []string{consoleOf(c)} }}, pin{"LogoutURLs", func(c *config.Config) any { return []string{consoleOf(c)} }},
			pin{"ExplicitAuthFlows", []any{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}}, pin{"RefreshTokenValidity", 12}, pin{"AccessTokenValidity", 60},
			pin{"TokenValidityUnits", map[string]any{"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"}}, pin{"EnableTokenRevocation", true}),
		pinned([]string{"S1.84", "D.deletion-protection"}, "the user pool outlives a mistake in prod, and an account is won back by its own mail alone", ofCore, "AWS::Cognito::UserPool",
			pin{"DeletionProtection", func(c *config.Config) any {
				if c.Production() {
					return "ACTIVE"
				}
				return "INACTIVE"
			}}, pin{"AccountRecoverySetting.RecoveryMechanisms", []any{map[string]any{"Name": "verified_email", "Priority": 1}}}),
	}
}

func consoleOf(c *config.Config) string {
	if c.SiteOrigin() == "" {
		return "http://localhost:8080/console/"
	}
	return c.SiteOrigin() + "/console/"
}

// gatewayPolicies are those of the role by which the API starts lead_intake.
func gatewayPolicies(t *Templates) []Resource {
	return slices.DeleteFunc(t.Core.Resources("AWS::IAM::Policy"), func(r Resource) bool { return !contains(r.Get("PolicyDocument"), `"states:StartSyncExecution"`) })
}

func wired(t *Templates) error {
	called := func(op map[string]any) any { return Get(op, "x-amazon-apigateway-integration.uri.Fn::Join.1") }
	err := eachOperation(t, func(name string, op map[string]any) error {
		integration := asMap(op["x-amazon-apigateway-integration"])
		parts, _ := called(op).([]any)
		if n := numberOf(integration["timeoutInMillis"]); n <= 0 || n > 29000 {
			return fmt.Errorf("%s waits %g ms", name, n)
		}
		if name == "POST /api/leads" {
			if integration["credentials"] == nil || !contains(parts, ":states:action/StartSyncExecution") {
				return fmt.Errorf("%s does not start lead_intake", name)
			}
			return nil
		}
		if len(parts) != 5 || integration["type"] != "aws_proxy" {
			return fmt.Errorf("%s calls %s", name, Text(integration["uri"]))
		}
		id, _ := Get(parts[3], "Ref").(string)
		if !slices.ContainsFunc(t.Core.Resources("AWS::Lambda::Alias"), func(r Resource) bool { return r.ID == id }) {
			return fmt.Errorf("%s calls %s, which is no alias", name, id)
		}
		method, path, _ := strings.Cut(name, " ")
		route := "/" + config.APIStage + "/" + method + inPath.ReplaceAllString(path, "*")
		for _, p := range Where(t.Core.Resources("AWS::Lambda::Permission"), "FunctionName", map[string]any{"Ref": id}, "Principal", "apigateway.amazonaws.com") {
			source, _ := p.Get("SourceArn.Fn::Join.1").([]any)
			if len(source) > 0 && source[len(source)-1] == route {
				return nil
			}
		}
		return fmt.Errorf("%s: %s lets no %s call it", name, id, route)
	})
	policies := gatewayPolicies(t)
	if len(policies) != 1 {
		return errors.Join(err, fmt.Errorf("%d policies start an intake", len(policies)))
	}
	return errors.Join(err, wants(policies[0], "PolicyDocument.Statement.0.Action", "states:StartSyncExecution", "PolicyDocument.Statement.0.Resource", machineARN(t.Config, "lead_intake"),
		"PolicyDocument.Statement.0.Condition", map[string]any{"ForAnyValue:StringEquals": map[string]any{"states:StateMachineQualifier": []string{config.Alias}}}))
}
