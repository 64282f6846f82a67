package proof

import (
	"errors"
	"fmt"
	"slices"
)

func firewallItems() []Item {
	items := []Item{
		managedGroup([]string{"S1.92", "S1.121b"}, "SQL injection is refused in query, path and cookies; in a body that holds free text it is counted", ofCore,
			"sql-injection", "AWSManagedRulesSQLiRuleSet", "SQLi_BODY", "SQLiExtendedPatterns_BODY"),
		managedGroup([]string{"S1.92", "S1.121b"}, "XSS and the common attacks are refused outside of bodies with free text", ofCore,
			"common", "AWSManagedRulesCommonRuleSet", "SizeRestrictions_BODY", "CrossSiteScripting_BODY", "GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY"),
		managedGroup([]string{"S1.121b"}, "known exploits are refused wherever they stand", ofCore, "known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
		managedGroup([]string{"S1.71", "S1.93"}, "addresses of known bots and scanners are refused before the site", ofFrontend, "reputation", "AWSManagedRulesAmazonIpReputationList"),
		ruleOf([]string{"S1.91"}, "an address that calls the API directly too often is refused with 429", ofCore, "rate", func(rule map[string]any, t *Templates) error {
			return same(rule, "Statement.RateBasedStatement.Limit", t.Config.Firewall.Rate, "Statement.RateBasedStatement.AggregateKeyType", "IP", "Action.Block.CustomResponse.ResponseCode", 429)
		}),
		ruleOf([]string{"S1.91"}, "an address that calls the API through CloudFront too often is refused with 429", ofFrontend, "rate-api", func(rule map[string]any, t *Templates) error {
			return same(rule, "Statement.RateBasedStatement.Limit", t.Config.Firewall.Rate, "Statement.RateBasedStatement.AggregateKeyType", "IP", "Action.Block.CustomResponse.ResponseCode", 429)
		}),
		ruleOf([]string{"D.16KiB", "S1.121b"}, "a body over 16 KiB, or of which WAF sees a part, is refused with 413", ofCore, "too-large", func(rule map[string]any, _ *Templates) error {
			return same(rule, "Statement.SizeConstraintStatement.Size", 16384, "Statement.SizeConstraintStatement.ComparisonOperator", "GT",
				"Statement.SizeConstraintStatement.FieldToMatch.Body.OversizeHandling", "MATCH", "Action.Block.CustomResponse.ResponseCode", 413)
		}),
		ruleOf([]string{"D.one-origin", "S1.121b"}, "a POST that no token protects is refused without the origin secret", ofCore, "origin", func(rule map[string]any, _ *Templates) error {
			statements, _ := Get(rule, "Statement.AndStatement.Statements").([]any)
			if len(statements) != 3 {
				return fmt.Errorf("origin: %d conditions, want method, secret and path", len(statements))
			}
			return errors.Join(
				same(rule, "Statement.AndStatement.Statements.0.ByteMatchStatement.SearchString", "POST"),
				carries(Get(rule, "Statement.AndStatement.Statements.1.NotStatement"), `"SingleHeader":{"Name":"x-nigredo-origin"}`),
				notPlain(Get(rule, "Statement.AndStatement.Statements.1")),
			)
		}),
	}
	for _, place := range []struct {
		from of
		name string
	}{{ofCore, "before the API"}, {ofFrontend, "before the site"}} {
		items = append(items, stopItem(place.from, place.name), logItem(place.from, place.name), takenItem(place.from, place.name))
	}
	items = append(items, botsItem())
	items = append(items, holds([]string{"S1.91", "S2.9"}, "the firewall stands before the API's stage", ofCore, "AWS::WAFv2::WebACLAssociation", "WebACLArn", map[string]any{"Fn::GetAtt": []any{"ApiFirewall", "Arn"}}))
	return items
}

// ruleOf is an item of one rule that refuses and says what check wants.
func ruleOf(ids []string, property string, from of, name string, check func(map[string]any, *Templates) error) Item {
	return Item{IDs: ids, Property: property, Check: func(t *Templates) error {
		rule, err := refusing(from(t), name)
		if err != nil {
			return err
		}
		return check(rule, t)
	}, Mutations: []Mutation{withoutRule(from, name), onlyCounts(from, name), {"the rule matches something else", func(t *Templates) {
		for _, acl := range from(t).Resources("AWS::WAFv2::WebACL") {
			named(acl.Get("Rules"), "Name", name)["Statement"] = map[string]any{"GeoMatchStatement": map[string]any{"CountryCodes": []any{"AQ"}}}
		}
	}}}}
}

func same(v any, pairs ...any) error {
	for pair := range slices.Chunk(pairs, 2) {
		if got := Get(v, pair[0].(string)); !Equal(got, pair[1]) {
			return fmt.Errorf("%s is %s, want %s", pair[0], Text(got), Text(pair[1]))
		}
	}
	return nil
}

// stopItem: traffic is stopped by addresses, and by none in the template.
func stopItem(from of, where string) Item {
	return Item{IDs: []string{"S2.53"}, Property: "traffic " + where + " is stopped by filling address sets that the template leaves empty: the first rule answers 503", Check: func(t *Templates) error {
		sets := from(t).Resources("AWS::WAFv2::IPSet")
		if len(sets) != 2 || len(Where(sets, "IPAddressVersion", "IPV4")) != 1 || len(Where(sets, "IPAddressVersion", "IPV6")) != 1 {
			return fmt.Errorf("%d address sets, want one of each family", len(sets))
		}
		for _, s := range sets {
			if !Equal(s.Get("Addresses"), []any{}) {
				return fmt.Errorf("%s is not empty", s.ID)
			}
		}
		acl, err := only(from(t), "AWS::WAFv2::WebACL")
		if err != nil {
			return err
		}
		rule, err := refusing(from(t), "stopped")
		if err != nil {
			return err
		}
		first := Get(acl.Get("Rules.0"), "Name")
		if first != "stopped" && first != "stopped-api" {
			return fmt.Errorf("the first rule is %v", first)
		}
		return same(rule, "Action.Block.CustomResponse.ResponseCode", 503)
	}, Mutations: []Mutation{withoutRule(from, "stopped"), onlyCounts(from, "stopped"), without(from, "AWS::WAFv2::IPSet"), {"a set holds an address", func(t *Templates) {
		from(t).Resources("AWS::WAFv2::IPSet")[0].Set("Addresses", []any{"0.0.0.0/1"})
	}}, {"another rule comes first", func(t *Templates) {
		acl := from(t).Resources("AWS::WAFv2::WebACL")[0]
		acl.Set("Rules", append([]any{map[string]any{"Name": "first"}}, acl.Get("Rules").([]any)...))
	}}}}
}

// logItem: what is refused is logged, without what a person wrote.
func logItem(from of, where string) Item {
	const acl, log = "AWS::WAFv2::WebACL", "AWS::WAFv2::LoggingConfiguration"
	return Item{IDs: []string{"D.firewall-log", "S1.121c"}, Property: "what the firewall " + where + " refuses or counts is logged without bodies, queries, tokens and addresses in headers", Check: func(t *Templates) error {
		l, err := only(from(t), log)
		if err != nil {
			return err
		}
		w, err := only(from(t), acl)
		if err != nil {
			return err
		}
		for _, kind := range []string{"BODY", "QUERY_STRING", "SINGLE_HEADER"} {
			if p := named(w.Get("DataProtectionConfig.DataProtections"), "Field.FieldType", kind); p["Action"] != "SUBSTITUTION" || p["ExcludeRuleMatchDetails"] != false {
				return fmt.Errorf("%s: %s is not kept out", w.ID, kind)
			}
		}
		for _, header := range []string{"authorization", "cookie", "x-nigredo-origin"} {
			if named(l.Get("RedactedFields"), "SingleHeader.Name", header) == nil {
				return fmt.Errorf("%s: %s is not redacted", l.ID, header)
			}
		}
		return wants(l, "LoggingFilter.DefaultBehavior", "DROP")
	}, Mutations: []Mutation{
		without(from, log), set(from, acl, "DataProtectionConfig", nil), set(from, log, "RedactedFields", nil),
		set(from, log, "LoggingFilter.DefaultBehavior", "KEEP"),
	}}
}

// notPlain refuses a secret that stands in the template.
func notPlain(v any) error {
	if !contains(v, "{{resolve:secretsmanager:") {
		return errors.New("the origin secret is not a reference to Secrets Manager")
	}
	return nil
}

// carries wants a text somewhere in a value: one value of the secret counts, or two
// while it is rotated.
func carries(v any, text string) error {
	if !contains(v, text) {
		return fmt.Errorf("no %s", text)
	}
	return nil
}
