package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// functionItems are those of the functions: what they are, where they log, whose name
// they bear in the database and how much of it they may take.
func functionItems() []Item {
	return []Item{
		{
			IDs:      []string{"S1.24", "S1.27", "S1.28", "S1.29", "S1.74"},
			Property: "each function of config.All stands under its name, arm64 on provided.al2023, with its memory and timeout",
			Check:    eachFunction(checkFunction),
			Mutations: []Mutation{
				{"CreateLead is away", func(t *Templates) { t.Core.Remove(functionOf(t, "persist").ID) }},
				{"ListLeads has another name", setFunction("list", "FunctionName", "Lists")},
				{"GetLead runs on x86", setFunction("get", "Architectures", []any{"x86_64"})},
				{"CreateLead runs on another runtime", setFunction("persist", "Runtime", "nodejs20.x")},
				{"CreateLead has another entry", setFunction("persist", "Handler", "index.handler")},
				{"Deliver ends too early", setFunction("deliver", "Timeout", 3.0)},
				{"Validate has no memory to be quick", setFunction("validate", "MemorySize", 128.0)},
			},
		},
		{
			IDs:      []string{"S2.33", "S2.34", "S2.35", "S2.64b", "S2.78c"},
			Property: "each function writes to its own log group, encrypted with a key of ours, kept for 30 days",
			Check:    eachFunction(checkFunctionLog),
			Mutations: []Mutation{
				{"the log group of CreateLead is away", func(t *Templates) { t.Core.Remove(logOf(t, "persist").ID) }},
				{"ListLeads logs under another name", func(t *Templates) { logOf(t, "list").Set("LogGroupName", "/aws/lambda/x") }},
				{"the log of GetLead is kept for ever", func(t *Templates) { logOf(t, "get").Set("RetentionInDays", nil) }},
				{"the log of CreateLead is kept for a year", func(t *Templates) { logOf(t, "persist").Set("RetentionInDays", 365.0) }},
				{"the log of CreateLead is in AWS's own encryption", func(t *Templates) { logOf(t, "persist").Set("KmsKeyId", nil) }},
				{"CreateLead logs elsewhere", setFunction("persist", "LoggingConfig", nil)},
			},
		},
		{
			IDs:      []string{"S1.80"},
			Property: "every function and every machine is traced",
			Check: func(t *Templates) error {
				errs := []error{eachFunction(func(_ *Templates, f config.Function, r Resource) error {
					return want(f.Activity+": tracing", r.Get("TracingConfig.Mode"), "Active")
				})(t)}
				for _, m := range t.Core.Resources("AWS::StepFunctions::StateMachine") {
					errs = append(errs, want(m.ID+": tracing", m.Get("TracingConfiguration.Enabled"), true))
				}
				return errors.Join(errs...)
			},
			Mutations: []Mutation{
				{"Deliver is not traced", setFunction("deliver", "TracingConfig", nil)},
				{"Deliver passes a trace through", setFunction("deliver", "TracingConfig.Mode", "PassThrough")},
				{"lead_intake is not traced", func(t *Templates) { machineOf(t, "lead_intake").Set("TracingConfiguration.Enabled", false) }},
			},
		},
		{
			IDs:       []string{"S1.76"},
			Property:  "Deliver alone knows the receiver's address and the ARN of the webhook's secret, and no variable holds a secret",
			Check:     checkSecrets,
			Mutations: secretMutations(),
		},
		{
			IDs:      []string{"S2.65b", "D.identity"},
			Property: "a function signs in to the database as its own user, by a token and to a server whose name is checked; its role may be no other",
			Check:    checkUsers,
			Mutations: []Mutation{
				{"CreateLead signs in as Deliver", func(t *Templates) { setURL(t, "persist", "nigredo_persist@", "nigredo_deliver@") }},
				{"a password stands in the address", func(t *Templates) { setURL(t, "persist", "nigredo_persist@", "nigredo_persist:secret@") }},
				{"the server's name is not checked", func(t *Templates) { setURL(t, "persist", "verify-full", "require") }},
				{"CreateLead signs in by password", setFunction("persist", "Environment.Variables.NIGREDO_DATABASE_AUTH", nil)},
				{"the role of CreateLead may be every user", func(t *Templates) { setRight(t, "persist", "rds-db:connect", "/nigredo_persist", "/*") }},
				{"the role of CreateLead may be Deliver", func(t *Templates) { setRight(t, "persist", "rds-db:connect", "/nigredo_persist", "/nigredo_deliver") }},
				{"CreateLead has the role of Deliver", func(t *Templates) { functionOf(t, "persist").Set("Role", functionOf(t, "deliver").Get("Role")) }},
			},
		},
		{
			IDs:      []string{"D.identity", "D.budget", "S2.78a"},
			Property: "each function has the reserved concurrency of the table, and those of the database take four fifths of the connections at most",
			Check:    checkConcurrency,
			Mutations: []Mutation{
				{"CreateLead has no bound", setFunction("persist", "ReservedConcurrentExecutions", nil)},
				{"CreateLead takes the whole database", setFunction("persist", "ReservedConcurrentExecutions", 100.0)},
				{"the budget is smaller", func(t *Templates) { c := *t.Config; c.Database.Connections = 40; t.Config = &c }},
			},
		},
		{
			IDs:      []string{"S2.74b"},
			Property: "the alias of each function keeps as many instances warm as configured, and of no other function",
			Check:    eachFunction(checkWarm),
			Mutations: []Mutation{{"another number is kept warm", func(t *Templates) {
				aliasOf(t, "persist").Set("ProvisionedConcurrencyConfig", map[string]any{"ProvisionedConcurrentExecutions": 9.0})
			}}},
		},
	}
}

