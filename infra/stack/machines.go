package stack

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// machines are those of states.Machines, by name.
type machines struct {
	machine map[string]awsstepfunctions.CfnStateMachine
	// alias is config.Alias of each: what is started.
	alias map[string]awsstepfunctions.CfnStateMachineAlias
	// key encrypts definitions and histories; nil: AWS's own does.
	key awskms.Key
}

// newMachines adds the state machines from their files, with what hands events to
// them and takes events of them.
func newMachines(stack awscdk.Stack, in Inputs, g *ground, f *functions) *machines {
	c := in.Config
	m := &machines{
		machine: map[string]awsstepfunctions.CfnStateMachine{},
		alias:   map[string]awsstepfunctions.CfnStateMachineAlias{},
	}
	if c.Machines.CustomerKey {
		m.key = machinesKey(stack, c)
	}
	for _, one := range states.Machines() {
		m.add(stack, in, g, f, one)
	}
	put(stack, "LeadIntakeAlias", m.alias["lead_intake"].Ref(), "Takes leads in")
	put(stack, "FibonacciDeliveryAlias", m.alias["fibonacci_delivery"].Ref(), "Delivers them to Fibonacci")
	newEvents(stack, in, f, m)
	return m
}

func (m *machines) add(stack awscdk.Stack, in Inputs, g *ground, f *functions, one states.Machine) {
	c := in.Config
	id := pascal(one.Name)
	definition, err := states.Definition(one.Name)
	if err != nil {
		panic(err) // the file is embedded: it cannot be away
	}
	log := logGroup(stack, id+"Log", c.MachineLog(one.Name), g.dataKey)
	props := &awsstepfunctions.CfnStateMachineProps{
		StateMachineName: jsii.String(c.Machine(one.Name)),
		StateMachineType: jsii.String(one.Type),
		// The file as it stands: what is deployed can be compared with it.
		DefinitionString:        jsii.String(definition),
		DefinitionSubstitutions: m.substitutions(c, f, one.Name, definition),
		RoleArn:                 m.role(stack, c, f, one.Name).RoleArn(),
		TracingConfiguration:    &awsstepfunctions.CfnStateMachine_TracingConfigurationProperty{Enabled: jsii.Bool(true)},
		LoggingConfiguration: &awsstepfunctions.CfnStateMachine_LoggingConfigurationProperty{
			Level: jsii.String("ALL"),
			// An Express machine gets the form itself: data would be a copy of every lead.
			IncludeExecutionData: jsii.Bool(false),
			Destinations: []any{&awsstepfunctions.CfnStateMachine_LogDestinationProperty{
				CloudWatchLogsLogGroup: &awsstepfunctions.CfnStateMachine_CloudWatchLogsLogGroupProperty{LogGroupArn: log.LogGroupArn()},
			}},
		},
	}
	if m.key != nil {
		props.EncryptionConfiguration = &awsstepfunctions.CfnStateMachine_EncryptionConfigurationProperty{
			Type: jsii.String("CUSTOMER_MANAGED_KMS_KEY"), KmsKeyId: m.key.KeyArn(), KmsDataKeyReusePeriodSeconds: jsii.Number(300),
		}
	}
	machine := awsstepfunctions.NewCfnStateMachine(stack, jsii.String(id), props)
	m.machine[one.Name] = machine
	m.alias[one.Name] = live(stack, c, id, machine)
}

// live publishes a version of whatever a deployment changed, keeps those before it,
// and moves the alias there, a part of the executions first where that is configured.
func live(stack awscdk.Stack, c *config.Config, id string, machine awsstepfunctions.CfnStateMachine) awsstepfunctions.CfnStateMachineAlias {
	version := awsstepfunctions.NewCfnStateMachineVersion(stack, jsii.String(id+"Version"), &awsstepfunctions.CfnStateMachineVersionProps{
		StateMachineArn: machine.Ref(), StateMachineRevisionId: machine.AttrStateMachineRevisionId(),
	})
	// An execution that runs, and its redrive, keep the version that they began with.
	version.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN, nil)
	preference := &awsstepfunctions.CfnStateMachineAlias_DeploymentPreferenceProperty{
		StateMachineVersionArn: version.Ref(), Type: jsii.String("ALL_AT_ONCE"),
	}
	if c.Machines.CanaryPercent > 0 {
		preference.Type = jsii.String("CANARY")
		preference.Percentage = jsii.Number(c.Machines.CanaryPercent)
		preference.Interval = jsii.Number(c.Machines.CanaryMinutes)
		// By name: they stand in another stack, and one that is not there yet counts as OK.
		preference.Alarms = jsii.Strings(c.Alarm("api-error-rate"), c.Alarm("api-latency-p99"), c.Alarm("webhook-failures"))
	}
	return awsstepfunctions.NewCfnStateMachineAlias(stack, jsii.String(id+"Live"), &awsstepfunctions.CfnStateMachineAliasProps{
		Name: jsii.String(config.Alias), DeploymentPreference: preference,
	})
}

