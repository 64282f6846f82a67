package proof

import (
	"fmt"
	"slices"
	"strings"
)

func accessItems() []Item {
	items := []Item{operatorMFA(), operatorBlind(), forwarding(), trailItem(), trailBucket(), budgeted(), namedActions()}
	for _, one := range []struct{ id, what, action string }{
		{"S2.11a", "CloudWatch Logs", "logs:FilterLogEvents logs:GetLogEvents logs:StartQuery logs:GetQueryResults logs:DescribeLogGroups"},
		{"S2.11b", "CloudWatch metrics", "cloudwatch:GetMetricData cloudwatch:ListMetrics cloudwatch:DescribeAlarms cloudwatch:GetDashboard"},
		{"S2.11c", "Lambda", "lambda:GetFunctionConfiguration lambda:ListFunctions lambda:ListAliases"},
		{"S2.11d", "API Gateway", "apigateway:GET"},
		{"S2.11e", "RDS", "rds:DescribeDBClusters rds:DescribeDBInstances rds:DescribeDBClusterSnapshots"},
	} {
		items = append(items, operatorReads(one.id, one.what, strings.Fields(one.action)))
	}
	return items
}

// policiesOf gives the statements that a role has, its own and those of policies.
func policiesOf(t *Template, role Resource) []map[string]any {
	var out []map[string]any
	for _, inline := range several(role.Get("Policies")) {
		out = append(out, statements(Get(inline, "PolicyDocument"))...)
	}
	for _, r := range t.Resources("AWS::IAM::Policy") {
		if mentions(r.Get("Roles"), role.ID) {
			out = append(out, statements(r.Get("PolicyDocument"))...)
		}
	}
	return out
}

func operatorRole(t *Templates) Resource {
	for _, role := range Where(t.Core.Resources("AWS::IAM::Role"), "RoleName", t.Config.CoreStack()+"-operator") {
		return role
	}
	return Resource{Properties: map[string]any{}}
}

// operatorReads: each kind of thing that an operator looks at.
func operatorReads(id, what string, actions []string) Item {
	item := Item{IDs: []string{id, "S2.11"}, Property: "operators may read " + what, Check: func(t *Templates) error {
		var may []string
		for _, s := range policiesOf(t.Core, operatorRole(t)) {
			if s["Effect"] == "Allow" {
				may = append(may, actionsOf(s)...)
			}
		}
		for _, action := range actions {
			if !slices.Contains(may, action) {
				return fmt.Errorf("operators may not %s", action)
			}
		}
		return nil
	}}
	for _, action := range actions {
		item.Mutations = append(item.Mutations, Mutation{action + " is taken away", func(t *Templates) {
			for _, s := range policiesOf(t.Core, operatorRole(t)) {
				s["Action"] = slices.DeleteFunc(slices.Clone(several(s["Action"])), func(a any) bool { return a == action })
			}
		}})
	}
	return item
}

// operatorMFA: the role is taken with a second factor.
func operatorMFA() Item {
	return Item{
		IDs: []string{"S2.11"}, Property: "roles for people are taken by principals of the configuration, with MFA",
		Check: func(t *Templates) error {
			people := 0
			for _, role := range t.Core.Resources("AWS::IAM::Role") {
				for _, s := range statements(role.Get("AssumeRolePolicyDocument")) {
					if Get(s, "Principal.AWS") == nil {
						continue
					}
					people++
					if Equal(Get(s, "Principal.AWS"), "*") || !Equal(Get(s, "Condition.Bool.aws:MultiFactorAuthPresent"), "true") {
						return fmt.Errorf("%s is taken without MFA, or by anybody", role.ID)
					}
				}
			}
			if people == 0 {
				return fmt.Errorf("no role is for people")
			}
			return nil
		},
		Mutations: []Mutation{
			{"MFA is not asked for", func(t *Templates) {
				delete(statements(operatorRole(t).Get("AssumeRolePolicyDocument"))[0], "Condition")
			}},
			{"anybody may take it", func(t *Templates) {
				statements(operatorRole(t).Get("AssumeRolePolicyDocument"))[0]["Principal"] = map[string]any{"AWS": "*"}
			}},
			{"there is none", func(t *Templates) { t.Core.Remove(operatorRole(t).ID) }},
		},
	}
}