func want(what string, got, wanted any) error {
	if !Equal(got, wanted) {
		return fmt.Errorf("%s: %s, want %s", what, Text(got), Text(wanted))
	}
	return nil
}

// functionOf gives the function of an activity; its ID is "" when it is away.
func functionOf(t *Templates, activity string) Resource {
	f, _ := config.FunctionOf(activity)
	return first(Where(t.Core.Resources("AWS::Lambda::Function"), "FunctionName", t.Config.Function(f)))
}

func first(found []Resource) Resource {
	if len(found) == 0 {
		return Resource{Properties: map[string]any{}}
	}
	return found[0]
}

func byID(t *Templates, id string) Resource {
	return first(slices.DeleteFunc(t.Core.Resources(""), func(r Resource) bool { return r.ID != id }))
}

// pointee is the id that ${Id} or ${Id.Attribute} names.
func pointee(v any) string {
	id, _, _ := strings.Cut(strings.Trim(Plain(v), "${}"), ".")
	return id
}

func logOf(t *Templates, activity string) Resource {
	return byID(t, pointee(functionOf(t, activity).Get("LoggingConfig.LogGroup")))
}

// aliasOf is config.Alias of a function.
func aliasOf(t *Templates, activity string) Resource {
	id := functionOf(t, activity).ID
	for _, alias := range Where(t.Core.Resources("AWS::Lambda::Alias"), "Name", config.Alias) {
		if pointee(alias.Get("FunctionName")) == id {
			return alias
		}
	}
	return Resource{Properties: map[string]any{}}
}

func setFunction(activity, path string, value any) func(*Templates) {
	return func(t *Templates) { functionOf(t, activity).Set(path, value) }
}

// eachFunction runs a check on every function of the table that is there or not.
func eachFunction(check func(*Templates, config.Function, Resource) error) func(*Templates) error {
	return func(t *Templates) error {
		var errs []error
		for _, f := range config.All() {
			r := functionOf(t, f.Activity)
			if r.ID == "" {
				errs = append(errs, fmt.Errorf("no function %s", t.Config.Function(f)))
				continue
			}
			errs = append(errs, check(t, f, r))
		}
		return errors.Join(errs...)
	}
}

