package proof

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// servedItems ask the other half of what roleItems ask: not what nobody may do, but
// what must be let for anything to work. AWS tells of most of it only when it runs.
func servedItems() []Item {
	return []Item{functionsServed(), machinesServed(), othersServed(), servicesLetIn(), logsEncrypted()}
}

// need is one right that a role must have.
type need struct {
	role, action, resource string
	when                   map[string]string
}

func (n need) met(rights []Right) error {
	if May(rights, n.role, n.action, n.resource, n.when) {
		return nil
	}
	return fmt.Errorf("%s may not %s on %s", n.role, n.action, n.resource)
}

// needsOf makes one need of each action.
func needsOf(role, resource string, when map[string]string, actions ...string) []need {
	out := make([]need, len(actions))
	for i, action := range actions {
		out[i] = need{role, action, resource, when}
	}
	return out
}

// takenBy tells whether a service, and only it, may take a role.
func takenBy(t *Templates, role, service string) error {
	return want(role+": taken by", byID(t, role).Get("AssumeRolePolicyDocument.Statement.0.Principal"), map[string]any{"Service": service})
}

// forbid takes an action out of all statements that let a role do it.
func forbid(t *Templates, role, action string) {
	for _, s := range policiesOf(t.Core, byID(t, role)) {
		if actions := actionsOf(s); s["Effect"] == "Allow" {
			kept := []any{"none:None"}
			for _, a := range actions {
				if a != action {
					kept = append(kept, a)
				}
			}
			s["Action"] = kept
		}
	}
}

// unserved are mutations that forbid one action each.
func unserved(role func(*Templates) string, actions ...string) []Mutation {
	var out []Mutation
	for _, action := range actions {
		out = append(out, Mutation{"a role may not " + action, func(t *Templates) { forbid(t, role(t), action) }})
	}
	return out
}

func serveByAnother(role func(*Templates) string) Mutation {
	return Mutation{"another service takes a role", func(t *Templates) {
		byID(t, role(t)).Set("AssumeRolePolicyDocument.Statement.0.Principal", map[string]any{"Service": "edgelambda.amazonaws.com"})
	}}
}

var traced = []string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}

func functionsServed() Item {
	role := func(activity string) func(*Templates) string {
		return func(t *Templates) string { return roleOfFunction(t, activity) }
	}
	interfaces := []string{"ec2:CreateNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DeleteNetworkInterface"}
	item := Item{
		IDs: []string{"D.served"}, Property: "Lambda may take each function's role, and with it write its log and trace, read its variables, open its secret, make its interfaces and keep its dead letters",
		Check: func(t *Templates) error {
			rights := Rights(t.Core)
			return eachFunction(func(t *Templates, f config.Function, r Resource) error {
				errs := []error{takenBy(t, roleOfFunction(t, f.Activity), "lambda.amazonaws.com")}
				for _, n := range needsOfFunction(t, f, r) {
					errs = append(errs, n.met(rights))
				}
				return errors.Join(errs...)
			})(t)
		},
		Mutations: append(unserved(role("persist"), append(append([]string{"logs:CreateLogStream", "logs:PutLogEvents", "kms:Decrypt"}, traced...), interfaces...)...), serveByAnother(role("persist"))),
	}
	item.Mutations = append(item.Mutations, unserved(role("deliver"), "secretsmanager:GetSecretValue")...)
	item.Mutations = append(item.Mutations, unserved(role("track"), "sqs:SendMessage")...)
	item.Mutations = append(item.Mutations, Mutation{"Deliver may read its secret and not open it", func(t *Templates) {
		for _, s := range policiesOf(t.Core, byID(t, roleOfFunction(t, "deliver"))) {
			if strings.Contains(Text(s["Condition"]), "SecretARN") {
				s["Effect"] = "Deny"
			}
		}
	}})
	return item
}

