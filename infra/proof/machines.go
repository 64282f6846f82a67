package proof

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// machineItems are those of the state machines: that they are the files, what they
// name, how they are released and how long they may take.
func machineItems() []Item {
	return []Item{
		{
			IDs:      []string{"D.placeholders"},
			Property: "each machine is its file, of its type, with a value for every ${Placeholder} and for nothing else",
			Check:    eachMachine(checkDefinition),
			Mutations: []Mutation{
				{"lead_intake is away", func(t *Templates) { t.Core.Remove(machineOf(t, "lead_intake").ID) }},
				{"fibonacci_delivery is Express", setMachine("fibonacci_delivery", "StateMachineType", "EXPRESS")},
				{"a state was changed on the way", setDefinition("lead_intake", `"TimeoutSeconds": 2`, `"TimeoutSeconds": 3`)},
				{"a placeholder has no value", setMachine("delivery_sweep", "DefinitionSubstitutions.SweepArn", nil)},
				{"a value has no placeholder", setMachine("delivery_sweep", "DefinitionSubstitutions.NobodyArn", "x")},
			},
		},
		{
			IDs:      []string{"D.alias"},
			Property: "states call functions and start machines by the alias live, and derive executions from the machine itself",
			Check:    eachMachine(checkCalls),
			Mutations: []Mutation{
				{"a state calls what was deployed last", func(t *Templates) {
					setMachine("lead_intake", "DefinitionSubstitutions.PersistArn", map[string]any{"Fn::GetAtt": []any{functionOf(t, "persist").ID, "Arn"}})(t)
				}},
				{"a state calls another function", func(t *Templates) {
					setMachine("lead_intake", "DefinitionSubstitutions.PersistArn", map[string]any{"Ref": aliasOf(t, "deliver").ID})(t)
				}},
				{"a machine is started past its alias", func(t *Templates) {
					setMachine("lead_intake", "DefinitionSubstitutions.FibonacciDeliveryArn", map[string]any{"Ref": machineOf(t, "fibonacci_delivery").ID})(t)
				}},
				{"executions are derived from an alias", func(t *Templates) {
					path := "DefinitionSubstitutions.FibonacciDeliveryMachineArn"
					setMachine("delivery_sweep", path, machineARN(t.Config, "fibonacci_delivery")+":live")(t)
				}},
			},
		},
		{
			IDs:      []string{"D.canary", "D.alias"},
			Property: "each function and machine has a version that is kept and the alias live on it; a machine's goes there by the configured canary under the three alarms",
			Check:    checkReleases,
			Mutations: []Mutation{
				{"a machine has no alias", func(t *Templates) { t.Core.Remove(releaseOf(t, "lead_intake").ID) }},
				{"a machine's old versions go", func(t *Templates) { versionOf(t, "lead_intake").Body["DeletionPolicy"] = "Delete" }},
				{"a machine's replaced versions go", func(t *Templates) { versionOf(t, "lead_intake").Body["UpdateReplacePolicy"] = "Delete" }},
				{"a version is never published anew", func(t *Templates) { versionOf(t, "lead_intake").Set("StateMachineRevisionId", nil) }},
				{"the canary is another", func(t *Templates) { releaseOf(t, "lead_intake").Set("DeploymentPreference.Type", "LINEAR") }},
				{"no alarm calls a release back", func(t *Templates) {
					releaseOf(t, "lead_intake").Set("DeploymentPreference.Alarms", []any{"nobody"})
				}},
				{"the canary takes half", func(t *Templates) { releaseOf(t, "lead_intake").Set("DeploymentPreference.Percentage", 50.0) }},
				{"a function has no alias", func(t *Templates) { t.Core.Remove(aliasOf(t, "persist").ID) }},
				{"a function's alias is what was deployed last", func(t *Templates) { aliasOf(t, "persist").Set("FunctionVersion", "$LATEST") }},
				{"a function's old versions go", func(t *Templates) {
					byID(t, pointee(aliasOf(t, "persist").Get("FunctionVersion"))).Body["DeletionPolicy"] = "Delete"
				}},
			},
		},
		{
			IDs:      []string{"D.errors"},
			Property: "every error that a deployed state matches is one of an activity or one of AWS's",
			Check:    eachMachine(checkErrors),
			Mutations: []Mutation{
				{"a state matches an error that nobody returns", setDefinition("lead_intake", `"Lead.Conflict"`, `"Lead.Conflicted"`)},
				{"a state matches an error that AWS does not have", setDefinition("fibonacci_delivery", `"Lambda.Unknown"`, `"Lambda.Unclear"`)},
			},
		},
		{
			IDs:      []string{"S1.104", "S1.105"},
			Property: "the deployed delivery tries three times, 5 and 20 seconds apart, and leaves an attempt the time for its 5 seconds",
			Check:    checkAttempts,
			Mutations: []Mutation{
				{"one attempt more", setDefinition("fibonacci_delivery", `"MaxAttempts": 2`, `"MaxAttempts": 3`)},
				{"pauses that do not grow", setDefinition("fibonacci_delivery", `"BackoffRate": 4`, `"BackoffRate": 1`)},
				{"another first pause", setDefinition("fibonacci_delivery", `"IntervalSeconds": 5`, `"IntervalSeconds": 1`)},
				{"throttling is not tried again", setDefinition("fibonacci_delivery", `, "Fibonacci.Throttled"]`, `]`)},
				{"a state that ends within the attempt", setDefinition("fibonacci_delivery", `"TimeoutSeconds": 15`, `"TimeoutSeconds": 5`)},
				{"a function that ends within the attempt", setFunction("deliver", "Timeout", 5.0)},
			},
		},
		{
			IDs:      []string{"S2.64b", "S2.78c"},
			Property: "each machine logs every event and no data to its own log group below /aws/vendedlogs, kept for 30 days",
			Check:    eachMachine(checkMachineLog),
			Mutations: []Mutation{
				{"only errors are logged", setMachine("lead_intake", "LoggingConfiguration.Level", "ERROR")},
				{"leads are logged", setMachine("lead_intake", "LoggingConfiguration.IncludeExecutionData", true)},
				{"nothing is logged", setMachine("lead_intake", "LoggingConfiguration", nil)},
				{"a log is kept for ever", func(t *Templates) { machineLogOf(machineOf(t, "lead_intake"), t).Set("RetentionInDays", nil) }},
				{"a log group counts against the size of the account's policy for logs", func(t *Templates) {
					machineLogOf(machineOf(t, "lead_intake"), t).Set("LogGroupName", "/nigredo/lead_intake")
				}},
			},
		},
		{
			IDs:      []string{"D.times"},
			Property: "a function outlives the state that calls it; lead_intake ends 4 seconds before API Gateway gives up, what answers a request before it, and the sweep within the 5 minutes of Express",
			Check:    checkTimes,
			Mutations: []Mutation{
				{"CreateLead ends before its state", setFunction("persist", "Timeout", 2.0)},
				{"lead_intake may take 28 seconds", setDefinition("lead_intake", `"TimeoutSeconds": 25`, `"TimeoutSeconds": 28`)},
				{"the sweep may take ten minutes", setDefinition("delivery_sweep", `"TimeoutSeconds": 290`, `"TimeoutSeconds": 600`)},
				{"ListLeads outlives its gateway", setFunction("list", "Timeout", 30.0)},
			},
		},
		{
			IDs:      []string{"S1.121a"},
			Property: "definitions and histories are encrypted with a key of ours where that is configured",
			Check:    eachMachine(checkMachineKey),
			Mutations: []Mutation{{"one machine differs", func(t *Templates) {
				var other any
				if !t.Config.Machines.CustomerKey {
					other = map[string]any{"Type": "CUSTOMER_MANAGED_KMS_KEY"}
				}
				machineOf(t, "lead_intake").Set("EncryptionConfiguration", other)
			}}},
		},
	}
}

