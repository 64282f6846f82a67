package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// roleItems are those of what roles may do, computed from the policies.
func roleItems() []Item {
	return []Item{
		{
			IDs:      []string{"S1.85", "S2.65a", "D.policies"},
			Property: "no action and no resource is a wildcard where a name can stand, and no managed policy is attached to a function's or a machine's role",
			Check:    checkWildcards,
			Mutations: []Mutation{
				{"CreateLead may do all to the database", func(t *Templates) { grant(t, roleOfFunction(t, "persist"), "rds-db:*", "arn:aws:rds-db:x") }},
				{"CreateLead may read every secret", func(t *Templates) { grant(t, roleOfFunction(t, "persist"), "secretsmanager:GetSecretValue", "*") }},
				{"CreateLead may do everything", func(t *Templates) { grant(t, roleOfFunction(t, "persist"), "*", "*") }},
				{"CreateLead may do all but one thing", func(t *Templates) {
					addStatement(t, roleOfFunction(t, "persist"), map[string]any{"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "x"})
				}},
				{"lead_intake may call every function", func(t *Templates) {
					grant(t, roleOfMachine(t, "lead_intake"), "lambda:InvokeFunction", "arn:aws:lambda:us-east-1:000000000000:function:*")
				}},
				{"a managed policy is attached", func(t *Templates) {
					byID(t, roleOfFunction(t, "persist")).Set("ManagedPolicyArns", []any{"arn:aws:iam::aws:policy/AdministratorAccess"})
				}},
			},
		},
		{
			IDs:      []string{"S1.85", "S2.65a"},
			Property: "a machine's role may call the aliases that its states name, start, describe and redrive what they name, and no more",
			Check:    eachMachine(checkMachineRole),
			Mutations: []Mutation{
				{"lead_intake may call Deliver", func(t *Templates) {
					grant(t, roleOfMachine(t, "lead_intake"), "lambda:InvokeFunction", map[string]any{"Ref": aliasOf(t, "deliver").ID})
				}},
				{"lead_intake may not call CreateLead", func(t *Templates) {
					setMachine("lead_intake", "DefinitionSubstitutions.PersistArn", map[string]any{"Ref": aliasOf(t, "deliver").ID})(t)
				}},
				{"lead_intake may start campaigns", func(t *Templates) {
					grant(t, roleOfMachine(t, "lead_intake"), "states:StartExecution", machineARN(t.Config, "redrive_campaign"))
				}},
				{"the sweep may redrive", func(t *Templates) {
					grant(t, roleOfMachine(t, "delivery_sweep"), "states:RedriveExecution", executions(t, "fibonacci_delivery"))
				}},
				{"lead_intake has no role of its own", func(t *Templates) {
					machineOf(t, "lead_intake").Set("RoleArn", machineOf(t, "delivery_sweep").Get("RoleArn"))
				}},
				{"anybody's machine may take the role", func(t *Templates) {
					byID(t, roleOfMachine(t, "lead_intake")).Set("AssumeRolePolicyDocument.Statement.0.Condition", nil)
				}},
			},
		},
		{
			IDs:       []string{"S1.85", "S2.65a", "D.identity"},
			Property:  "asked what must and must not be, the policies answer as they should",
			Check:     checkQuestions,
			Mutations: questionMutations(),
		},
	}
}

func roleOfFunction(t *Templates, activity string) string {
	return pointee(functionOf(t, activity).Get("Role"))
}

func roleOfMachine(t *Templates, name string) string {
	return pointee(machineOf(t, name).Get("RoleArn"))
}

func executions(t *Templates, machine string) string {
	return strings.Replace(machineARN(t.Config, machine), ":stateMachine:", ":execution:", 1) + ":*"
}

// grant adds a right to a role, without a condition.
func grant(t *Templates, role, action string, resource any) {
	addStatement(t, role, map[string]any{"Effect": "Allow", "Action": action, "Resource": resource})
}

func addStatement(t *Templates, role string, statement map[string]any) {
	const path = "Policies.0.PolicyDocument.Statement"
	r := byID(t, role)
	statements, _ := r.Get(path).([]any)
	r.Set(path, append(slices.Clone(statements), statement))
}

// ourRoles are those of functions, machines and schedules.
func ourRoles(t *Templates) []string {
	var roles []string
	for _, f := range config.All() {
		roles = append(roles, roleOfFunction(t, f.Activity))
	}
	for _, m := range states.Machines() {
		roles = append(roles, roleOfMachine(t, m.Name))
	}
	for _, s := range ourSchedules(t) {
		roles = append(roles, pointee(s.Get("Target.RoleArn")))
	}
	return roles
}

// wild are the actions that may have a wildcard for a resource, each with the reason.
var wild = map[string]string{
	"ec2:AssignPrivateIpAddresses":   "an interface has no name before Lambda makes it",
	"ec2:CreateNetworkInterface":     "an interface has no name before Lambda makes it; subnets and group are named",
	"ec2:DeleteNetworkInterface":     "Lambda takes no narrower resource than all of the account",
	"ec2:DescribeNetworkInterfaces":  "EC2 knows no resource for it",
	"ec2:DescribeSubnets":            "EC2 knows no resource for it",
	"ec2:UnassignPrivateIpAddresses": "an interface has no name before Lambda makes it",
	"logs:CreateLogDelivery":         "the delivery of logs knows no resources",
	"logs:DeleteLogDelivery":         "the delivery of logs knows no resources",
	"logs:DescribeLogGroups":         "the delivery of logs knows no resources",
	"logs:DescribeResourcePolicies":  "the delivery of logs knows no resources",
	"logs:GetLogDelivery":            "the delivery of logs knows no resources",
	"logs:ListLogDeliveries":         "the delivery of logs knows no resources",
	"logs:PutResourcePolicy":         "the delivery of logs knows no resources",
	"logs:UpdateLogDelivery":         "the delivery of logs knows no resources",
	"states:DescribeExecution":       "an execution is named for its lead; its machine is named",
	"states:RedriveExecution":        "an execution is named for its lead; its machine is named",
	"states:StopExecution":           "an execution is named for its batch; its machine is named",
	"xray:GetSamplingRules":          "X-Ray knows no resources",
	"xray:GetSamplingTargets":        "X-Ray knows no resources",
	"xray:PutSpans":                  "X-Ray knows no resources",
	"xray:PutSpansForIndexing":       "X-Ray knows no resources",
	"xray:PutTelemetryRecords":       "X-Ray knows no resources",
	"xray:PutTraceSegments":          "X-Ray knows no resources",
}

func checkWildcards(t *Templates) error {
	roles := ourRoles(t)
	var errs []error
	for _, right := range Rights(t.Core) {
		if right.Effect != "Allow" || !slices.Contains(roles, right.Role) {
			continue
		}
		if strings.Contains(right.Action, "*") || right.Action == "managed" {
			errs = append(errs, fmt.Errorf("%s: a wildcard or a policy of somebody else's", right))
		}
		if strings.Contains(right.Resource, "*") && wild[right.Action] == "" {
			errs = append(errs, fmt.Errorf("%s: a name could stand there", right))
		}
	}
	return errors.Join(errs...)
}

// checkMachineRole compares what a role may do with what the states of the deployed
// definition do.
func checkMachineRole(t *Templates, name string, r Resource) error {
	needed := map[string]bool{}
	err := eachState(r, func(_ string, s map[string]any) {
		value := func(path string) string {
			key := strings.Trim(Plain(Get(s, path)), "${}")
			return Plain(r.Get("DefinitionSubstitutions." + key))
		}
		switch resource := Plain(s["Resource"]); resource {
		case "arn:aws:states:::lambda:invoke":
			needed["lambda:InvokeFunction "+value("Arguments.FunctionName")] = true
		case "arn:aws:states:::states:startExecution", "arn:aws:states:::states:startExecution.sync:2":
			for _, m := range states.Machines() {
				started := value("Arguments.StateMachineArn")
				if started != "${"+releaseOf(t, m.Name).ID+"}" && started != machineARN(t.Config, m.Name)+":"+config.Alias {
					continue
				}
				needed["states:StartExecution "+machineARN(t.Config, m.Name)] = true
				if strings.HasSuffix(resource, ".sync:2") {
					for _, action := range []string{"states:DescribeExecution ", "states:StopExecution "} {
						needed[action+executions(t, m.Name)] = true
					}
					for _, action := range []string{"events:DescribeRule", "events:PutRule", "events:PutTargets"} {
						needed[action+" arn:aws:events:"+t.Config.Region+":"+t.Config.Account+":rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"] = true
					}
				}
			}
		// All executions that our machines look at or redrive are deliveries.
		case "arn:aws:states:::aws-sdk:sfn:describeExecution":
			needed["states:DescribeExecution "+executions(t, "fibonacci_delivery")] = true
		case "arn:aws:states:::aws-sdk:sfn:redriveExecution":
			needed["states:RedriveExecution "+executions(t, "fibonacci_delivery")] = true
		}
	})
	errs := []error{err}
	role := byID(t, pointee(r.Get("RoleArn")))
	may := map[string]bool{}
	for _, right := range Rights(t.Core) {
		service, _, _ := strings.Cut(right.Action, ":")
		if right.Role != role.ID || slices.Contains([]string{"logs", "xray", "kms"}, service) {
			continue
		}
		may[right.Action+" "+right.Resource] = true
		if right.Action == "states:StartExecution" {
			errs = append(errs, want(name+": started by", right.Conditions, map[string]any{
				"ForAnyValue:StringEquals": map[string]any{"states:StateMachineQualifier": []string{config.Alias}},
			}))
		}
	}
	errs = append(errs, want(name+": may do", may, needed), want(name+": who may take its role", role.Get("AssumeRolePolicyDocument.Statement.0"), map[string]any{
		"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": map[string]any{"Service": "states.amazonaws.com"},
		"Condition": map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": t.Config.Account},
			"ArnLike":      map[string]any{"aws:SourceArn": []string{machineARN(t.Config, name), machineARN(t.Config, name) + ":*"}},
		},
	}))
	return errors.Join(errs...)
}
