package proof

import (
	"fmt"
	"slices"
	"strings"
)

func secretItems() []Item {
	const typ = "AWS::SecretsManager::Secret"
	return []Item{
		demand{typ: typ, least: 4, wants: []must{{path: "KmsKeyId", holds: customerKey, worse: "alias/aws/secretsmanager"}}}.
			item("every secret is in Secrets Manager, under a customer key", "S1.78", "S2.62", "S2.80"),
		generatedSecrets(),
		secretOutputs(),
		replicated(),
		reminder(),
	}
}

// generatedSecrets: no value of a secret stands in a template.
func generatedSecrets() Item {
	const typ = "AWS::SecretsManager::Secret"
	webhook := func(t *Templates) Resource {
		return Where(t.Core.Resources(typ), "Name", t.Config.SecretName("WebhookSecret"))[0]
	}
	stamp := func(t *Templates) Resource {
		return Where(t.Core.Resources(typ), "Name", t.Config.SecretName("StampKey"))[0]
	}
	return Item{
		IDs: []string{"S1.78", "S2.80"}, Property: "secrets are generated in AWS in the forms that the code takes, and stand in no template",
		Check: func(t *Templates) error {
			for _, r := range t.Core.Resources(typ) {
				if text := r.Get("SecretString"); text != nil {
					if !strings.Contains(Text(text), "{{resolve:secretsmanager:") || !strings.Contains(Text(text), "whsec_") {
						return fmt.Errorf("%s has its value in the template", r.ID)
					}
					continue
				}
				// 44 letters and digits are base64 of 33 bytes: a stamp's key is 32 to 64, a
				// webhook's 24 to 64.
				if numberOf(r.Get("GenerateSecretString.PasswordLength")) != 44 || !Equal(r.Get("GenerateSecretString.ExcludePunctuation"), true) ||
					Equal(r.Get("GenerateSecretString.IncludeSpace"), true) {
					return fmt.Errorf("%s is generated as %s", r.ID, Text(r.Get("GenerateSecretString")))
				}
			}
			for _, name := range []string{"WebhookSecret", "StampKey", "OriginSecret"} {
				if len(Where(t.Core.Resources(typ), "Name", t.Config.SecretName(name))) != 1 {
					return fmt.Errorf("no secret %s", t.Config.SecretName(name))
				}
			}
			for _, r := range t.Core.Resources(clusterType) {
				if r.Get("MasterUserPassword") != nil {
					return fmt.Errorf("%s has a password in the template", r.ID)
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"the webhook secret is in the template", func(t *Templates) { webhook(t).Set("SecretString", "whsec_c2VjcmV0") }},
			{"the webhook secret has no prefix", func(t *Templates) { webhook(t).Set("SecretString", "{{resolve:secretsmanager:x:SecretString}}") }},
			{"the stamp key has signs that base64 has not", func(t *Templates) { stamp(t).Set("GenerateSecretString.ExcludePunctuation", false) }},
			{"the stamp key is too short", func(t *Templates) { stamp(t).Set("GenerateSecretString.PasswordLength", 32) }},
			{"the stamp key is missing", func(t *Templates) { t.Core.Remove(stamp(t).ID) }},
			{"the owner has a password in the template", func(t *Templates) { last(t.Core.Resources(clusterType)).Set("MasterUserPassword", "s3cret") }},
		},
	}
}

// secretOutputs: who operates finds the database and its secret in the outputs.
func secretOutputs() Item {
	keys := []string{"ClusterId", "DatabaseEndpoint", "DatabaseSecretArn", "WebhookSecretArn", "OriginSecretArn", "StampKeyArn", "OperatorRoleArn"}
	item := Item{
		IDs: []string{"S2.12", "S1.62"}, Property: "the outputs name the cluster, its endpoint and the secrets' ARNs",
		Check: func(t *Templates) error {
			for _, key := range keys {
				if Get(t.Core.Outputs(), key+".Value") == nil {
					return fmt.Errorf("no output %s", key)
				}
			}
			return nil
		},
	}
	for _, key := range keys {
		item.Mutations = append(item.Mutations, Mutation{"there is no output " + key, func(t *Templates) { delete(t.Core.Outputs(), key) }})
	}
	return item
}

// replicated: CloudFront's stack is in us-east-1 and reads the origin secret there.
func replicated() Item {
	const typ = "AWS::SecretsManager::Secret"
	origin := func(t *Templates) Resource {
		return Where(t.Core.Resources(typ), "Name", t.Config.SecretName("OriginSecret"))[0]
	}
	return Item{
		IDs: []string{"D.origin-secret"}, Property: "the origin secret is in us-east-1 too when the backend is not, and no other secret leaves its region",
		Check: func(t *Templates) error {
			for _, r := range t.Core.Resources(typ) {
				var regions []string
				for _, replica := range several(r.Get("ReplicaRegions")) {
					regions = append(regions, fmt.Sprint(Get(replica, "Region")))
				}
				var want []string
				if r.ID == origin(t).ID && t.Config.Region != "us-east-1" {
					want = []string{"us-east-1"}
				}
				if !slices.Equal(regions, want) {
					return fmt.Errorf("%s is in %v too, want %v", r.ID, regions, want)
				}
			}
			return nil
		},
		Mutations: []Mutation{{"another secret is copied", func(t *Templates) {
			last(t.Core.Resources(typ)).Set("ReplicaRegions", []any{map[string]any{"Region": "eu-west-1"}})
		}}, {"the backend is elsewhere", func(t *Templates) {
			changed := *t.Config
			changed.Region = map[bool]string{true: "sa-east-1", false: "us-east-1"}[changed.Region == "us-east-1"]
			t.Config = &changed
		}}},
	}
}

// reminder: what two sides share is rotated by people, who are told.
func reminder() Item {
	const typ = "AWS::Scheduler::Schedule"
	of := func(t *Templates) []Resource {
		return Where(t.Core.Resources(typ), "Name", t.Config.CoreStack()+"-rotate-secrets")
	}
	return Item{
		IDs: []string{"S1.78", "D.rotation"}, Property: "the team is told each quarter that shared secrets are due, with the runbook's name",
		Check: func(t *Templates) error {
			for _, r := range of(t) {
				topic := referred(r.Get("Target.Arn"))
				for _, team := range Where(t.Core.Resources("AWS::SNS::Topic"), "TopicName", t.Config.Topic("team")) {
					if team.ID == topic && r.Get("ScheduleExpression") == "cron(0 13 1 1,4,7,10 ? *)" && r.Get("State") != "DISABLED" &&
						strings.Contains(fmt.Sprint(r.Get("Target.Input")), "infra/runbooks/rotate-secrets.md") {
						return nil
					}
				}
			}
			return fmt.Errorf("nobody is told")
		},
		Mutations: []Mutation{
			{"there is no schedule", func(t *Templates) { t.Core.Remove(of(t)[0].ID) }},
			{"it is off", func(t *Templates) { of(t)[0].Set("State", "DISABLED") }},
			{"it tells nobody", func(t *Templates) { of(t)[0].Set("Target.Arn", "arn:aws:sns:us-east-1:000000000000:other") }},
			{"it comes once in a century", func(t *Templates) { of(t)[0].Set("ScheduleExpression", "rate(36500 days)") }},
			{"it names no runbook", func(t *Templates) { of(t)[0].Set("Target.Input", "due") }},
		},
	}
}
