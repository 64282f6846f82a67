package proof

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// checkQuestions puts to the policies what somebody who took a function over would
// try, and what each must be able to do.
func checkQuestions(t *Templates) error {
	rights := Rights(t.Core)
	var errs []error
	ask := func(who, role, action, resource string, context map[string]string, wanted bool) {
		if may := May(rights, role, action, resource, context); may != wanted {
			errs = append(errs, fmt.Errorf("%s: %s on %s: %v, want %v", who, action, resource, may, wanted))
		}
	}
	live := map[string]string{"states:StateMachineQualifier": config.Alias}
	database, logs, aliases := users(t, rights), map[string]string{}, map[string]string{}
	for _, f := range config.All() {
		logs[f.Activity], aliases[f.Activity] = "${"+logOf(t, f.Activity).ID+".Arn}", "${"+aliasOf(t, f.Activity).ID+"}"
	}
	for _, f := range config.All() {
		role := roleOfFunction(t, f.Activity)
		for _, other := range config.All() {
			ask(f.Activity, role, "rds-db:connect", database+other.DatabaseUser(), nil, f.ByToken() && other.Activity == f.Activity)
			ask(f.Activity, role, "logs:PutLogEvents", logs[other.Activity], nil, other.Activity == f.Activity)
			ask(f.Activity, role, "lambda:InvokeFunction", aliases[other.Activity], nil, false)
		}
		for activity, variable := range secretsOf {
			if f.Activity != "stamp" || activity != "validate" { // they share one
				secret := Plain(functionOf(t, activity).Get("Environment.Variables." + variable))
				ask(f.Activity, role, "secretsmanager:GetSecretValue", secret, nil, activity == f.Activity || (activity == "stamp" && f.Activity == "validate"))
			}
		}
		for _, m := range states.Machines() {
			starts := f.Activity == "release" && m.Name == "fibonacci_delivery" || f.Activity == "redrives" && m.Name == "redrive_campaign"
			ask(f.Activity, role, "states:StartExecution", machineARN(t.Config, m.Name), live, starts)
			ask(f.Activity, role, "states:StartExecution", machineARN(t.Config, m.Name), nil, false) // past its alias
		}
		// Lambda may make interfaces for the function, whose own code may not.
		inVPC, self := f.Place != config.Outside, map[string]string{
			"lambda:SourceFunctionArn": "arn:aws:lambda:" + t.Config.Region + ":" + t.Config.Account + ":function:" + t.Config.Function(f),
		}
		ask(f.Activity+" (Lambda)", role, "ec2:DescribeNetworkInterfaces", "*", nil, inVPC)
		ask(f.Activity+" (its code)", role, "ec2:DescribeNetworkInterfaces", "*", self, false)
		ask(f.Activity+" (its code)", role, "ec2:DeleteNetworkInterface", "arn:aws:ec2:"+t.Config.Region+":"+t.Config.Account+":network-interface/eni-0", self, false)
	}
	for _, role := range ourRoles(t) {
		for _, action := range []string{
			"iam:PassRole", "iam:CreateUser", "iam:AttachRolePolicy", "sts:AssumeRole", "lambda:UpdateFunctionCode",
			"states:UpdateStateMachine", "s3:GetObject", "rds:DeleteDBCluster",
		} {
			ask(role, role, action, "anything", nil, false)
		}
		for _, key := range t.Core.Resources("AWS::KMS::Key") {
			// Without the context of one secret, function or machine a key opens nothing.
			for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "kms:CreateGrant"} {
				ask(role, role, action, "${"+key.ID+".Arn}", nil, false)
			}
		}
	}
	return errors.Join(errs...)
}

// users is the beginning of the ARN of every database user, as Deliver's role names it.
func users(t *Templates, rights []Right) string {
	deliver := roleOfFunction(t, "deliver")
	for _, right := range rights {
		if right.Role == deliver && right.Action == "rds-db:connect" {
			return right.Resource[:strings.LastIndexByte(right.Resource, '/')+1]
		}
	}
	return "no user of Deliver's/"
}

func questionMutations() []Mutation {
	return []Mutation{
		{"CreateLead may connect as Deliver", func(t *Templates) {
			grant(t, roleOfFunction(t, "persist"), "rds-db:connect", users(t, Rights(t.Core))+"nigredo_deliver")
		}},
		{"CreateLead may not connect", func(t *Templates) { setRight(t, "persist", "rds-db:connect", "nigredo_persist", "nigredo_x") }},
		{"CreateLead may read the owner's password", func(t *Templates) {
			grant(t, roleOfFunction(t, "persist"), "secretsmanager:GetSecretValue", functionOf(t, "migrate").Get("Environment.Variables.NIGREDO_DATABASE_SECRET_ARN"))
		}},
		{"Deliver may not read its secret", func(t *Templates) {
			setRight(t, "deliver", "secretsmanager:GetSecretValue", "${", "x${")
		}},
		{"Release may start campaigns", func(t *Templates) {
			grant(t, roleOfFunction(t, "release"), "states:StartExecution", machineARN(t.Config, "redrive_campaign"))
		}},
		{"Release may start past the alias", func(t *Templates) {
			grant(t, roleOfFunction(t, "release"), "states:StartExecution", machineARN(t.Config, "fibonacci_delivery"))
		}},
		{"CreateLead may write the log of Deliver", func(t *Templates) {
			grant(t, roleOfFunction(t, "persist"), "logs:PutLogEvents", map[string]any{"Fn::GetAtt": []any{logOf(t, "deliver").ID, "Arn"}})
		}},
		{"CreateLead may call Deliver", func(t *Templates) {
			grant(t, roleOfFunction(t, "persist"), "lambda:InvokeFunction", map[string]any{"Ref": aliasOf(t, "deliver").ID})
		}},
		{"the code of CreateLead may take interfaces away", func(t *Templates) {
			role := byID(t, roleOfFunction(t, "persist"))
			statements, _ := role.Get("Policies.0.PolicyDocument.Statement").([]any)
			for _, statement := range statements {
				if Equal(Get(statement, "Effect"), "Deny") {
					statement.(map[string]any)["Action"] = "ec2:None"
				}
			}
		}},
		{"CreateLead may hand roles on", func(t *Templates) { grant(t, roleOfFunction(t, "persist"), "iam:*", "*") }},
		{"lead_intake may use every key", func(t *Templates) { grant(t, roleOfMachine(t, "lead_intake"), "kms:*", "*") }},
		{"the schedules may change machines", func(t *Templates) {
			grant(t, pointee(scheduleOf(t, "sweep").Get("Target.RoleArn")), "states:*", "*")
		}},
	}
}