func needsOfFunction(t *Templates, f config.Function, r Resource) []need {
	role, of := roleOfFunction(t, f.Activity), func(service, resource string) string {
		return "arn:aws:" + service + ":" + t.Config.Region + ":" + t.Config.Account + ":" + resource
	}
	needs := needsOf(role, "${"+logOf(t, f.Activity).ID+".Arn}", nil, "logs:CreateLogStream", "logs:PutLogEvents")
	needs = append(needs, needsOf(role, "*", nil, traced...)...)
	needs = append(needs, need{role, "kms:Decrypt", Plain(r.Get("KmsKeyArn")), map[string]string{
		"kms:EncryptionContext:aws:lambda:FunctionArn": of("lambda", "function:"+t.Config.Function(f)),
	}})
	if f.Place != config.Outside {
		needs = append(needs, needsOf(role, "*", nil, "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")...)
		needs = append(needs, needsOf(role, of("ec2", "network-interface/eni-0"), nil,
			"ec2:CreateNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DeleteNetworkInterface")...)
		for _, subnet := range several(r.Get("VpcConfig.SubnetIds")) {
			needs = append(needs, need{role, "ec2:CreateNetworkInterface", of("ec2", "subnet/"+Plain(subnet)), nil})
		}
		for _, group := range several(r.Get("VpcConfig.SecurityGroupIds")) {
			needs = append(needs, need{role, "ec2:CreateNetworkInterface", of("ec2", "security-group/"+Plain(group)), nil})
		}
	}
	if name := secretsOf[f.Activity]; name != "" {
		value := r.Get("Environment.Variables." + name)
		secret := byID(t, pointee(value))
		key := secret.Get("KmsKeyId")
		if secret.Type == clusterType {
			key = secret.Get("MasterUserSecret.KmsKeyId")
		}
		needs = append(needs, need{role, "secretsmanager:GetSecretValue", Plain(value), nil})
		if secret.ID != "" { // a secret of Fibonacci's says nothing of its key
			needs = append(needs, need{role, "kms:Decrypt", Plain(key), map[string]string{"kms:EncryptionContext:SecretARN": Plain(value)}})
		}
	}
	if f.Activity == "track" {
		needs = append(needs, need{role, "sqs:SendMessage", of("sqs", t.Config.DeadLetters(config.DeadEvents)), nil})
	}
	return needs
}

// delivered are what a machine does to have its log delivered. Step Functions refuses
// to make a machine whose role may not.
var delivered = []string{
	"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
	"logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
}

func machinesServed() Item {
	intake := func(t *Templates) string { return roleOfMachine(t, "lead_intake") }
	return Item{
		IDs: []string{"D.served"}, Property: "each machine may have its log delivered, be traced, and use its key",
		Check: func(t *Templates) error {
			rights := Rights(t.Core)
			return eachMachine(func(t *Templates, name string, r Resource) error {
				role := roleOfMachine(t, name)
				needs := append(needsOf(role, "*", nil, delivered...), needsOf(role, "*", nil, append([]string{"xray:GetSamplingRules", "xray:GetSamplingTargets"}, traced...)...)...)
				if key := r.Get("EncryptionConfiguration.KmsKeyId"); key != nil {
					needs = append(needs, needsOf(role, Plain(key), map[string]string{
						"kms:EncryptionContext:aws:states:stateMachineArn": machineARN(t.Config, name),
					}, "kms:Decrypt", "kms:GenerateDataKey")...)
				}
				var errs []error
				for _, n := range needs {
					errs = append(errs, n.met(rights))
				}
				return errors.Join(errs...)
			})(t)
		},
		Mutations: unserved(intake, append(append([]string{"xray:GetSamplingRules", "xray:GetSamplingTargets"}, traced...), delivered...)...),
	}
}