// machineOf gives a state machine by the name of its file; its ID is "" when it is away.
func machineOf(t *Templates, name string) Resource {
	return first(Where(t.Core.Resources("AWS::StepFunctions::StateMachine"), "StateMachineName", t.Config.Machine(name)))
}

func machineARN(c *config.Config, name string) string {
	return "arn:aws:states:" + c.Region + ":" + c.Account + ":stateMachine:" + c.Machine(name)
}

func versionOf(t *Templates, name string) Resource {
	id := machineOf(t, name).ID
	return first(slices.DeleteFunc(t.Core.Resources("AWS::StepFunctions::StateMachineVersion"), func(r Resource) bool {
		return pointee(r.Get("StateMachineArn")) != id
	}))
}

// releaseOf gives the alias of a machine, by the version that it goes to.
func releaseOf(t *Templates, name string) Resource {
	id := versionOf(t, name).ID
	return first(slices.DeleteFunc(t.Core.Resources("AWS::StepFunctions::StateMachineAlias"), func(r Resource) bool {
		return pointee(r.Get("DeploymentPreference.StateMachineVersionArn")) != id
	}))
}

func machineLogOf(machine Resource, t *Templates) Resource {
	return byID(t, pointee(machine.Get("LoggingConfiguration.Destinations.0.CloudWatchLogsLogGroup.LogGroupArn")))
}

