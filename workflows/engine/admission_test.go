package engine_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// What an integration does not take is refused when the machine is created, at the
// place in the definition (radkawar/stackd, sdk_admission.json, of other services;
// LocalStack, test_sfn_api_express).
func TestCreate_RefusesTasksThatNoIntegrationTakes(t *testing.T) {
	const sdk = "arn:aws:states:::aws-sdk:sfn:"
	unrecognised := func(resource string) string {
		return "The resource provided " + resource + " is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A/Resource"
	}
	tests := []struct {
		name, resource, arguments string
		kind                      engine.MachineType
		want                      string // empty: taken
	}{
		{name: "start", resource: "arn:aws:states:::states:startExecution", arguments: `{"StateMachineArn": "x"}`},
		{name: "start from express", resource: "arn:aws:states:::states:startExecution", arguments: `{"StateMachineArn": "x"}`, kind: engine.Express},
		{name: "sync", resource: syncResource, arguments: `{"StateMachineArn": "{% 'x' %}", "Input": [1]}`},
		{name: "arguments by an expression", resource: syncResource, arguments: `"{% $states.input %}"`},
		{name: "function", resource: functionARN + ":$LATEST", arguments: `"anything"`},
		{name: "events", resource: "arn:aws:states:::events:putEvents", arguments: `{"Entries": ["{% $states.input %}", {"Detail": "{% 1 %}"}]}`},
		{name: "list with null", resource: sdk + "listExecutions", arguments: `{"StateMachineArn": null, "MaxResults": "{% 5 %}"}`},

		{name: "sync from express", resource: syncResource, arguments: `{"StateMachineArn": "x"}`, kind: engine.Express, want: "Express state machine does not support '.sync' service integration at /States/A/Resource"},
		{name: "token from express", resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", kind: engine.Express, want: "Express state machine does not support '.waitForTaskToken' service integration at /States/A/Resource"},
		{name: "token", resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", want: unrecognised("arn:aws:states:::lambda:invoke.waitForTaskToken")},
		{name: "first sync pattern", resource: "arn:aws:states:::states:startExecution.sync", want: unrecognised("arn:aws:states:::states:startExecution.sync")},
		{name: "other service", resource: "arn:aws:states:::sqs:sendMessage", want: unrecognised("arn:aws:states:::sqs:sendMessage")},
		{name: "other action", resource: sdk + "sendTaskSuccess", want: unrecognised(sdk + "sendTaskSuccess")},
		{name: "action in another case", resource: sdk + "StartExecution", want: unrecognised(sdk + "StartExecution")},
		{name: "activity", resource: "arn:aws:states:us-east-1:000000000000:activity:a", want: unrecognised("arn:aws:states:us-east-1:000000000000:activity:a")},
		{name: "function without a name", resource: "arn:aws:lambda:us-east-1:000000000000:function:", want: unrecognised("arn:aws:lambda:us-east-1:000000000000:function:")},
		{name: "function with too many parts", resource: functionARN + ":a:b", want: unrecognised(functionARN + ":a:b")},
		{name: "function without an account", resource: "arn:aws:lambda:us-east-1::function:f", want: unrecognised("arn:aws:lambda:us-east-1::function:f")},

		{name: "missing members", resource: "arn:aws:states:::lambda:invoke", arguments: `{"functionName": "f"}`, want: "The field 'FunctionName' is required but was missing at /States/A/Arguments"},
		{name: "arguments that are no object", resource: syncResource, arguments: `"x"`, want: "The field 'StateMachineArn' is required but was missing at /States/A/Arguments"},
		{name: "unknown member", resource: "arn:aws:states:::states:startExecution", arguments: `{"StateMachineArn": "x", "TraceHeader": "y", "Other": 1}`, want: `The field "TraceHeader" is not supported by Step Functions at /States/A/Arguments`},
		{name: "member in another case", resource: sdk + "redriveExecution", arguments: `{"ExecutionArn": "x", "clientToken": "y"}`, want: `The field "clientToken" is not supported by Step Functions. Did you mean 'ClientToken'? at /States/A/Arguments`},
		{name: "text of a wrong type", resource: sdk + "stopExecution", arguments: `{"ExecutionArn": 1}`, want: "The value for the field 'ExecutionArn' must be a STRING at /States/A/Arguments"},
		{name: "input of a wrong type", resource: sdk + "startExecution", arguments: `{"StateMachineArn": "x", "Input": {}}`, want: "The value for the field 'Input' must be a STRING at /States/A/Arguments"},
		{name: "integer of a wrong type", resource: sdk + "listExecutions", arguments: `{"StateMachineArn": "x", "MaxResults": "5"}`, want: "The value for the field 'MaxResults' must be an INTEGER at /States/A/Arguments"},
		{name: "integer with a fraction", resource: sdk + "listExecutions", arguments: `{"MaxResults": 2.5}`, want: "The value for the field 'MaxResults' must be an INTEGER at /States/A/Arguments"},
		{name: "distributed map's executions", resource: sdk + "listExecutions", arguments: `{"MapRunArn": "x"}`, want: `The field "MapRunArn" is not supported by Step Functions at /States/A/Arguments`},
		{name: "asynchronous invocation", resource: "arn:aws:states:::lambda:invoke", arguments: `{"FunctionName": "f", "InvocationType": "Event"}`, want: "The value of the field 'InvocationType' must be 'RequestResponse' here at /States/A/Arguments"},
		{name: "invocation by an expression", resource: "arn:aws:states:::lambda:invoke", arguments: `{"FunctionName": "f", "InvocationType": "{% 'Event' %}"}`, want: "The value of the field 'InvocationType' must not be an expression here at /States/A/Arguments"},
		{name: "entries of a wrong type", resource: "arn:aws:states:::events:putEvents", arguments: `{"Entries": {}}`, want: "The value for the field 'Entries' must be an ARRAY at /States/A/Arguments"},
		{name: "entry of a wrong type", resource: "arn:aws:states:::events:putEvents", arguments: `{"Entries": [1]}`, want: "The value for the field 'Entries' must be an ARRAY of OBJECT at /States/A/Arguments"},
		{name: "unknown member of an entry", resource: "arn:aws:states:::events:putEvents", arguments: `{"Entries": [{}, {"TraceHeader": "x"}]}`, want: `The field "TraceHeader" is not supported by Step Functions at /States/A/Arguments`},
		{name: "resources of a wrong type", resource: "arn:aws:states:::events:putEvents", arguments: `{"Entries": [{"Resources": [1]}]}`, want: "The value for the field 'Resources' must be an ARRAY of STRING at /States/A/Arguments"},
		{name: "time that is none", resource: "arn:aws:states:::events:putEvents", arguments: `{"Entries": [{"Time": "now"}]}`, want: "The value for the field 'Time' must be a TIMESTAMP at /States/A/Arguments"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := setupEvents(t, &eventBus{})
				arguments := ""
				if test.arguments != "" {
					arguments = `"Arguments": ` + test.arguments + `,`
				}
				_, err := b.CreateStateMachine(t.Context(), engine.CreateInput{
					Name: "m", Type: test.kind, RoleARN: "role",
					Definition: states(`"A": {"Type": "Task", "Resource": "` + test.resource + `", ` + arguments + ` "End": true}`),
				})
				switch {
				case test.want != "":
					refusedWith(t, err, "InvalidDefinition", "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: "+test.want+"'")
				case err != nil:
					t.Errorf("refused: %v", err)
				}
			})
		})
	}
}