func checkFunction(_ *Templates, f config.Function, r Resource) error {
	return errors.Join(
		want(f.Activity+": architecture", r.Get("Architectures"), []string{"arm64"}),
		want(f.Activity+": runtime", r.Get("Runtime"), "provided.al2023"),
		want(f.Activity+": handler", r.Get("Handler"), "bootstrap"),
		want(f.Activity+": timeout", r.Get("Timeout"), f.Timeout.Seconds()),
		want(f.Activity+": memory", r.Get("MemorySize"), f.Memory),
	)
}

func checkFunctionLog(t *Templates, f config.Function, _ Resource) error {
	return checkLog(f.Activity, logOf(t, f.Activity), t.Config.FunctionLog(f))
}

func checkLog(what string, log Resource, name string) error {
	if log.Type != "AWS::Logs::LogGroup" {
		return fmt.Errorf("%s: logs to no log group of the stack", what)
	}
	if log.Get("KmsKeyId") == nil {
		return fmt.Errorf("%s: log group %s without a key of ours", what, name)
	}
	return errors.Join(want(what+": log group", log.Get("LogGroupName"), name), want(what+": log kept", log.Get("RetentionInDays"), 30))
}

// secretsOf are the variables that name a secret, by activity.
var secretsOf = map[string]string{
	"deliver": "FIBONACCI_WEBHOOK_SECRET_ARN", "validate": "NIGREDO_STAMP_KEY_ARN", "stamp": "NIGREDO_STAMP_KEY_ARN",
	"migrate": "NIGREDO_DATABASE_SECRET_ARN",
}

func checkSecrets(t *Templates) error {
	return eachFunction(func(t *Templates, f config.Function, r Resource) error {
		var errs []error
		variables, _ := r.Get("Environment.Variables").(map[string]any)
		for name, value := range variables {
			if strings.HasSuffix(name, "_SECRET") || strings.HasSuffix(name, "_KEY") || strings.Contains(Plain(value), "{{resolve:") {
				errs = append(errs, fmt.Errorf("%s: %s holds a secret", f.Activity, name))
			}
			if strings.Contains(name, "SECRET") || strings.Contains(name, "KEY") || strings.HasPrefix(name, "FIBONACCI_WEBHOOK") {
				if name != secretsOf[f.Activity] && (f.Activity != "deliver" || name != "FIBONACCI_WEBHOOK_URL") {
					errs = append(errs, fmt.Errorf("%s: %s is not its business", f.Activity, name))
				}
			}
		}
		if name := secretsOf[f.Activity]; name != "" {
			arn := Plain(variables[name])
			// The owner's secret is made by RDS for the cluster, or is Fibonacci's.
			ofRDS := strings.HasSuffix(arn, ".MasterUserSecret.SecretArn}")
			if secret := byID(t, pointee(variables[name])); secret.Type != "AWS::SecretsManager::Secret" && !ofRDS && !strings.HasPrefix(arn, "arn:aws:secretsmanager:") {
				errs = append(errs, fmt.Errorf("%s: %s is %s and names no secret", f.Activity, name, arn))
			}
		}
		if len(variables) > 0 && r.Get("KmsKeyArn") == nil {
			errs = append(errs, fmt.Errorf("%s: its variables are encrypted with no key of ours", f.Activity))
		}
		if f.Activity == "deliver" {
			errs = append(errs, want("deliver: receiver", variables["FIBONACCI_WEBHOOK_URL"], t.Config.Webhook.URL))
		}
		return errors.Join(errs...)
	})(t)
}

