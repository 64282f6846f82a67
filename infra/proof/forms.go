package proof

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// countedInBodies are the rules of AWS's that read bodies and would take what somebody
// writes to us for an attack, by the group, with the label that each puts on.
func countedInBodies() map[string]map[string]string {
	return map[string]map[string]string{
		"sql-injection": {"SQLi_BODY": "awswaf:managed:aws:sql-database:SQLi_Body", "SQLiExtendedPatterns_BODY": "awswaf:managed:aws:sql-database:SQLiExtendedPatterns_Body"},
		"common": {
			"SizeRestrictions_BODY": "", "CrossSiteScripting_BODY": "awswaf:managed:aws:core-rule-set:CrossSiteScripting_Body", "GenericLFI_BODY": "awswaf:managed:aws:core-rule-set:GenericLFI_Body",
			"GenericRFI_BODY": "awswaf:managed:aws:core-rule-set:GenericRFI_Body", "EC2MetaDataSSRF_BODY": "awswaf:managed:aws:core-rule-set:EC2MetaDataSSRF_Body",
		},
	}
}

// formItems: no person is lost to a rule for machines, and no machine gets by under a
// person's path.
func formItems() []Item {
	const acl = "AWS::WAFv2::WebACL"
	inRule := func(what, rule string, do func(map[string]any)) Mutation {
		return Mutation{what, func(t *Templates) { do(named(t.Core.Resources(acl)[0].Get("Rules"), "Name", rule)) }}
	}
	return []Item{
		{IDs: []string{"S1.92", "S1.121b"}, Property: "what is only counted in a body refuses it everywhere but in the forms with free text, which always get through to our own checks", Check: freeText, Mutations: []Mutation{
			withoutRule(ofCore, "hostile-body"), onlyCounts(ofCore, "hostile-body"),
			inRule("a message with SQL is refused", "sql-injection", func(r map[string]any) {
				delete(member(r, "Statement", "ManagedRuleGroupStatement"), "RuleActionOverrides")
			}),
			inRule("a message with a script is refused", "common", func(r map[string]any) {
				delete(member(r, "Statement", "ManagedRuleGroupStatement"), "RuleActionOverrides")
			}),
			inRule("a label is misspelt", "hostile-body", func(r map[string]any) {
				asMap(Get(r, "Statement.AndStatement.Statements.1.OrStatement.Statements.0.LabelMatchStatement"))["Key"] = "awswaf:managed:aws:sql-database:SQLi_BODY"
			}),
			inRule("leads are no form", "hostile-body", func(r map[string]any) {
				asMap(Get(r, "Statement.AndStatement.Statements.0.NotStatement.Statement.RegexMatchStatement"))["RegexString"] = "^/nothing$"
			}),
			inRule("everything is a form", "hostile-body", func(r map[string]any) {
				asMap(Get(r, "Statement.AndStatement.Statements.0.NotStatement.Statement.RegexMatchStatement"))["RegexString"] = ".*"
			}),
		}},
		{IDs: []string{"D.one-origin"}, Property: "exempt from the origin secret is each POST that a token protects, and no other", Check: exemptPosts, Mutations: []Mutation{
			inRule("every path is exempt", "origin", func(r map[string]any) {
				asMap(Get(r, "Statement.AndStatement.Statements.2.NotStatement.Statement.RegexMatchStatement"))["RegexString"] = ".*"
			}),
			inRule("none is exempt", "origin", func(r map[string]any) {
				asMap(Get(r, "Statement.AndStatement.Statements.2.NotStatement.Statement.RegexMatchStatement"))["RegexString"] = "^$"
			}),
		}},
		ruleOf([]string{"D.16KiB"}, "a page view has 2 KiB at most", ofCore, "too-large-api-views", func(rule map[string]any, _ *Templates) error {
			path, _ := Get(rule, "Statement.AndStatement.Statements.0.RegexMatchStatement.RegexString").(string)
			matches, err := regexp.MatchString(path, "/live/api/views")
			if err != nil || !matches {
				return fmt.Errorf("%s is not /api/views: %w", path, err)
			}
			return same(rule, "Statement.AndStatement.Statements.1.SizeConstraintStatement.Size", 2048, "Action.Block.CustomResponse.ResponseCode", 413)
		}),
		ruleOf([]string{"S1.91"}, "an address that asks the site for too much is refused with 429", ofFrontend, "rate", func(rule map[string]any, t *Templates) error {
			return same(rule, "Statement.RateBasedStatement.Limit", 10*t.Config.Firewall.Rate, "Statement.RateBasedStatement.AggregateKeyType", "IP", "Action.Block.CustomResponse.ResponseCode", 429)
		}),
		pinned([]string{"S1.91"}, "what no rule of the API's firewall refuses is let through", ofCore, acl, pin{"DefaultAction", map[string]any{"Allow": map[string]any{}}}, pin{"Scope", "REGIONAL"}),
		pinned([]string{"S1.91"}, "what no rule of the site's firewall refuses is let through", ofFrontend, acl, pin{"DefaultAction", map[string]any{"Allow": map[string]any{}}}, pin{"Scope", "CLOUDFRONT"}),
	}
}