// Every task that is refused is told, in the order of the definition.
func TestCreate_TellsEveryRefusedTask(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		_, err := b.CreateStateMachine(t.Context(), engine.CreateInput{Name: "m", RoleARN: "role", Definition: states(`
			"B": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Arguments": {}, "End": true},
			"A": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Next": "B"}`)})
		var refused *engine.APIError
		if !errors.As(err, &refused) || strings.Count(refused.Message, "SCHEMA_VALIDATION_FAILED: ") != 2 ||
			!strings.Contains(refused.Message, "missing at /States/B/Arguments, SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::events:putEvents") {
			t.Errorf("without a bus for events: got %v", err)
		}
	})
}

// The arguments that an expression makes are held against the call before the task
// is scheduled.
func TestTask_ArgumentsOfAnExpressionAreChecked(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "m", engine.Standard, states(`
			"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Arguments": "{% $states.input %}",
				"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}], "End": true}, "Z": {"Type": "Succeed"}`))
		for name, c := range map[string]struct{ input, fault string }{
			"1": {`{"Name":"x"}`, "The field 'StateMachineArn' is required but was missing"},
			"2": {`{"StateMachineArn":"x","TraceHeader":"y"}`, `The field "TraceHeader" is not supported by Step Functions`},
			"3": {`[]`, "The field 'StateMachineArn' is required but was missing"},
		} {
			arn := b.start(t, machine, name, c.input)
			want := "An error occurred while executing the state 'A' (entered at the event id #2). The Parameters '" + c.input +
				"' could not be used to start the Task: [" + c.fault + "]"
			got := b.settle(t, arn)
			if got.Status != engine.Failed || *got.Error != "States.Runtime" || *got.Cause != want {
				t.Errorf("input %s: got %+v\nwant %s", c.input, got, want)
			}
			if events := b.history(t, arn); len(events) != 3 || events[2].PreviousID != 2 {
				t.Errorf("input %s: history %s", c.input, lines(events))
			}
		}
	})
}