// pascal makes a construct's id of a machine's name.
func pascal(name string) string {
	var out strings.Builder
	for _, word := range strings.Split(name, "_") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

// substitutions are the values of the placeholders that a machine's file has, and no
// others. Functions and machines are named by their aliases; the machine's own ARN is
// there for what derives the ARNs of executions from it.
func (m *machines) substitutions(c *config.Config, f *functions, name, definition string) *map[string]*string {
	values := map[string]*string{
		"FibonacciDeliveryMachineArn": machineARN(c, "fibonacci_delivery"),
		// It starts its own next part: a reference would be a circle.
		"RedriveCampaignArn": aliasARN(c, "redrive_campaign"),
	}
	for activity, alias := range f.alias {
		values[pascal(activity)+"Arn"] = alias.FunctionArn()
	}
	for started, alias := range m.alias {
		if started != "redrive_campaign" {
			values[pascal(started)+"Arn"] = alias.Ref()
		}
	}
	out := map[string]*string{}
	for placeholder, value := range values {
		if strings.Contains(definition, "${"+placeholder+"}") {
			out[placeholder] = value
		}
	}
	// Refuses a placeholder that nothing above has a value for.
	plain := map[string]string{}
	for placeholder := range out {
		plain[placeholder] = placeholder
	}
	if _, err := states.Substitute(name, plain); err != nil {
		panic(fmt.Errorf("state machine %s: %w", name, err))
	}
	return &out
}

// role is what one machine may do: call its functions, and start, describe and redrive
// what its states name.
func (m *machines) role(stack awscdk.Stack, c *config.Config, f *functions, name string) awsiam.Role {
	all := []*string{jsii.String("*")}
	statements := []awsiam.PolicyStatement{
		// The delivery of logs and X-Ray know no resources.
		allow([]string{
			"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
			"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
		}, all, nil),
		allow([]string{
			"xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments",
		}, all, nil),
	}
	executions := func(machine string) []*string {
		return []*string{arn(c, "states", "execution:"+c.Machine(machine)+":*")}
	}
	described := "" // a machine whose executions are described, output included
	switch name {
	case "lead_intake":
		statements = append(statements, invoke(f, "validate", "ratelimit", "persist"), startLive(c, "fibonacci_delivery"))
	case "fibonacci_delivery":
		statements = append(statements, invoke(f, "deliver"))
	case "delivery_sweep":
		described = "fibonacci_delivery"
		statements = append(statements, invoke(f, "sweep", "settle"), startLive(c, "fibonacci_delivery"),
			allow([]string{"states:DescribeExecution"}, executions("fibonacci_delivery"), nil))
	case "redrive_batch":
		statements = append(statements, invoke(f, "campaign"), startLive(c, "fibonacci_delivery"),
			allow([]string{"states:DescribeExecution", "states:RedriveExecution"}, executions("fibonacci_delivery"), nil))
	case "redrive_campaign":
		described = "redrive_batch"
		statements = append(statements, invoke(f, "campaign"), startLive(c, "redrive_batch"), startLive(c, "redrive_campaign"),
			// .sync:2 waits by a rule that Step Functions manages, and looks itself.
			allow([]string{"states:DescribeExecution", "states:StopExecution"}, executions("redrive_batch"), nil),
			allow([]string{"events:DescribeRule", "events:PutRule", "events:PutTargets"},
				[]*string{arn(c, "events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")}, nil))
	default:
		panic("state machine " + name + ": no role is written for it")
	}
	if m.key != nil {
		statements = append(statements, m.decrypts(c, name, described)...)
	}
	return role(stack, pascal(name)+"Role", awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: conditionsOf(conditions{
			"StringEquals": conditions{"aws:SourceAccount": c.Account},
			// Nothing says whether AWS names the alias of what runs.
			"ArnLike": conditions{"aws:SourceArn": []*string{machineARN(c, name), jsii.String(*machineARN(c, name) + ":*")}},
		}),
	}), statements)
}

func invoke(f *functions, activities ...string) awsiam.PolicyStatement {
	aliases := make([]*string, len(activities))
	for i, activity := range activities {
		aliases[i] = f.alias[activity].FunctionArn()
	}
	return allow([]string{"lambda:InvokeFunction"}, aliases, nil)
}
