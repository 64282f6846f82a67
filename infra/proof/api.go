package proof

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/api"
	"github.com/alquimista-ai/nigredo/infra/config"
)

func contains(v any, text string) bool { return strings.Contains(Text(v), text) }

var unresolved = regexp.MustCompile(`\$\{\w+\}`)

func apiItems() []Item {
	const rest, stage = "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"
	live := []Item{
		holds([]string{"S1.73", "S1.82", "S2.63"}, "a regional REST API that takes TLS 1.2 and later", ofCore, rest,
			"EndpointConfiguration.Types", []any{"REGIONAL"}, "SecurityPolicy", "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09", "EndpointAccessMode", "STRICT"),
		{IDs: []string{"S1.80", "D.throttle", "S1.121c"}, Property: "the stage is traced, measured and throttled, and prints no request", Check: func(t *Templates) error {
			s, err := only(t.Core, stage)
			if err != nil {
				return err
			}
			format, _ := s.Get("AccessLogSetting.Format").(string)
			for _, personal := range []string{"sourceIp", "userAgent", "$context.path", "authorizer", "identity"} {
				if strings.Contains(format, personal) {
					return fmt.Errorf("%s: the access log has %s", s.ID, personal)
				}
			}
			if !strings.Contains(format, "$context.requestId") {
				return fmt.Errorf("%s: no access log", s.ID)
			}
			return wants(s, "StageName", config.APIStage, "TracingEnabled", true, "MethodSettings.0.MetricsEnabled", true, "MethodSettings.0.DataTraceEnabled", false,
				"MethodSettings.0.LoggingLevel", "OFF", "MethodSettings.0.ThrottlingRateLimit", t.Config.API.Rate, "MethodSettings.0.ThrottlingBurstLimit", t.Config.API.Burst)
		}, Mutations: []Mutation{
			without(ofCore, stage), set(ofCore, stage, "TracingEnabled", false), set(ofCore, stage, "MethodSettings.0.DataTraceEnabled", true), set(ofCore, stage, "MethodSettings.0.MetricsEnabled", false),
			set(ofCore, stage, "MethodSettings.0.ThrottlingRateLimit", 10000), set(ofCore, stage, "AccessLogSetting.Format", `{"ip":"$context.identity.sourceIp","id":"$context.requestId"}`),
		}},
		{IDs: []string{"S2.3", "S2.4", "S2.5", "S2.6", "S1.84", "S2.65c"}, Property: "POST /api/leads and GET /health are public; everything that is not says both scopes", Check: protected, Mutations: []Mutation{
			operationMutation("GET /api/leads is public", "/api/leads", "get", "security", []any{}),
			operationMutation("GET /api/leads has no scopes", "/api/leads/{id}", "get", "security", []any{map[string]any{"Cognito": []any{}}}),
			operationMutation("POST /api/leads needs a token", "/api/leads", "post", "security", []any{map[string]any{"Cognito": []any{"nigredo/console"}}}),
			operationMutation("there is no GET /health", "/health", "get", "security", nil),
		}},
		{IDs: []string{"D.document"}, Property: "the body is the document: both templates to the letter, no placeholder left, every answer of an integration one of its operation's", Check: document, Mutations: []Mutation{
			operationMutation("a placeholder is left", "/health", "get", "summary", "${HealthArn}"),
			operationMutation("an integration answers what the operation does not", "/api/leads", "post", "responses", map[string]any{"400": map[string]any{"description": "no"}}),
			{"the response template is another", func(t *Templates) {
				r := t.Core.Resources(rest)[0]
				Get(r.Properties, "Body.paths").(map[string]any)["/api/leads"].(map[string]any)["post"].(map[string]any)["x-amazon-apigateway-integration"].(map[string]any)["responses"] = map[string]any{}
			}},
		}},
		{IDs: []string{"S1.121d", "D.cors"}, Property: "no origin but the site's may call across origins, and with an address of its own that one may", Check: cors, Mutations: []Mutation{
			{"any origin may", func(t *Templates) {
				r := t.Core.Resources(rest)[0]
				r.Set("Body.x-amazon-apigateway-gateway-responses.UNAUTHORIZED.responseParameters", map[string]any{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"})
			}},
		}},
		{IDs: []string{"S1.85", "D.alias"}, Property: "API Gateway calls aliases only, each from its own route, and starts lead_intake under its alias alone", Check: permissions, Mutations: []Mutation{
			set(ofCore, "AWS::Lambda::Permission", "SourceArn", "arn:aws:execute-api:*"), without(ofCore, "AWS::Lambda::Permission"),
		}},
	}
	live = append(live, importItem())
	return append(live, Item{IDs: []string{"S2.2", "S1.82"}, Property: "with an address of its own the API stands at <domain>/nigredo and takes TLS 1.2 and later", Check: func(t *Templates) error {
		domains := t.Core.Resources("AWS::ApiGateway::DomainName")
		if t.Config.API.Domain == "" {
			if len(domains) > 0 {
				return errors.New("a domain that the configuration does not name")
			}
			return nil
		}
		mapping, err := only(t.Core, "AWS::ApiGateway::BasePathMapping")
		if err != nil {
			return err
		}
		domain, err := only(t.Core, "AWS::ApiGateway::DomainName")
		if err != nil {
			return err
		}
		return errors.Join(wants(mapping, "BasePath", "nigredo"), wants(domain, "DomainName", t.Config.API.Domain, "SecurityPolicy", "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09"))
	}, Mutations: []Mutation{{"the domain is another than configured", func(t *Templates) {
		changed := *t.Config
		if changed.API.Domain == "" {
			changed.API.Domain = "api.example"
		} else {
			changed.API.Domain = ""
		}
		t.Config = &changed
	}}}})
}

func operationMutation(what, path, method, member string, value any) Mutation {
	return Mutation{what, func(t *Templates) {
		r := t.Core.Resources("AWS::ApiGateway::RestApi")[0]
		item := Get(r.Properties, "Body.paths").(map[string]any)[path].(map[string]any)
		if value == nil {
			delete(item, method)
			return
		}
		item[method].(map[string]any)[member] = value
	}}
}

// eachOperation visits the operations of the deployed body, but not the preflights.
func eachOperation(t *Templates, visit func(name string, op map[string]any) error) error {
	r, err := only(t.Core, "AWS::ApiGateway::RestApi")
	if err != nil {
		return err
	}
	paths, _ := Get(r.Properties, "Body.paths").(map[string]any)
	if len(paths) == 0 {
		return errors.New("the API has no paths")
	}
	var errs []error
	for path, item := range paths {
		for method, op := range item.(map[string]any) {
			if method != "options" {
				errs = append(errs, visit(strings.ToUpper(method)+" "+path, op.(map[string]any)))
			}
		}
	}
	return errors.Join(errs...)
}

func protected(t *Templates) error {
	public := map[string]bool{
		"POST /api/leads": false, "POST /api/rights-requests": false, "POST /api/views": false, "GET /api/stamp": false, "GET /health": false, "GET /health/ready": false,
	}
	scopes := []any{map[string]any{"Cognito": []any{"nigredo/console", "aws.cognito.signin.user.admin"}}}
	err := eachOperation(t, func(name string, op map[string]any) error {
		if _, is := public[name]; is {
			public[name] = true
			if !Equal(op["security"], []any{}) {
				return fmt.Errorf("%s is not public", name)
			}
			return nil
		}
		if !Equal(op["security"], scopes) {
			return fmt.Errorf("%s: security %s", name, Text(op["security"]))
		}
		return nil
	})
	for name, seen := range public {
		if !seen {
			err = errors.Join(err, fmt.Errorf("there is no %s", name))
		}
	}
	return err
}

func document(t *Templates) error {
	return eachOperation(t, func(name string, op map[string]any) error {
		if left := unresolved.FindString(Text(op)); left != "" {
			return fmt.Errorf("%s: %s is left", name, left)
		}
		integration, _ := op["x-amazon-apigateway-integration"].(map[string]any)
		if integration == nil {
			return fmt.Errorf("%s: no integration", name)
		}
		responses, _ := integration["responses"].(map[string]any)
		for _, r := range responses {
			status, _ := r.(map[string]any)["statusCode"].(string)
			if op["responses"].(map[string]any)[status] == nil {
				return fmt.Errorf("%s: its integration answers %s, which it does not describe", name, status)
			}
		}
		if name != "POST /api/leads" {
			return nil
		}
		answer, _ := responses["default"].(map[string]any)
		templates, _ := answer["responseTemplates"].(map[string]any)
		if templates["application/json"] != api.ResponseTemplate() {
			return fmt.Errorf("%s: the response template is not response.vtl", name)
		}
		asked, _ := integration["requestTemplates"].(map[string]any)
		before, after, _ := strings.Cut(api.RequestTemplate(), "${LeadIntakeArn}")
		for _, text := range []string{"application/json", "application/x-www-form-urlencoded"} {
			parts, _ := Get(asked[text], "Fn::Join.1").([]any)
			if len(parts) != 3 || parts[0] != before || parts[2] != after {
				return fmt.Errorf("%s: the request template for %s is not request.vtl", name, text)
			}
		}
		return nil
	})
}

var allowed = regexp.MustCompile(`Access-Control-Allow-Origin":"([^"]*)"`)

func cors(t *Templates) error {
	r, err := only(t.Core, "AWS::ApiGateway::RestApi")
	if err != nil {
		return err
	}
	found := allowed.FindAllStringSubmatch(Text(r.Get("Body")), -1)
	if origin := t.Config.SiteOrigin(); origin != "" && len(found) == 0 {
		return fmt.Errorf("%s may not call", origin)
	}
	for _, m := range found {
		if m[1] != "'"+t.Config.SiteOrigin()+"'" {
			return fmt.Errorf("%s may call", m[1])
		}
	}
	return nil
}

func permissions(t *Templates) error {
	all := Where(t.Core.Resources("AWS::Lambda::Permission"), "Principal", "apigateway.amazonaws.com")
	if len(all) < 20 {
		return fmt.Errorf("%d permissions", len(all))
	}
	for _, p := range all {
		if _, alias := p.Get("FunctionName").(map[string]any); !alias {
			return fmt.Errorf("%s does not name an alias", p.ID)
		}
		if !contains(p.Get("SourceArn"), "/"+config.APIStage+"/") {
			return fmt.Errorf("%s: source %s", p.ID, Text(p.Get("SourceArn")))
		}
	}
	return nil
}