func othersServed() Item {
	schedules := func(t *Templates) string { return pointee(scheduleOf(t, "sweep").Get("Target.RoleArn")) }
	reminding := func(t *Templates) Resource {
		return first(Where(t.Core.Resources("AWS::Scheduler::Schedule"), "Name", t.Config.CoreStack()+"-rotate-secrets"))
	}
	reminds := func(t *Templates) string { return pointee(reminding(t).Get("Target.RoleArn")) }
	flow := func(t *Templates) Resource { return first(t.Core.Resources("AWS::EC2::FlowLog")) }
	flows := func(t *Templates) string { return pointee(flow(t).Get("DeliverLogsPermissionArn")) }
	gateway := func(t *Templates) string {
		for _, right := range Rights(t.Core) {
			if right.Resource == machineARN(t.Config, "lead_intake") && contains(Get(byID(t, right.Role).Properties, "AssumeRolePolicyDocument"), "apigateway.amazonaws.com") {
				return right.Role
			}
		}
		return ""
	}
	return Item{
		IDs: []string{"D.served"}, Property: "schedules may start and keep dead letters, the reminder may publish, the flow log may write, API Gateway may start lead_intake under its alias",
		Check: func(t *Templates) error {
			errs := []error{takenBy(t, schedules(t), "scheduler.amazonaws.com"), takenBy(t, reminds(t), "scheduler.amazonaws.com"), takenBy(t, gateway(t), "apigateway.amazonaws.com")}
			needs := []need{{schedules(t), "sqs:SendMessage", "${" + deadQueue(t, config.DeadSchedules).ID + ".Arn}", nil}}
			needs = append(needs, need{reminds(t), "sns:Publish", Plain(reminding(t).Get("Target.Arn")), nil})
			key := byID(t, pointee(reminding(t).Get("Target.Arn"))).Get("KmsMasterKeyId")
			needs = append(needs, needsOf(reminds(t), Plain(key), nil, "kms:Decrypt", "kms:GenerateDataKey")...)
			if !importsNetwork(t) {
				errs = append(errs, takenBy(t, flows(t), "vpc-flow-logs.amazonaws.com"))
				needs = append(needs, needsOf(flows(t), "${"+pointee(flow(t).Get("LogGroupName"))+".Arn}", nil, "logs:CreateLogStream", "logs:PutLogEvents")...)
			}
			needs = append(needs, need{gateway(t), "states:StartSyncExecution", machineARN(t.Config, "lead_intake"), map[string]string{"states:StateMachineQualifier": config.Alias}})
			rights := Rights(t.Core)
			for _, n := range needs {
				errs = append(errs, n.met(rights))
			}
			return errors.Join(errs...)
		},
		Mutations: append(append(append(append(
			unserved(schedules, "sqs:SendMessage"),
			unserved(reminds, "sns:Publish", "kms:Decrypt", "kms:GenerateDataKey")...),
			unserved(flows, "logs:CreateLogStream", "logs:PutLogEvents")...),
			unserved(gateway, "states:StartSyncExecution")...),
			serveByAnother(schedules), serveByAnother(reminds), serveByAnother(flows)),
	}
}

// lets tells whether a policy of a resource lets a service take an action.
func lets(document any, service, action, condition string) bool {
	for _, s := range statements(document) {
		if s["Effect"] != "Allow" || Get(s, "Principal.Service") != service || !contains(s["Condition"], condition) {
			continue
		}
		for _, a := range actionsOf(s) {
			if a == action {
				return true
			}
		}
	}
	return false
}

