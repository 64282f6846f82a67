package proof

import (
	"fmt"
	"slices"
	"strings"
)

func keyItems() []Item {
	const key = "AWS::KMS::Key"
	return []Item{
		demand{typ: key, wants: []must{
			{path: "EnableKeyRotation", value: true, worse: false}, {path: "PendingWindowInDays", value: 30, worse: 7},
		}}.item("every key of ours is rotated each year and waits 30 days before it goes", "S1.81", "S2.62"),
		keyPolicies(),
		demand{typ: "AWS::SNS::Topic", least: 2, wants: []must{{path: "KmsMasterKeyId", holds: customerKey, worse: "alias/aws/sns"}}}.
			item("topics are encrypted with a customer key, which alarms may use", "S2.62", "D.encrypted-topics"),
		topicPolicies(),
	}
}

// statements gives those of a policy document.
func statements(v any) []map[string]any {
	var out []map[string]any
	for _, s := range several(Get(v, "Statement")) {
		if s, ok := s.(map[string]any); ok {
			out = append(out, s)
		}
	}
	return out
}

// actionsOf gives the actions of a statement.
func actionsOf(statement map[string]any) []string {
	var out []string
	for _, a := range several(statement["Action"]) {
		out = append(out, fmt.Sprint(a))
	}
	return out
}

// serviceOf gives the service principals of a statement.
func servicesOf(statement map[string]any) []string {
	principal, _ := statement["Principal"].(map[string]any)
	var out []string
	for _, s := range several(principal["Service"]) {
		out = append(out, Text(s))
	}
	return out
}

// keyPolicies: a service may use a key for what is ours alone.
func keyPolicies() Item {
	const key = "AWS::KMS::Key"
	service := func(t *Templates, name string) map[string]any {
		for _, r := range t.Core.Resources(key) {
			for _, s := range statements(r.Get("KeyPolicy")) {
				if strings.Contains(strings.Join(servicesOf(s), " "), name) {
					return s
				}
			}
		}
		return map[string]any{}
	}
	return Item{
		IDs: []string{"S1.81", "S1.85"}, Property: "key policies name their actions; a service may use a key for our log groups, alarms and account alone",
		Check: func(t *Templates) error {
			for _, name := range []string{"logs.", "cloudwatch."} {
				if service(t, name)["Effect"] != "Allow" {
					return fmt.Errorf("no key is for %s", name)
				}
			}
			for _, r := range t.Core.Resources(key) {
				for _, s := range statements(r.Get("KeyPolicy")) {
					for _, action := range actionsOf(s) {
						if strings.Contains(action, "*") {
							return fmt.Errorf("%s allows %s", r.ID, action)
						}
					}
					if Equal(s["Principal"], "*") || Equal(Get(s, "Principal.AWS"), "*") {
						return fmt.Errorf("%s allows everybody", r.ID)
					}
					when := Text(s["Condition"])
					if len(servicesOf(s)) > 0 && !strings.Contains(when, t.Config.Account) {
						return fmt.Errorf("%s allows %s for any account", r.ID, strings.Join(servicesOf(s), ", "))
					}
				}
			}
			for _, pattern := range several(Get(service(t, "logs."), "Condition.ArnLike.kms:EncryptionContext:aws:logs:arn")) {
				if !strings.Contains(fmt.Sprint(pattern), t.Config.Environment) {
					return fmt.Errorf("the key is for log groups %v", pattern)
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"logs may use the key for any log group", func(t *Templates) { delete(service(t, "logs."), "Condition") }},
			{"logs may not use the key", func(t *Templates) { service(t, "logs.")["Effect"] = "Deny" }},
			{"logs may use the key for a log group of another environment", func(t *Templates) {
				Get(service(t, "logs."), "Condition.ArnLike").(map[string]any)["kms:EncryptionContext:aws:logs:arn"] = []any{"arn:aws:logs:us-east-1:" + t.Config.Account + ":log-group:other"}
			}},
			{"alarms of any account may use the key", func(t *Templates) { delete(service(t, "cloudwatch."), "Condition") }},
			{"alarms may not use the key", func(t *Templates) { service(t, "cloudwatch.")["Effect"] = "Deny" }},
			{"everybody may use the key", func(t *Templates) { service(t, "cloudwatch.")["Principal"] = "*" }},
			{"alarms may do anything with the key", func(t *Templates) { service(t, "cloudwatch.")["Action"] = "kms:*" }},
		},
	}
}

// topicPolicies: alarms of this account publish, over TLS, and each topic has
// somebody who reads it.
func topicPolicies() Item {
	const policy, subscription = "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription"
	each := func(t *Templates, change func(map[string]any)) {
		for _, r := range t.Core.Resources(policy) {
			for _, s := range statements(r.Get("PolicyDocument")) {
				change(s)
			}
		}
	}
	return Item{
		IDs: []string{"S1.82", "S2.63", "S1.85"}, Property: "topics take messages over TLS alone, from alarms of this account, and each has its readers",
		Check: func(t *Templates) error {
			for _, topic := range t.Core.Resources("AWS::SNS::Topic") {
				var tls, alarms bool
				for _, r := range t.Core.Resources(policy) {
					if !mentions(r.Get("Topics"), topic.ID) {
						continue
					}
					for _, s := range statements(r.Get("PolicyDocument")) {
						when := Text(s["Condition"])
						tls = tls || s["Effect"] == "Deny" && strings.Contains(when, `"aws:SecureTransport":"false"`)
						if s["Effect"] == "Allow" {
							if !strings.Contains(when, t.Config.Account) || !slices.Contains(servicesOf(s), `"cloudwatch.amazonaws.com"`) {
								return fmt.Errorf("%s lets %s publish", topic.ID, Text(s["Principal"]))
							}
							alarms = true
						}
					}
				}
				if !tls || !alarms {
					return fmt.Errorf("%s: TLS alone %v, alarms may publish %v", topic.ID, tls, alarms)
				}
				readers := 0
				for _, r := range t.Core.Resources(subscription) {
					if mentions(r.Get("TopicArn"), topic.ID) {
						readers++
					}
				}
				if readers == 0 {
					return fmt.Errorf("nobody reads %s", topic.ID)
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"a topic takes messages without TLS", func(t *Templates) {
				each(t, func(s map[string]any) {
					if s["Effect"] == "Deny" {
						delete(s, "Condition")
					}
				})
			}},
			{"any account's alarms may publish", func(t *Templates) {
				each(t, func(s map[string]any) {
					if s["Effect"] == "Allow" {
						delete(s, "Condition")
					}
				})
			}},
			{"alarms may not publish", func(t *Templates) {
				each(t, func(s map[string]any) { s["Effect"] = "Deny" })
			}},
			{"a topic has no reader", func(t *Templates) { t.Core.Remove(last(t.Core.Resources(subscription)).ID) }},
		},
	}
}