func setMachine(name, path string, value any) func(*Templates) {
	return func(t *Templates) { machineOf(t, name).Set(path, value) }
}

// setDefinition changes the first occurrence of a text in a definition.
func setDefinition(name, from, to string) func(*Templates) {
	return func(t *Templates) {
		m := machineOf(t, name)
		text := Plain(m.Get("DefinitionString"))
		if !strings.Contains(text, from) {
			panic("proof: " + name + " does not say " + from)
		}
		m.Set("DefinitionString", strings.Replace(text, from, to, 1))
	}
}

func eachMachine(check func(*Templates, string, Resource) error) func(*Templates) error {
	return func(t *Templates) error {
		var errs []error
		for _, m := range states.Machines() {
			r := machineOf(t, m.Name)
			if r.ID == "" {
				errs = append(errs, fmt.Errorf("no state machine %s", t.Config.Machine(m.Name)))
				continue
			}
			errs = append(errs, check(t, m.Name, r))
		}
		return errors.Join(errs...)
	}
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z][A-Za-z0-9]*)\}`)

func checkDefinition(_ *Templates, name string, r Resource) error {
	file, err := states.Definition(name)
	if err != nil {
		return err
	}
	errs := []error{want(name+": definition", r.Get("DefinitionString"), file)}
	for _, m := range states.Machines() {
		if m.Name == name {
			errs = append(errs, want(name+": type", r.Get("StateMachineType"), m.Type))
		}
	}
	values, _ := r.Get("DefinitionSubstitutions").(map[string]any)
	used := map[string]bool{}
	for _, match := range placeholder.FindAllStringSubmatch(Plain(r.Get("DefinitionString")), -1) {
		used[match[1]] = true
		if values[match[1]] == nil {
			errs = append(errs, fmt.Errorf("%s: no value for %s", name, match[0]))
		}
	}
	for value := range values {
		if !used[value] {
			errs = append(errs, fmt.Errorf("%s: a value for %s, which it does not have", name, value))
		}
	}
	return errors.Join(errs...)
}

// checkCalls holds every value of a placeholder against what its name says.
func checkCalls(t *Templates, name string, r Resource) error {
	allowed := map[string][]string{"FibonacciDeliveryMachineArn": {machineARN(t.Config, "fibonacci_delivery")}}
	for _, f := range config.All() {
		allowed[camel(f.Activity)+"Arn"] = []string{"${" + aliasOf(t, f.Activity).ID + "}"}
	}
	for _, m := range states.Machines() {
		allowed[camel(m.Name)+"Arn"] = []string{"${" + releaseOf(t, m.Name).ID + "}", machineARN(t.Config, m.Name) + ":" + config.Alias}
	}
	var errs []error
	values, _ := r.Get("DefinitionSubstitutions").(map[string]any)
	for key, value := range values {
		if !slices.Contains(allowed[key], Plain(value)) {
			errs = append(errs, fmt.Errorf("%s: %s is %s, want one of %v", name, key, Plain(value), allowed[key]))
		}
	}
	return errors.Join(errs...)
}

func camel(name string) string {
	var out strings.Builder
	for _, word := range strings.Split(name, "_") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

func retained(r Resource) error {
	if r.ID == "" {
		return errors.New("no version")
	}
	return errors.Join(want(r.ID+": deletion", r.Body["DeletionPolicy"], "Retain"), want(r.ID+": replacement", r.Body["UpdateReplacePolicy"], "Retain"))
}

func checkReleases(t *Templates) error {
	preference := map[string]any{"Type": "ALL_AT_ONCE"}
	if c := t.Config; c.Machines.CanaryPercent > 0 {
		preference = map[string]any{
			"Type": "CANARY", "Percentage": c.Machines.CanaryPercent, "Interval": c.Machines.CanaryMinutes,
			"Alarms": []string{c.Alarm("api-error-rate"), c.Alarm("api-latency-p99"), c.Alarm("webhook-failures")},
		}
	}
	err := eachMachine(func(t *Templates, name string, r Resource) error {
		version, alias := versionOf(t, name), releaseOf(t, name)
		preference["StateMachineVersionArn"] = map[string]any{"Ref": version.ID}
		return errors.Join(retained(version),
			want(name+": revision", Plain(version.Get("StateMachineRevisionId")), "${"+r.ID+".StateMachineRevisionId}"),
			want(name+": alias", alias.Get("Name"), config.Alias), want(name+": release", alias.Get("DeploymentPreference"), preference))
	})(t)
	return errors.Join(err, eachFunction(func(t *Templates, f config.Function, r Resource) error {
		version := byID(t, pointee(aliasOf(t, f.Activity).Get("FunctionVersion")))
		return errors.Join(want(f.Activity+": version of", pointee(version.Get("FunctionName")), r.ID), retained(version))
	})(t))
}

// ofAWS are the errors of AWS that our machines may match.
var ofAWS = []string{
	"States.ALL", "States.TaskFailed", "States.Timeout",
	"Lambda.AWSLambdaException", "Lambda.ClientExecutionTimeoutException", "Lambda.SdkClientException", "Lambda.ServiceException",
	"Lambda.TooManyRequestsException", "Lambda.Unknown",
	"Sfn.ExecutionDoesNotExistException", "Sfn.ExecutionNotRedrivableException", "Sfn.InvalidArnException",
	"StepFunctions.ExecutionAlreadyExists", "StepFunctions.ExecutionAlreadyExistsException",
}

func checkErrors(_ *Templates, name string, r Resource) error {
	var errs []error
	err := eachState(r, func(state string, s map[string]any) {
		for _, field := range []string{"Retry", "Catch"} {
			rules, _ := s[field].([]any)
			for _, rule := range rules {
				for _, matched := range list(Get(rule, "ErrorEquals")) {
					ours := slices.ContainsFunc(lead.Errors(), func(err error) bool { return err.Error() == matched })
					if !ours && !slices.Contains(ofAWS, matched) {
						errs = append(errs, fmt.Errorf("%s: %s: %s matches %s, which nobody returns", name, state, field, matched))
					}
				}
			}
		}
	})
	return errors.Join(append(errs, err)...)
}

// eachState visits the states of a deployed definition, those of maps too.
func eachState(r Resource, visit func(name string, state map[string]any)) error {
	var definition any
	if err := json.Unmarshal([]byte(Plain(r.Get("DefinitionString"))), &definition); err != nil {
		return fmt.Errorf("%s: read definition: %w", r.ID, err)
	}
	var walk func(v any)
	walk = func(v any) {
		all, _ := Get(v, "States").(map[string]any)
		for name, state := range all {
			visit(name, state.(map[string]any))
			walk(Get(state, "ItemProcessor"))
		}
	}
	walk(definition)
	return nil
}

func checkAttempts(t *Templates) error {
	const attempt = 5.0 // seconds, of activities/deliver
	errs := []error{errors.New("no state Deliver Webhook")}
	err := eachState(machineOf(t, "fibonacci_delivery"), func(name string, s map[string]any) {
		if name != "Deliver Webhook" {
			return
		}
		errs = []error{want("delivery: first retry", Get(s, "Retry.0"), map[string]any{
			"ErrorEquals":     []string{lead.ErrFibonacciUnavailable.Error(), lead.ErrFibonacciThrottled.Error()},
			"IntervalSeconds": 5, "MaxAttempts": 2, "BackoffRate": 4, "JitterStrategy": "NONE",
		})}
		if limit, _ := s["TimeoutSeconds"].(float64); limit <= attempt {
			errs = append(errs, fmt.Errorf("delivery: ends after %v s, an attempt takes %v", limit, attempt))
		}
	})
	if limit, _ := functionOf(t, "deliver").Get("Timeout").(float64); limit <= attempt {
		errs = append(errs, fmt.Errorf("deliver: ends after %v s, an attempt takes %v", limit, attempt))
	}
	return errors.Join(append(errs, err)...)
}

func checkMachineLog(t *Templates, name string, r Resource) error {
	return errors.Join(
		want(name+": level", r.Get("LoggingConfiguration.Level"), "ALL"),
		want(name+": data", r.Get("LoggingConfiguration.IncludeExecutionData"), false),
		checkLog(name, machineLogOf(r, t), t.Config.MachineLog(name)),
	)
}

func checkMachineKey(t *Templates, name string, r Resource) error {
	if !t.Config.Machines.CustomerKey {
		return want(name+": key", r.Get("EncryptionConfiguration"), nil)
	}
	key := byID(t, pointee(r.Get("EncryptionConfiguration.KmsKeyId")))
	return errors.Join(want(name+": key", r.Get("EncryptionConfiguration.Type"), "CUSTOMER_MANAGED_KMS_KEY"),
		want(name+": rotation of its key", key.Get("EnableKeyRotation"), true))
}