// operatorBlind: reading how it does is not reading what is in it.
func operatorBlind() Item {
	reads := []string{"Describe", "Get", "List", "Filter", "StartQuery", "StopQuery", "BatchGetTraces", "GET"}
	forbidden := []string{
		"kms:", "secretsmanager:", "ssm:", "s3:", "dynamodb:", "rds-db:", "rds-data:", "sts:", "iam:", "lambda:GetFunction",
		"rds:DownloadDBLogFilePortion", "sqs:",
	}
	mutate := func(action string) Mutation {
		return Mutation{"operators may " + action, func(t *Templates) {
			s := policiesOf(t.Core, operatorRole(t))[0]
			s["Action"] = append(slices.Clone(several(s["Action"])), action)
		}}
	}
	return Item{
		IDs: []string{"S2.11", "S1.85"}, Property: "operators read and change nothing, and reach no secret, key, row, code or message",
		Check: func(t *Templates) error {
			granted := policiesOf(t.Core, operatorRole(t))
			if len(granted) == 0 || operatorRole(t).Get("ManagedPolicyArns") != nil {
				return fmt.Errorf("the role has no policy of ours, or one of AWS's")
			}
			for _, s := range granted {
				for _, action := range actionsOf(s) {
					_, verb, _ := strings.Cut(action, ":")
					if !slices.ContainsFunc(reads, func(r string) bool { return strings.HasPrefix(verb, r) }) || strings.Contains(action, "*") {
						return fmt.Errorf("operators may %s", action)
					}
					for _, no := range forbidden {
						if action == no || strings.HasSuffix(no, ":") && strings.HasPrefix(action, no) {
							return fmt.Errorf("operators may %s", action)
						}
					}
				}
			}
			return nil
		},
		Mutations: []Mutation{
			mutate("secretsmanager:GetSecretValue"), mutate("kms:Decrypt"), mutate("lambda:GetFunction"), mutate("lambda:InvokeFunction"),
			mutate("s3:GetObject"), mutate("logs:Get*"), mutate("states:StartExecution"),
			{"it has a policy of AWS's", func(t *Templates) {
				operatorRole(t).Set("ManagedPolicyArns", []any{"arn:aws:iam::aws:policy/ReadOnlyAccess"})
			}},
		},
	}
}

// forwarding: no host stands in the network, unless somebody may forward a port; and
// then nothing can connect to it.
func forwarding() Item {
	const typ = "AWS::EC2::Instance"
	return Item{
		IDs: []string{"S2.12"}, Property: "no bastion: a host stands only where people may forward a port, and lets nothing in",
		Check: func(t *Templates) error {
			hosts := t.Core.Resources(typ)
			if want := len(t.Config.People.Forwarding) > 0; (len(hosts) == 1) != want || len(hosts) > 1 {
				return fmt.Errorf("%d hosts, and the configuration names %d people", len(hosts), len(t.Config.People.Forwarding))
			}
			n := readNetwork(t.Core)
			for _, host := range hosts {
				if host.Get("MetadataOptions.HttpTokens") != "required" || !Equal(host.Get("BlockDeviceMappings.0.Ebs.Encrypted"), true) || host.Get("KeyName") != nil {
					return fmt.Errorf("%s has a key, a plain disk or the old metadata service", host.ID)
				}
				for _, v := range several(host.Get("SecurityGroupIds")) {
					for _, rule := range n.rules[nameOf(v)] {
						if !rule.egress {
							return fmt.Errorf("%s lets connections in", host.ID)
						}
					}
				}
			}
			return nil
		},
		Mutations: []Mutation{{"a bastion stands in the network", func(t *Templates) {
			resources := t.Core.root["Resources"].(map[string]any)
			resources["Bastion"] = map[string]any{"Type": typ, "Properties": map[string]any{"KeyName": "ssh"}}
			resources["Another"] = map[string]any{"Type": typ, "Properties": map[string]any{}}
		}}},
	}
}

func trailElsewhere(t *Templates) bool { return t.Config.People.TrailElsewhere }

func trailItem() Item {
	return demand{typ: "AWS::CloudTrail::Trail", unless: trailElsewhere, wants: []must{
		{path: "IsLogging", value: true, worse: false},
		{path: "IsMultiRegionTrail", value: true, worse: false},
		{path: "IncludeGlobalServiceEvents", value: true, worse: false},
		{path: "EnableLogFileValidation", value: true, worse: false},
		{path: "KMSKeyId", holds: customerKey, worse: "alias/aws/s3"},
		{path: "S3BucketName", holds: func(_ *Templates, v any) bool { return referred(v) != "" }, worse: "elsewhere"},
	}}.item("CloudTrail records the calls of every region in signed files, under a customer key", "S2.66a")
}