func servicesLetIn() Item {
	const queuePolicy, bucketPolicy, key = "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::KMS::Key"
	events := func(t *Templates) Resource {
		for _, r := range t.Core.Resources(queuePolicy) {
			if pointee(r.Get("Queues.0")) == deadQueue(t, config.DeadEvents).ID {
				return r
			}
		}
		return Resource{Properties: map[string]any{}}
	}
	trail := func(t *Templates) Resource { return first(t.Core.Resources("AWS::CloudTrail::Trail")) }
	bucket := func(t *Templates) Resource {
		return first(Where(t.Core.Resources(bucketPolicy), "Bucket", trail(t).Get("S3BucketName")))
	}
	keyOfTrail := func(t *Templates) Resource { return byID(t, pointee(trail(t).Get("KMSKeyId"))) }
	deny := func(what string, of func(*Templates) Resource, document, service, action string) Mutation {
		return Mutation{what, func(t *Templates) {
			for _, s := range statements(of(t).Get(document)) {
				if Get(s, "Principal.Service") == service {
					var kept []any
					for _, a := range actionsOf(s) {
						if a != action {
							kept = append(kept, a)
						}
					}
					s["Action"] = kept
				}
			}
		}}
	}
	const trails = "cloudtrail.amazonaws.com"
	return Item{
		IDs: []string{"D.served"}, Property: "EventBridge may keep dead letters of its rule, CloudTrail may look at its bucket, write there and use the key",
		Check: func(t *Templates) error {
			if !lets(events(t).Get("PolicyDocument"), "events.amazonaws.com", "sqs:SendMessage", changedRule(t).ID) {
				return errors.New("EventBridge may not keep dead letters")
			}
			if trailElsewhere(t) {
				return nil
			}
			name := "trail/" + Plain(trail(t).Get("TrailName"))
			for _, action := range []string{"s3:GetBucketAcl", "s3:PutObject"} {
				if !lets(bucket(t).Get("PolicyDocument"), trails, action, name) {
					return fmt.Errorf("CloudTrail may not %s", action)
				}
			}
			for _, action := range []string{"kms:GenerateDataKey", "kms:DescribeKey"} {
				if !lets(keyOfTrail(t).Get("KeyPolicy"), trails, action, name) {
					return fmt.Errorf("CloudTrail may not %s", action)
				}
			}
			return nil
		},
		Mutations: []Mutation{
			deny("EventBridge may not send", events, "PolicyDocument", "events.amazonaws.com", "sqs:SendMessage"),
			deny("CloudTrail may not look at its bucket", bucket, "PolicyDocument", trails, "s3:GetBucketAcl"),
			deny("CloudTrail may not write", bucket, "PolicyDocument", trails, "s3:PutObject"),
			deny("CloudTrail may not encrypt", keyOfTrail, "KeyPolicy", trails, "kms:GenerateDataKey"),
			deny("CloudTrail may not look at the key", keyOfTrail, "KeyPolicy", trails, "kms:DescribeKey"),
			{"the trail has another name than its policies", func(t *Templates) { trail(t).Set("TrailName", "other") }},
		},
	}
}

// logsEncrypted: CloudWatch refuses to make a log group under a key that is not for it.
func logsEncrypted() Item {
	const group = "AWS::Logs::LogGroup"
	return Item{
		IDs: []string{"D.served", "S1.81", "S2.64b"}, Property: "each log group, of whatever it is, forgets after 30 days, and CloudWatch may use its key for it",
		Check: func(t *Templates) error {
			var errs []error
			for _, r := range t.Core.Resources(group) {
				arn := "arn:aws:logs:" + t.Config.Region + ":" + t.Config.Account + ":log-group:" + Plain(r.Get("LogGroupName"))
				errs = append(errs, want(r.ID+": days kept", r.Get("RetentionInDays"), 30))
				may := false
				for _, s := range statements(byID(t, pointee(r.Get("KmsKeyId"))).Get("KeyPolicy")) {
					if s["Effect"] != "Allow" || Get(s, "Principal.Service") != "logs."+t.Config.Region+".amazonaws.com" {
						continue
					}
					condition, _ := Get(s, "Condition.ArnLike").(map[string]any)
					for _, pattern := range list(condition["kms:EncryptionContext:aws:logs:arn"]) {
						may = may || like(pattern, arn)
					}
				}
				if !may {
					errs = append(errs, fmt.Errorf("%s: its key is not for %s", r.ID, arn))
				}
			}
			if len(t.Core.Resources(group)) < len(config.All())+len(states.Machines()) {
				errs = append(errs, errors.New("log groups are missing"))
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			{"a log group has a name that the key does not know", func(t *Templates) { last(t.Core.Resources(group)).Set("LogGroupName", "/other") }},
			{"a log of the database is kept for ever", func(t *Templates) {
				for _, r := range t.Core.Resources(group) {
					if strings.HasPrefix(Plain(r.Get("LogGroupName")), t.Config.DatabaseLog("")) {
						r.Set("RetentionInDays", nil)
					}
				}
			}},
			{"the key is for the logs of functions alone", func(t *Templates) {
				for _, r := range t.Core.Resources("AWS::KMS::Key") {
					for _, s := range statements(r.Get("KeyPolicy")) {
						if condition, ok := Get(s, "Condition.ArnLike").(map[string]any); ok && condition["kms:EncryptionContext:aws:logs:arn"] != nil {
							condition["kms:EncryptionContext:aws:logs:arn"] = []any{"arn:aws:logs:" + t.Config.Region + ":" + t.Config.Account + ":log-group:/aws/lambda/*"}
						}
					}
				}
			}},
		},
	}
}