func secretMutations() []Mutation {
	const variables = "Environment.Variables."
	return []Mutation{
		{"Deliver sends elsewhere", setFunction("deliver", variables+"FIBONACCI_WEBHOOK_URL", "https://example.com")},
		{"Deliver has no secret to sign with", setFunction("deliver", variables+"FIBONACCI_WEBHOOK_SECRET_ARN", nil)},
		{"Deliver has the secret itself", setFunction("deliver", variables+"FIBONACCI_WEBHOOK_SECRET", "whsec_x")},
		{"CloudFormation writes the secret into a variable", setFunction("persist", variables+"X", "{{resolve:secretsmanager:x}}")},
		{"CreateLead knows the webhook's secret", setFunction("persist", variables+"FIBONACCI_WEBHOOK_SECRET_ARN", "arn:aws:secretsmanager:x")},
		{"the variables are in AWS's own encryption", setFunction("deliver", "KmsKeyArn", nil)},
	}
}

func checkUsers(t *Templates) error {
	rights := Rights(t.Core)
	return eachFunction(func(t *Templates, f config.Function, r Resource) error { return checkUser(t, rights, f, r) })(t)
}

func checkUser(t *Templates, rights []Right, f config.Function, r Resource) error {
	var errs []error
	for _, other := range t.Core.Resources("AWS::Lambda::Function") {
		if other.ID != r.ID && Equal(other.Get("Role"), r.Get("Role")) {
			errs = append(errs, fmt.Errorf("%s: shares its role with %s", f.Activity, other.ID))
		}
	}
	var users []string
	for _, right := range rights {
		if right.Role == pointee(r.Get("Role")) && strings.HasPrefix(right.Action, "rds-db:") {
			users = append(users, right.Resource[strings.LastIndexByte(right.Resource, '/')+1:])
		}
	}
	if !f.ByToken() {
		return errors.Join(append(errs, want(f.Activity+": may sign in by token as", users, []string(nil)))...)
	}
	url := Plain(r.Get("Environment.Variables.NIGREDO_DATABASE_URL"))
	if !strings.HasPrefix(url, "postgres://"+f.DatabaseUser()+"@") || !strings.HasSuffix(url, "?sslmode=verify-full") {
		errs = append(errs, fmt.Errorf("%s: database %s, want user %s and no password, and verify-full", f.Activity, url, f.DatabaseUser()))
	}
	errs = append(errs, want(f.Activity+": authentication", r.Get("Environment.Variables.NIGREDO_DATABASE_AUTH"), "iam"),
		want(f.Activity+": may sign in as", users, []string{f.DatabaseUser()}))
	return errors.Join(errs...)
}

// setURL changes the text of a function's database address.
func setURL(t *Templates, activity, from, to string) {
	const path = "Environment.Variables.NIGREDO_DATABASE_URL"
	r := functionOf(t, activity)
	r.Set(path, strings.Replace(Plain(r.Get(path)), from, to, 1))
}

// setRight changes the resource of a right of a function's role.
func setRight(t *Templates, activity, action, from, to string) {
	role := byID(t, pointee(functionOf(t, activity).Get("Role")))
	statements, _ := role.Get("Policies.0.PolicyDocument.Statement").([]any)
	for _, statement := range statements {
		if Plain(Get(statement, "Action")) == action {
			statement.(map[string]any)["Resource"] = strings.Replace(Plain(Get(statement, "Resource")), from, to, 1)
		}
	}
}

func checkConcurrency(t *Templates) error {
	taken := 0.0
	err := eachFunction(func(_ *Templates, f config.Function, r Resource) error {
		reserved, _ := r.Get("ReservedConcurrentExecutions").(float64)
		if f.Database {
			taken += reserved
		}
		return want(f.Activity+": reserved concurrency", r.Get("ReservedConcurrentExecutions"), f.Concurrency)
	})(t)
	if budget := 0.8 * float64(t.Config.Database.Connections); taken > budget {
		err = errors.Join(err, fmt.Errorf("functions reserve %.0f connections of %.0f", taken, budget))
	}
	return err
}

func checkWarm(t *Templates, f config.Function, _ Resource) error {
	var warm any
	if n := t.Config.Functions.Provisioned[f.Activity]; n > 0 {
		warm = n
	}
	return want(f.Activity+": kept warm", aliasOf(t, f.Activity).Get("ProvisionedConcurrencyConfig.ProvisionedConcurrentExecutions"), warm)
}