func freeText(t *Templates) error {
	rule, err := refusing(t.Core, "hostile-body")
	if err != nil {
		return err
	}
	var errs []error
	acl := t.Core.Resources("AWS::WAFv2::WebACL")[0]
	var labels []string
	for group, counted := range countedInBodies() {
		overrides := Get(named(acl.Get("Rules"), "Name", group), "Statement.ManagedRuleGroupStatement.RuleActionOverrides")
		for name, label := range counted {
			if named(overrides, "Name", name) == nil {
				errs = append(errs, fmt.Errorf("%s refuses what somebody writes", name))
			}
			if label != "" {
				labels = append(labels, label)
			}
		}
	}
	var refused []string
	for _, s := range several(Get(rule, "Statement.AndStatement.Statements.1.OrStatement.Statements")) {
		refused = append(refused, fmt.Sprint(Get(s, "LabelMatchStatement.Key")))
	}
	slices.Sort(labels)
	slices.Sort(refused)
	if !slices.Equal(labels, refused) {
		errs = append(errs, fmt.Errorf("hostile-body refuses %v, counted are %v", refused, labels))
	}
	text, _ := Get(rule, "Statement.AndStatement.Statements.0.NotStatement.Statement.RegexMatchStatement.RegexString").(string)
	forms, err := regexp.Compile(text)
	if err != nil {
		return fmt.Errorf("hostile-body: %w", err)
	}
	for path, form := range map[string]bool{"/api/leads": true, "/api/rights-requests": true, "/api/leads/0/redrive": true, "/api/views": false, "/health": false} {
		for _, prefix := range []string{"", "/live", "/nigredo"} {
			if forms.MatchString(prefix+path) != form {
				errs = append(errs, fmt.Errorf("%s%s is a form with free text: %t", prefix, path, !form))
			}
		}
	}
	return errors.Join(errs...)
}

var inPath = regexp.MustCompile(`\{\w+\}`)

func exemptPosts(t *Templates) error {
	rule, err := refusing(t.Core, "origin")
	if err != nil {
		return err
	}
	text, _ := Get(rule, "Statement.AndStatement.Statements.2.NotStatement.Statement.RegexMatchStatement.RegexString").(string)
	exempt, err := regexp.Compile(text)
	if err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	return eachOperation(t, func(name string, op map[string]any) error {
		method, path, _ := strings.Cut(name, " ")
		if protected := len(several(op["security"])) > 0; method == "POST" && exempt.MatchString("/live"+inPath.ReplaceAllString(path, "0")) != protected {
			return fmt.Errorf("%s: needs a token %t, is exempt %t", name, protected, !protected)
		}
		return nil
	})
}
