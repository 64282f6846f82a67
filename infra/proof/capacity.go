package proof

import (
	"errors"
	"fmt"
	"strings"
)

// capacity is what a web ACL may use before it costs more and, further on, is refused.
const capacity = 1500

// capacityOf gives the capacity units of a statement by AWS's tables ("Web ACL capacity
// units", the pages of the statements and of the managed rule groups). Each text
// transformation is taken at ten, NONE too: an upper bound.
func capacityOf(statement map[string]any) (int, error) {
	units := 0
	for kind, v := range statement {
		s := asMap(v)
		transformations, _ := s["TextTransformations"].([]any)
		units += 10 * len(transformations)
		var below []any
		switch kind {
		case "AndStatement", "OrStatement":
			below, _ = s["Statements"].([]any)
		case "NotStatement":
			below = []any{s["Statement"]}
		case "IPSetReferenceStatement", "GeoMatchStatement", "LabelMatchStatement", "SizeConstraintStatement":
			units++
		case "RegexMatchStatement":
			units += 3
		case "ByteMatchStatement":
			if s["PositionalConstraint"] != "EXACTLY" {
				return 0, fmt.Errorf("no units for a match of %v", s["PositionalConstraint"])
			}
			units += 2
		case "RateBasedStatement", "ManagedRuleGroupStatement":
			group, known := map[any]int{
				nil: 2, "AWSManagedRulesCommonRuleSet": 700, "AWSManagedRulesSQLiRuleSet": 200, "AWSManagedRulesKnownBadInputsRuleSet": 200,
				"AWSManagedRulesAmazonIpReputationList": 25, "AWSManagedRulesBotControlRuleSet": 50,
			}[s["Name"]]
			if !known {
				return 0, fmt.Errorf("no units for group %v", s["Name"])
			}
			units += group
			if s["ScopeDownStatement"] != nil {
				below = []any{s["ScopeDownStatement"]}
			}
		default:
			return 0, fmt.Errorf("no units for %s", kind)
		}
		for _, one := range below {
			n, err := capacityOf(asMap(one))
			if err != nil {
				return 0, err
			}
			units += n
		}
	}
	return units, nil
}

// takenItem: what WAF would refuse of a web ACL, or bill as more than a web ACL.
func takenItem(from of, where string) Item {
	const acl = "AWS::WAFv2::WebACL"
	rule := func(name string) map[string]any {
		return map[string]any{"Name": name, "Priority": 99, "Statement": map[string]any{"ManagedRuleGroupStatement": map[string]any{"Name": "AWSManagedRulesCommonRuleSet", "VendorName": "AWS"}}}
	}
	add := func(rules ...any) func(*Templates) {
		return func(t *Templates) {
			r := from(t).Resources(acl)[0]
			all, _ := r.Get("Rules").([]any)
			r.Set("Rules", append(all, rules...))
		}
	}
	return Item{IDs: []string{"S1.91", "S1.92"}, Property: fmt.Sprintf("WAF takes the web ACL %s: %d capacity units at most, an order of rules, bodies of 4 KB that exist, and bots by configuration", where, capacity), Check: func(t *Templates) error {
		w, err := only(from(t), acl)
		if err != nil {
			return err
		}
		rules, _ := w.Get("Rules").([]any)
		bodies := asMap(w.Get("CustomResponseBodies"))
		units, names, order := 0, map[any]bool{}, map[string]bool{}
		var errs []error
		for _, r := range rules {
			n, err := capacityOf(member(asMap(r), "Statement"))
			units += n
			if err != nil {
				errs = append(errs, fmt.Errorf("%v: %w", Get(r, "Name"), err))
			}
			name, priority := Get(r, "Name"), Text(Get(r, "Priority"))
			if names[name] || order[priority] {
				errs = append(errs, fmt.Errorf("%v: its name or its priority %s is another's too", name, priority))
			}
			names[name], order[priority] = true, true
			if key, answers := Get(r, "Action.Block.CustomResponse.CustomResponseBodyKey").(string); answers && bodies[key] == nil {
				errs = append(errs, fmt.Errorf("%v: no body %s", name, key))
			}
		}
		if units > capacity {
			errs = append(errs, fmt.Errorf("%d capacity units, want %d at most", units, capacity))
		}
		for key := range bodies {
			if content, _ := Get(bodies[key], "Content").(string); content == "" || len(content) > 4096 {
				errs = append(errs, fmt.Errorf("body %s has %d bytes", key, len(content)))
			}
		}
		if from(t) == t.Frontend && names["bots"] != t.Config.Firewall.Bots {
			errs = append(errs, fmt.Errorf("bot control is %t, the configuration says %t", names["bots"], t.Config.Firewall.Bots))
		}
		return errors.Join(errs...)
	}, Mutations: []Mutation{
		{"there are more rules than it takes", add(rule("more"), rule("most"), rule("all"))},
		{"two rules have one priority", func(t *Templates) {
			r := from(t).Resources(acl)[0]
			r.Set("Rules.1.Priority", r.Get("Rules.0.Priority"))
		}},
		{"two rules have one name", func(t *Templates) {
			r := from(t).Resources(acl)[0]
			r.Set("Rules.1.Name", r.Get("Rules.0.Name"))
		}},
		{"a body is missing", func(t *Templates) { delete(asMap(from(t).Resources(acl)[0].Get("CustomResponseBodies")), "stopped") }},
		{"a body is too long", func(t *Templates) {
			from(t).Resources(acl)[0].Set("CustomResponseBodies.stopped.Content", strings.Repeat("a", 4097))
		}},
		{"a statement is of a kind that nobody reckoned with", func(t *Templates) {
			from(t).Resources(acl)[0].Set("Rules.0.Statement", map[string]any{"SqliMatchStatement": map[string]any{}})
		}},
	}}
}

// botsItem: bot control inspects what reaches the API, where the configuration wants it.
func botsItem() Item {
	return Item{IDs: []string{"S1.93"}, Property: "bots are told from people below /api where firewall.bots says so, and nowhere else", Check: func(t *Templates) error {
		acl, err := only(t.Frontend, "AWS::WAFv2::WebACL")
		if err != nil {
			return err
		}
		rule := named(acl.Get("Rules"), "Name", "bots")
		if !t.Config.Firewall.Bots {
			if rule != nil {
				return errors.New("bot control that the configuration does not want")
			}
			return nil
		}
		const group = "Statement.ManagedRuleGroupStatement."
		return same(rule, group+"Name", "AWSManagedRulesBotControlRuleSet", group+"ScopeDownStatement.RegexMatchStatement.RegexString", "^/api/", "OverrideAction.None", map[string]any{},
			group+"ManagedRuleGroupConfigs.0.AWSManagedRulesBotControlRuleSet.InspectionLevel", "COMMON")
	}, Mutations: []Mutation{{"the setting and the rule differ", func(t *Templates) {
		changed := *t.Config
		changed.Firewall.Bots = !changed.Firewall.Bots
		t.Config = &changed
	}}, {"the rule inspects everything, or is there unasked", func(t *Templates) {
		acl := t.Frontend.Resources("AWS::WAFv2::WebACL")[0]
		if rule := named(acl.Get("Rules"), "Name", "bots"); rule != nil {
			delete(member(rule, "Statement", "ManagedRuleGroupStatement"), "ScopeDownStatement")
			return
		}
		rules, _ := acl.Get("Rules").([]any)
		acl.Set("Rules", append(rules, map[string]any{"Name": "bots"}))
	}}}}
}