func trailBucket() Item {
	const bucket = "AWS::S3::Bucket"
	of := func(t *Templates) Resource {
		id := referred(last(t.Core.Resources("AWS::CloudTrail::Trail")).Get("S3BucketName"))
		for _, r := range t.Core.Resources(bucket) {
			if r.ID == id {
				return r
			}
		}
		return Resource{Properties: map[string]any{}}
	}
	policy := func(t *Templates) Resource {
		for _, r := range t.Core.Resources("AWS::S3::BucketPolicy") {
			if mentions(r.Get("Bucket"), of(t).ID) {
				return r
			}
		}
		return Resource{Properties: map[string]any{}}
	}
	blocked := []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
	item := Item{
		IDs: []string{"S2.66a", "S1.81", "S1.82", "S2.62"}, Property: "the trail's bucket is private, encrypted with a customer key, versioned, TLS only, and forgets after 400 days",
		Check: func(t *Templates) error {
			if trailElsewhere(t) {
				return nil
			}
			b := of(t)
			for _, block := range blocked {
				if !Equal(b.Get("PublicAccessBlockConfiguration."+block), true) {
					return fmt.Errorf("%s is not set", block)
				}
			}
			rule := "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault"
			if b.Get(rule+".SSEAlgorithm") != "aws:kms" || !customerKey(t, b.Get(rule+".KMSMasterKeyID")) {
				return fmt.Errorf("the bucket is encrypted as %s", Text(b.Get(rule)))
			}
			if b.Get("VersioningConfiguration.Status") != "Enabled" || numberOf(b.Get("LifecycleConfiguration.Rules.0.ExpirationInDays")) != 400 {
				return fmt.Errorf("versions or expiry are not set")
			}
			if p := Text(policy(t).Get("PolicyDocument")); !strings.Contains(p, `"aws:SecureTransport":"false"`) || !strings.Contains(p, `"s3:TlsVersion":1.2`) ||
				!strings.Contains(p, `"aws:SourceArn":"arn:aws:cloudtrail:`) {
				return fmt.Errorf("the bucket's policy is %s", p)
			}
			return nil
		},
		Mutations: []Mutation{
			{"it is encrypted with S3's key", func(t *Templates) {
				of(t).Set("BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault", map[string]any{"SSEAlgorithm": "AES256"})
			}},
			{"it has no versions", func(t *Templates) { of(t).Set("VersioningConfiguration", nil) }},
			{"it keeps for ever", func(t *Templates) { of(t).Set("LifecycleConfiguration", nil) }},
			{"it has no policy", func(t *Templates) { t.Core.Remove(policy(t).ID) }},
		},
	}
	for _, block := range blocked {
		item.Mutations = append(item.Mutations, Mutation{block + " is off", func(t *Templates) { of(t).Set("PublicAccessBlockConfiguration."+block, false) }})
	}
	return item
}

// budgeted: the ceiling of the requirements is watched.
func budgeted() Item {
	const typ = "AWS::Budgets::Budget"
	return demand{typ: typ, unless: func(t *Templates) bool { return t.Config.People.MonthlyBudget == 0 }, wants: []must{
		{path: "Budget.BudgetLimit.Amount", holds: func(t *Templates, v any) bool { return numberOf(v) == float64(t.Config.People.MonthlyBudget) }, worse: 100000},
		{path: "Budget.TimeUnit", value: "MONTHLY", worse: "ANNUALLY"},
		{path: "Budget.CostFilters.TagKeyValue.0", value: "user:Project$nigredo", worse: "user:Project$other"},
		{path: "NotificationsWithSubscribers.0.Subscribers.0.SubscriptionType", value: "EMAIL"},
	}}.item("the team is told when a month is going to cost more than the ceiling", "S2.77f")
}

// namedActions: what the ground grants, it grants by name.
func namedActions() Item {
	return Item{
		IDs: []string{"S1.85"}, Property: "no policy of a role allows an action by a wildcard, or comes from AWS with more than it says",
		Check: func(t *Templates) error {
			for _, r := range t.Core.Resources("AWS::IAM::Policy") {
				for _, s := range statements(r.Get("PolicyDocument")) {
					for _, action := range actionsOf(s) {
						if s["Effect"] == "Allow" && strings.Contains(action, "*") {
							return fmt.Errorf("%s allows %s", r.ID, action)
						}
					}
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"a policy allows everything", func(t *Templates) {
				statements(last(t.Core.Resources("AWS::IAM::Policy")).Get("PolicyDocument"))[0]["Action"] = "*"
			}},
			{"a policy allows every action of a service", func(t *Templates) {
				statements(last(t.Core.Resources("AWS::IAM::Policy")).Get("PolicyDocument"))[0]["Action"] = []any{"rds:*"}
			}},
		},
	}
}
