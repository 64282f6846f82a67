package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// originHeader is what CloudFront proves itself with.
const originHeader = "x-nigredo-origin"

// maxBody is the most that any request may have: as much as WAF reads of a body
// before an API, so that nothing passes unread.
const maxBody = 16384

// The answers of a firewall. WAF sends JSON as application/json and takes no other
// type, so that these are problem documents by their content alone.
const (
	stoppedProblem  = `{"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The service is being maintained. Try again later."}`
	tooLargeProblem = `{"type":"about:blank","title":"Content Too Large","status":413,"detail":"The request body is larger than 16 KiB."}`
	tooManyProblem  = `{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Too many requests. Try again in a few minutes."}`
)

// guardAPI puts the firewall before the API's stage: ADR 15 says what it refuses and
// what it only counts.
func guardAPI(stack awscdk.Stack, c *config.Config, g *ground, rest awsapigateway.CfnRestApi, stage awsapigateway.CfnStage, ops []operation) {
	proven := fromOrigin(originValues(c, *g.originSecret.SecretArn()))
	w := newWall(stack, c, c.CoreStack(), "REGIONAL")
	w.say("stopped", "APPLICATION_JSON", stoppedProblem)
	w.say("too-large", "APPLICATION_JSON", tooLargeProblem)
	w.say("too-many", "APPLICATION_JSON", tooManyProblem)

	w.add("stopped", answer(503, "stopped", "Retry-After", "600"), w.stopped())
	w.add("too-large", answer(413, "too-large"), larger(maxBody))
	for _, op := range ops {
		if op.maxBody > 0 && op.maxBody < maxBody {
			w.add("too-large-"+strings.Trim(strings.ReplaceAll(op.path, "/", "-"), "-"), answer(413, "too-large"), and(route(pattern(op.path)), larger(op.maxBody)))
		}
	}
	// A POST that no token protects counts the sender's address, which CloudFront alone
	// tells truly. Named are those that are protected: what is spelled in another way
	// is refused too.
	w.add("origin", block(), and(method("POST"), not(proven), not(route(protectedPosts(ops)))))
	w.add("rate", answer(429, "too-many", "Retry-After", "300"), rate(c.Firewall.Rate, not(proven)))
	if len(c.Firewall.Countries) > 0 {
		w.add("country", block(), and(not(proven), not(from(c.Firewall.Countries))))
	}
	w.managed("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet", nil)
	w.managed("sql-injection", "AWSManagedRulesSQLiRuleSet", []string{"SQLi_BODY", "SQLiExtendedPatterns_BODY"})
	// Their own limit of a body is 8 KB; ours is above.
	w.managed("common", "AWSManagedRulesCommonRuleSet", []string{
		"SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY",
	})
	w.add("hostile-body", block(), and(not(route(`^(/`+config.APIStage+`|/nigredo)?/api/(leads|rights-requests|redrives)(/.*)?$`)), or(
		label("awswaf:managed:aws:sql-database:SQLi_Body"), label("awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body"),
		label("awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body"), label("awswaf:managed:aws:core-rule-set:GenericLFI_Body"),
		label("awswaf:managed:aws:core-rule-set:GenericRFI_Body"), label("awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body"),
	)))

	acl := w.build("ApiFirewall", g.dataKey)
	association := awswafv2.NewCfnWebACLAssociation(stack, jsii.String("ApiFirewallAssociation"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: jsii.String("arn:aws:apigateway:" + c.Region + "::/restapis/" + *rest.Ref() + "/stages/" + config.APIStage), WebAclArn: acl.AttrArn(),
	})
	association.AddResourceDependency(stage, nil)
	put(stack, "ApiWebAclArn", acl.AttrArn(), "The firewall before the API")
	put(stack, "StoppedSetId", w.set4.AttrId(), "The address set that stops the API (IPv4)")
	put(stack, "StoppedSet6Id", w.set6.AttrId(), "The address set that stops the API (IPv6)")
}

// protectedPosts matches the paths of the POST operations that need a token.
func protectedPosts(ops []operation) string {
	var paths []string
	for _, op := range ops {
		if op.method == "POST" && !op.public {
			paths = append(paths, pathParameter.ReplaceAllString(strings.TrimPrefix(op.path, "/api/"), "[^/]+"))
		}
	}
	return `^(/` + config.APIStage + `|/nigredo)?/api/(` + strings.Join(paths, "|") + `)$`
}

// pattern matches one path, under the stage's name, the domain's base path or neither.
func pattern(p string) string {
	return `^(/` + config.APIStage + `|/nigredo)?` + pathParameter.ReplaceAllString(p, "[^/]+") + `/?$`
}

// originValues are the values of the origin secret that count, as references that
// CloudFormation resolves: no template holds one. secret is its name or ARN.
func originValues(c *config.Config, secret string) []string {
	if len(c.Firewall.OriginVersions) == 0 {
		return []string{"{{resolve:secretsmanager:" + secret + ":SecretString}}"}
	}
	var values []string
	for _, version := range c.Firewall.OriginVersions {
		values = append(values, "{{resolve:secretsmanager:"+secret+":SecretString:::"+version+"}}")
	}
	return values
}

// wall is a web ACL in the making: rules in the order in which they are added.
type wall struct {
	stack      awscdk.Stack
	c          *config.Config
	name       string
	scope      string
	rules      []any
	bodies     map[string]any
	set4, set6 awswafv2.CfnIPSet
}

