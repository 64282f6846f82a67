package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// only gives the one resource of a type, for templates that must have exactly one.
func only(t *Template, typ string) (Resource, error) {
	all := t.Resources(typ)
	if len(all) != 1 {
		return Resource{}, fmt.Errorf("%d of %s, want 1", len(all), typ)
	}
	return all[0], nil
}

// wants compares paths of a resource with values: path, value, path, value.
func wants(r Resource, pairs ...any) error {
	var errs []error
	for pair := range slices.Chunk(pairs, 2) {
		if got := r.Get(pair[0].(string)); !Equal(got, pair[1]) {
			errs = append(errs, fmt.Errorf("%s: %s is %s, want %s", r.ID, pair[0], Text(got), Text(pair[1])))
		}
	}
	return errors.Join(errs...)
}

// of picks the template of an item's mutation.
type of func(*Templates) *Template

func ofCore(t *Templates) *Template     { return t.Core }
func ofFrontend(t *Templates) *Template { return t.Frontend }

// holds is an item of the one resource of a type: it must have the values, and each of
// them is mutated away.
func holds(ids []string, property string, from of, typ string, pairs ...any) Item {
	item := Item{IDs: ids, Property: property, Check: func(t *Templates) error {
		r, err := only(from(t), typ)
		if err != nil {
			return err
		}
		return wants(r, pairs...)
	}}
	item.Mutations = append(item.Mutations, without(from, typ))
	for i := 0; i < len(pairs); i += 2 {
		at := pairs[i].(string)
		item.Mutations = append(item.Mutations, set(from, typ, at, "weakened"))
	}
	return item
}

func without(from of, typ string) Mutation {
	return Mutation{"there is no " + typ, func(t *Templates) {
		for _, r := range from(t).Resources(typ) {
			from(t).Remove(r.ID)
		}
	}}
}

func set(from of, typ, at string, value any) Mutation {
	return Mutation{typ + " has another " + at, func(t *Templates) {
		for _, r := range from(t).Resources(typ) {
			r.Set(at, value)
		}
	}}
}

// named finds the element of a list that has a value at a path.
func named(list any, at string, value any) map[string]any {
	elements, _ := list.([]any)
	for _, e := range elements {
		if Equal(Get(e, at), value) {
			m, _ := e.(map[string]any)
			return m
		}
	}
	return nil
}

// withoutRule removes the rule of a name from a web ACL.
func withoutRule(from of, name string) Mutation {
	return Mutation{"the rule " + name + " is gone", func(t *Templates) {
		for _, acl := range from(t).Resources("AWS::WAFv2::WebACL") {
			rules, _ := acl.Get("Rules").([]any)
			var kept []any
			for _, rule := range rules {
				if Get(rule, "Name") != name {
					kept = append(kept, rule)
				}
			}
			acl.Set("Rules", kept)
		}
	}}
}

// onlyCounts turns the rule of a name into one that refuses nobody.
func onlyCounts(from of, name string) Mutation {
	return Mutation{"the rule " + name + " only counts", func(t *Templates) {
		for _, acl := range from(t).Resources("AWS::WAFv2::WebACL") {
			rule := named(acl.Get("Rules"), "Name", name)
			if rule["OverrideAction"] != nil {
				rule["OverrideAction"] = map[string]any{"Count": map[string]any{}}
				continue
			}
			rule["Action"] = map[string]any{"Count": map[string]any{}}
		}
	}}
}

// refusing gives a rule of the one web ACL of a template that refuses.
func refusing(t *Template, name string) (map[string]any, error) {
	acl, err := only(t, "AWS::WAFv2::WebACL")
	if err != nil {
		return nil, err
	}
	rule := named(acl.Get("Rules"), "Name", name)
	if rule == nil {
		return nil, fmt.Errorf("%s: no rule %s", acl.ID, name)
	}
	if Get(rule, "Action.Block") == nil && Get(rule, "OverrideAction.None") == nil {
		return nil, fmt.Errorf("%s: rule %s refuses nobody", acl.ID, name)
	}
	return rule, nil
}

// managedGroup is an item of one of AWS's rule groups, of which some rules may count.
func managedGroup(ids []string, property string, from of, name, group string, mayCount ...string) Item {
	return Item{IDs: ids, Property: property, Check: func(t *Templates) error {
		rule, err := refusing(from(t), name)
		if err != nil {
			return err
		}
		if got := Get(rule, "Statement.ManagedRuleGroupStatement.Name"); got != group {
			return fmt.Errorf("rule %s is of %v, want %s", name, got, group)
		}
		overrides, _ := Get(rule, "Statement.ManagedRuleGroupStatement.RuleActionOverrides").([]any)
		for _, o := range overrides {
			if one, _ := Get(o, "Name").(string); !strings.Contains(" "+strings.Join(mayCount, " ")+" ", " "+one+" ") {
				return fmt.Errorf("rule %s: %s must refuse", name, one)
			}
		}
		return nil
	}, Mutations: []Mutation{withoutRule(from, name), onlyCounts(from, name), {"another rule only counts", func(t *Templates) {
		for _, acl := range from(t).Resources("AWS::WAFv2::WebACL") {
			group := Get(named(acl.Get("Rules"), "Name", name), "Statement.ManagedRuleGroupStatement").(map[string]any)
			overrides, _ := group["RuleActionOverrides"].([]any)
			group["RuleActionOverrides"] = append(overrides, map[string]any{"Name": "SQLi_QUERYARGUMENTS", "ActionToUse": map[string]any{"Count": map[string]any{}}})
		}
	}}}}
}
