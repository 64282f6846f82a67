package proof

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// Right is one line of what a role may do or is refused.
type Right struct {
	Role       string // the id of the role in the template
	Effect     string // Allow or Deny
	Action     string
	Resource   string // Plain text, see Plain
	Conditions map[string]map[string][]string
}

// String gives the line of a table: role, effect, action, resource, conditions.
func (r Right) String() string {
	out := r.Role + " " + r.Effect + " " + r.Action + " " + r.Resource
	for _, operator := range slices.Sorted(maps.Keys(r.Conditions)) {
		for _, key := range slices.Sorted(maps.Keys(r.Conditions[operator])) {
			out += fmt.Sprintf(" if %s %s %s", operator, key, strings.Join(r.Conditions[operator][key], "|"))
		}
	}
	return out
}

// Plain writes a value of a template as text: a reference as ${Id}, an attribute as
// ${Id.Attribute}, a join as what it joins.
func Plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if id, ok := v["Ref"].(string); ok {
			return "${" + id + "}"
		}
		if get, ok := v["Fn::GetAtt"].([]any); ok && len(get) == 2 {
			return "${" + Plain(get[0]) + "." + Plain(get[1]) + "}"
		}
		if join, ok := v["Fn::Join"].([]any); ok && len(join) == 2 {
			if parts, ok := join[1].([]any); ok {
				texts := make([]string, len(parts))
				for i, part := range parts {
					texts[i] = Plain(part)
				}
				return strings.Join(texts, Plain(join[0]))
			}
		}
		if sub, ok := v["Fn::Sub"].(string); ok {
			return sub
		}
	}
	return Text(v)
}

// list gives one value or many as many, in plain text.
func list(v any) []string {
	if v == nil {
		return nil
	}
	many, ok := v.([]any)
	if !ok {
		many = []any{v}
	}
	out := make([]string, len(many))
	for i, one := range many {
		out[i] = Plain(one)
	}
	return out
}

// Rights computes what every role of a template may do, from its own policies and
// from those attached to it. A managed policy, whose content the template does not
// have, is a right to the action "managed" on its ARN.
func Rights(t *Template) []Right {
	var out []Right
	for _, role := range t.Resources("AWS::IAM::Role") {
		for _, managed := range list(role.Get("ManagedPolicyArns")) {
			out = append(out, Right{Role: role.ID, Effect: "Allow", Action: "managed", Resource: managed})
		}
		policies, _ := role.Get("Policies").([]any)
		for _, policy := range policies {
			out = append(out, rightsOf(role.ID, Get(policy, "PolicyDocument"))...)
		}
	}
	for _, typ := range []string{"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"} {
		for _, policy := range t.Resources(typ) {
			for _, role := range list(policy.Get("Roles")) {
				out = append(out, rightsOf(strings.Trim(role, "${}"), policy.Get("PolicyDocument"))...)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Right) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Effect, b.Effect), cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return out
}

func rightsOf(role string, document any) []Right {
	var out []Right
	statements, ok := Get(document, "Statement").([]any)
	if !ok {
		statements = []any{Get(document, "Statement")}
	}
	for _, statement := range statements {
		for _, turned := range []string{"NotAction", "NotResource"} {
			if all := list(Get(statement, turned)); len(all) > 0 {
				// What is not named is allowed: nothing here can say what that is.
				out = append(out, Right{Role: role, Effect: Plain(Get(statement, "Effect")), Action: "*", Resource: "*"})
			}
		}
		for _, action := range list(Get(statement, "Action")) {
			for _, resource := range list(Get(statement, "Resource")) {
				out = append(out, Right{
					Role: role, Effect: Plain(Get(statement, "Effect")), Action: action, Resource: resource,
					Conditions: conditionsOf(Get(statement, "Condition")),
				})
			}
		}
	}
	return out
}

func conditionsOf(v any) map[string]map[string][]string {
	operators, _ := v.(map[string]any)
	if len(operators) == 0 {
		return nil
	}
	out := map[string]map[string][]string{}
	for operator, keys := range operators {
		out[operator] = map[string][]string{}
		for key, values := range keys.(map[string]any) {
			out[operator][key] = list(values)
		}
	}
	return out
}

// May tells whether a role may take an action, written as IAM's documentation does, on
// a resource in a context of condition keys, as IAM decides: a Deny that matches wins,
// then an Allow. A condition whose key the context does not have does not match.
func May(rights []Right, role, action, resource string, context map[string]string) bool {
	allowed := false
	for _, right := range rights {
		if right.Role != role || !like(right.Action, action) || !like(right.Resource, resource) || !right.holds(context) {
			continue
		}
		if right.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (r Right) holds(context map[string]string) bool {
	for operator, keys := range r.Conditions {
		for key, values := range keys {
			value, known := context[key]
			exact := strings.HasSuffix(operator, "StringEquals") || operator == "Bool"
			if !known || !slices.ContainsFunc(values, func(want string) bool { return want == value || (!exact && like(want, value)) }) {
				return false
			}
		}
	}
	return true
}

// like matches a pattern of IAM: * is any text, slashes included.
func like(pattern, text string) bool {
	if !strings.ContainsAny(pattern, "*?") {
		return pattern == text
	}
	escape := strings.NewReplacer("/", "\x01", "[", "\x02", "\\", "\x03")
	ok, err := path.Match(escape.Replace(pattern), escape.Replace(text))
	return err == nil && ok
}