// newWall begins one, with the address sets that stop all traffic: the template
// leaves them empty.
func newWall(stack awscdk.Stack, c *config.Config, name, scope string) *wall {
	set := func(id, name, version string) awswafv2.CfnIPSet {
		return awswafv2.NewCfnIPSet(stack, jsii.String(id), &awswafv2.CfnIPSetProps{
			Name: jsii.String(name), Scope: jsii.String(scope), IpAddressVersion: jsii.String(version), Addresses: &[]*string{},
			Description: jsii.String("While it holds every address, nobody is let through: make stop-traffic"),
		})
	}
	return &wall{
		stack: stack, c: c, name: name, scope: scope, bodies: map[string]any{},
		set4: set("Stopped", c.StoppedSet(name), "IPV4"), set6: set("Stopped6", c.StoppedSet6(name), "IPV6"),
	}
}

func (w *wall) say(key, contentType, content string) {
	w.bodies[key] = &awswafv2.CfnWebACL_CustomResponseBodyProperty{ContentType: jsii.String(contentType), Content: jsii.String(content)}
}

// stopped matches everybody while the sets are full.
func (w *wall) stopped() *statement {
	in := func(set awswafv2.CfnIPSet) *statement {
		return &statement{IpSetReferenceStatement: &awswafv2.CfnWebACL_IPSetReferenceStatementProperty{Arn: set.AttrArn()}}
	}
	return or(in(w.set4), in(w.set6))
}

func (w *wall) add(name string, action *awswafv2.CfnWebACL_RuleActionProperty, s *statement) {
	w.rules = append(w.rules, &awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(len(w.rules)), Action: action, Statement: s, VisibilityConfig: visible(name),
	})
}

// managed adds a group of AWS's rules, of which some are only counted.
func (w *wall) managed(name, group string, counted []string) {
	w.managedFor(name, group, counted, nil, nil)
}

func (w *wall) managedFor(name, group string, counted []string, scope *statement, configs []any) {
	var overrides []any
	for _, rule := range counted {
		overrides = append(overrides, &awswafv2.CfnWebACL_RuleActionOverrideProperty{
			Name: jsii.String(rule), ActionToUse: &awswafv2.CfnWebACL_RuleActionProperty{Count: &awswafv2.CfnWebACL_CountActionProperty{}},
		})
	}
	s := &awswafv2.CfnWebACL_ManagedRuleGroupStatementProperty{VendorName: jsii.String("AWS"), Name: jsii.String(group)}
	if len(overrides) > 0 {
		s.RuleActionOverrides = &overrides
	}
	if scope != nil {
		s.ScopeDownStatement = scope
	}
	if len(configs) > 0 {
		s.ManagedRuleGroupConfigs = &configs
	}
	w.rules = append(w.rules, &awswafv2.CfnWebACL_RuleProperty{
		Name: jsii.String(name), Priority: jsii.Number(len(w.rules)), Statement: &statement{ManagedRuleGroupStatement: s},
		OverrideAction: &awswafv2.CfnWebACL_OverrideActionProperty{None: map[string]any{}}, VisibilityConfig: visible(name),
	})
}

// build makes the web ACL and its log. The log has what was refused or counted, and
// of it no body, query, token or address that a header tells.
func (w *wall) build(id string, key awskms.IKey) awswafv2.CfnWebACL {
	protect := func(kind string, keys ...string) any {
		field := &awswafv2.CfnWebACL_FieldToProtectProperty{FieldType: jsii.String(kind)}
		if len(keys) > 0 {
			field.FieldKeys = jsii.Strings(keys...)
		}
		return &awswafv2.CfnWebACL_DataProtectProperty{
			Field: field, Action: jsii.String("SUBSTITUTION"), ExcludeRuleMatchDetails: jsii.Bool(false), ExcludeRateBasedDetails: jsii.Bool(false),
		}
	}
	hidden := []string{"authorization", "cookie", originHeader, "cloudfront-viewer-address", "x-forwarded-for", "user-agent", "idempotency-key", "referer"}
	acl := awswafv2.NewCfnWebACL(w.stack, jsii.String(id), &awswafv2.CfnWebACLProps{
		Name: jsii.String(w.name), Scope: jsii.String(w.scope), Description: jsii.String("infra/adr/0015: what is refused and what is only counted"),
		DefaultAction: &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		Rules:         &w.rules, CustomResponseBodies: &w.bodies, VisibilityConfig: visible(w.name),
		DataProtectionConfig: &awswafv2.CfnWebACL_DataProtectionConfigProperty{DataProtections: &[]any{
			protect("BODY"), protect("QUERY_STRING"), protect("SINGLE_HEADER", hidden...),
		}},
	})
	log := logGroup(w.stack, id+"Log", w.c.FirewallLog(w.name), key)
	keep := func(action string) any {
		return map[string]any{"ActionCondition": map[string]any{"Action": action}}
	}
	redact := func(header string) any {
		return &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{SingleHeader: map[string]any{"Name": header}}
	}
	logging := awswafv2.NewCfnLoggingConfiguration(w.stack, jsii.String(id+"Logging"), &awswafv2.CfnLoggingConfigurationProps{
		ResourceArn: acl.AttrArn(),
		LogDestinationConfigs: &[]any{
			"arn:aws:logs:" + *w.stack.Region() + ":" + w.c.Account + ":log-group:" + w.c.FirewallLog(w.name),
		},
		RedactedFields: &[]any{redact("authorization"), redact("cookie"), redact(originHeader), &awswafv2.CfnLoggingConfiguration_FieldToMatchProperty{QueryString: map[string]any{}}},
		LoggingFilter: map[string]any{
			"DefaultBehavior": "DROP",
			"Filters": []any{map[string]any{
				"Behavior": "KEEP", "Requirement": "MEETS_ANY", "Conditions": []any{keep("BLOCK"), keep("COUNT"), keep("EXCLUDED_AS_COUNT")},
			}},
		},
	})
	logging.Node().AddDependency(log)
	return acl
}
