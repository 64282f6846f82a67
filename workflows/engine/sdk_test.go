package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const sdkPrefix = "arn:aws:states:::aws-sdk:sfn:"

// sdkCall makes one call as a task of parent:1.
func sdkCall(t *testing.T, b *testBundle, action, arguments string) (string, error) {
	t.Helper()
	integration, ok := b.IntegrationOf(sdkPrefix + action)
	if !ok {
		t.Fatalf("no integration for %s", action)
	}
	result, err := integration.Run(t.Context(), attempt(t, 4, arguments))
	if err != nil {
		return "", err
	}
	return text(result), nil
}

// A result has the members that AWS's SDK for Java shows, in alphabetical order, and
// dates as text (recordings of other services, radkawar/stackd).
func TestSDK_Results(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Error: "E", Cause: "no"}, {Hang: true}}})
		fails := b.create(t, "fails", engine.Standard, lambda(""))
		child := b.create(t, "child", engine.Standard, waiting)
		time.Sleep(1500 * time.Millisecond)
		for _, c := range []struct{ action, arguments, want string }{
			{"startExecution", `{"StateMachineArn": "` + child + `", "Name": "x", "Input": "{\"a\": 1}", "TraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"}`, `{"ExecutionArn":"` + arnBase + `execution:child:x","StartDate":"2000-01-01T00:00:01.500Z"}`},
			{"startExecution", `{"StateMachineArn": "` + child + `", "Name": "x", "Input": "{\"a\": 1}"}`, `{"ExecutionArn":"` + arnBase + `execution:child:x","StartDate":"2000-01-01T00:00:01.500Z"}`},
			{"describeExecution", `{"ExecutionArn": "` + arnBase + `execution:child:x"}`, `{"ExecutionArn":"` + arnBase + `execution:child:x","Input":"{\"a\": 1}","InputDetails":{"Included":true},"Name":"x","RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE","RedriveStatusReason":"Execution is RUNNING and cannot be redriven","StartDate":"2000-01-01T00:00:01.500Z","StateMachineArn":"` + child + `","Status":"RUNNING","TraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"}`},
			{"listExecutions", `{"StateMachineArn": "` + child + `", "StatusFilter": "RUNNING", "MaxResults": 10}`, `{"Executions":[{"ExecutionArn":"` + arnBase + `execution:child:x","Name":"x","RedriveCount":0,"StartDate":"2000-01-01T00:00:01.500Z","StateMachineArn":"` + child + `","Status":"RUNNING"}]}`},
			{"stopExecution", `{"ExecutionArn": "` + arnBase + `execution:child:x", "Error": "E", "Cause": "C"}`, `{"StopDate":"2000-01-01T00:00:01.500Z"}`},
			{"stopExecution", `{"ExecutionArn": "` + arnBase + `execution:child:x"}`, `{"StopDate":"2000-01-01T00:00:01.500Z"}`},
			{"describeExecution", `{"ExecutionArn": "` + arnBase + `execution:child:x", "IncludedData": "ALL_DATA"}`, `{"Cause":"C","Error":"E","ExecutionArn":"` + arnBase + `execution:child:x","Input":"{\"a\": 1}","InputDetails":{"Included":true},"Name":"x","RedriveCount":0,"RedriveStatus":"REDRIVABLE","StartDate":"2000-01-01T00:00:01.500Z","StateMachineArn":"` + child + `","Status":"ABORTED","StopDate":"2000-01-01T00:00:01.500Z","TraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"}`},
			{"describeExecution", `{"ExecutionArn": "` + arnBase + `execution:child:x", "IncludedData": "METADATA_ONLY"}`, `{"ExecutionArn":"` + arnBase + `execution:child:x","Name":"x","RedriveCount":0,"RedriveStatus":"REDRIVABLE","StartDate":"2000-01-01T00:00:01.500Z","StateMachineArn":"` + child + `","Status":"ABORTED","StopDate":"2000-01-01T00:00:01.500Z","TraceHeader":"Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"}`},
			{"listExecutions", `{"StateMachineArn": "` + child + `", "StatusFilter": "RUNNING"}`, `{"Executions":[]}`},
		} {
			if got, err := sdkCall(t, b, c.action, c.arguments); err != nil || got != c.want {
				t.Errorf("%s:\n got %s, %v\nwant %s", c.action, got, err, c.want)
			}
		}
		b.settle(t, b.start(t, fails, "f", "{}"))
		now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		if got, err := sdkCall(t, b, "redriveExecution", `{"ExecutionArn": "`+arnBase+`execution:fails:f"}`); err != nil || got != `{"RedriveDate":"`+now+`"}` {
			t.Errorf("redrive: got %s, %v; want %s", got, err, now)
		}
		time.Sleep(time.Second)
		got, err := sdkCall(t, b, "listExecutions", `{"StateMachineArn": "`+fails+`"}`)
		if want := `"RedriveCount":1,"RedriveDate":"` + now + `","StartDate"`; err != nil || !strings.Contains(got, want) {
			t.Errorf("list: got %s, %v; want %s", got, err, want)
		}
	})
}

func TestSDK_ListPages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		b.start(t, child, "one", "{}")
		b.start(t, child, "two", "{}")
		first, err := sdkCall(t, b, "listExecutions", `{"StateMachineArn": "`+child+`", "MaxResults": 1}`)
		if err != nil || !strings.Contains(first, `"Name":"two"`) || strings.Contains(first, `"Name":"one"`) {
			t.Fatalf("first page: got %s, %v", first, err)
		}
		_, token, ok := strings.Cut(first, `"NextToken":"`)
		if !ok {
			t.Fatalf("no token in %s", first)
		}
		second, err := sdkCall(t, b, "listExecutions", `{"StateMachineArn": "`+child+`", "MaxResults": 1, "NextToken": "`+strings.TrimSuffix(token, `"}`)+`"}`)
		if err != nil || !strings.Contains(second, `"Name":"one"`) || strings.Contains(second, "NextToken") {
			t.Errorf("second page: got %s, %v", second, err)
		}
	})
}

// The names are those of the SDK's exceptions, the cause is the exception's text
// (recordings of other services, radkawar/stackd).
func TestSDK_Refusals(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		express := b.create(t, "express", engine.Express, waiting)
		absent := arnBase + "execution:child:absent"
		b.start(t, child, "x", "{}")
		const end = " (Service: Sfn, Status Code: 400, Request ID: ID) (SDK Attempt Count: 1)"
		for _, c := range []struct{ action, arguments, name, message string }{
			{"startExecution", `{"StateMachineArn": "` + child + `y"}`, "Sfn.StateMachineDoesNotExistException", "State Machine Does Not Exist: '" + child + "y'"},
			{"startExecution", `{"StateMachineArn": "` + child + `", "Name": "x", "Input": "1"}`, "Sfn.ExecutionAlreadyExistsException", "Execution Already Exists: '" + arnBase + "execution:child:x'"},
			{"startExecution", `{"StateMachineArn": "` + child + `", "Name": "a b"}`, "Sfn.InvalidNameException", "Invalid Name: 'a b'"},
			{"startExecution", `{"StateMachineArn": "` + child + `", "Name": ""}`, "Sfn.ValidationException", "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"},
			{"startExecution", `{"StateMachineArn": "` + child + `", "Input": ""}`, "Sfn.InvalidExecutionInputException", "Invalid State Machine Execution Input: 'Invalid execution input.'"},
			{"describeExecution", `{"ExecutionArn": "` + absent + `"}`, "Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: '" + absent + "'"},
			{"describeExecution", `{"ExecutionArn": "` + absent + `", "IncludedData": "SOME"}`, "Sfn.ValidationException", "1 validation error detected: Value 'SOME' at 'includedData' failed to satisfy constraint: Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]"},
			{"stopExecution", `{"ExecutionArn": "` + absent + `"}`, "Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: '" + absent + "'"},
			{"redriveExecution", `{"ExecutionArn": "` + arnBase + `execution:child:x"}`, "Sfn.ExecutionNotRedrivableException", "Execution " + arnBase + "execution:child:x invalid for redrive as: Execution is RUNNING and cannot be redriven"},
			{"redriveExecution", `{"ExecutionArn": "` + child + `"}`, "Sfn.InvalidArnException", "Invalid Arn: 'Resource type not valid in this context: stateMachine'"},
			{"redriveExecution", `{"ExecutionArn": "` + absent + `", "ClientToken": "` + strings.Repeat("x", 65) + `"}`, "Sfn.ValidationException", "1 validation error detected: Value '" + strings.Repeat("x", 65) + "' at 'clientToken' failed to satisfy constraint: Member must have length less than or equal to 64"},
			{"redriveExecution", `{"ExecutionArn": "` + absent + `", "ClientToken": "a b"}`, "Sfn.ValidationException", "1 validation error detected: Value 'a b' at 'clientToken' failed to satisfy constraint: Member must satisfy regular expression pattern: [!-~]+"},
			{"listExecutions", `{"StateMachineArn": "` + express + `"}`, "Sfn.StateMachineTypeNotSupportedException", "This operation is not supported by this type of state machine"},
			{"listExecutions", `{}`, "Sfn.ValidationException", "1 validation error detected: Exactly one of stateMachineArn and mapRunArn must be given"},
			{"listExecutions", `{"StateMachineArn": "` + child + `", "MaxResults": 1001, "StatusFilter": "GONE"}`, "Sfn.ValidationException", "2 validation errors detected: Value 'GONE' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]; Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000"},
			{"listExecutions", `{"StateMachineArn": "` + child + `", "StatusFilter": "PENDING_REDRIVE"}`, "Sfn.ValidationException", "The status filter PENDING_REDRIVE is allowed with mapRunArn only"},
			{"listExecutions", `{"StateMachineArn": "` + child + `", "NextToken": "x"}`, "Sfn.InvalidTokenException", "Invalid Token: 'Invalid token'"},
		} {
			_, err := sdkCall(t, b, c.action, c.arguments)
			var failed *engine.TaskError
			if !errors.As(err, &failed) || failed.Name != c.name || withoutIDs(failed.Cause) != c.message+end {
				t.Errorf("%s %s:\n got %v\nwant %s: %s", c.action, c.arguments, err, c.name, c.message+end)
			}
		}
	})
}

// A redrive that is made again after a restart finds that it was made.
func TestSDK_RepeatedAttemptRedrivesOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Error: "E"}, {Error: "E"}, {Error: "E"}}})
		machine := b.create(t, "fails", engine.Standard, lambda(""))
		arn := b.start(t, machine, "f", "{}")
		b.settle(t, arn)
		arguments := `{"ExecutionArn": "` + arn + `"}`
		first, err := sdkCall(t, b, "redriveExecution", arguments)
		if err != nil {
			t.Fatal(err)
		}
		b.settle(t, arn)
		time.Sleep(time.Second)
		if again, err := sdkCall(t, b, "redriveExecution", arguments); err != nil || again != first {
			t.Errorf("again: got %s, %v; want %s", again, err, first)
		}
		if got := b.settle(t, arn); got.RedriveCount != 1 {
			t.Errorf("redrives: got %d, want 1", got.RedriveCount)
		}
	})
}

// The events of an SDK task name the service with its prefix (recordings).
func TestSDK_History(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		parent := b.create(t, "parent", engine.Standard, states(`
			"A": {"Type": "Task", "Resource": "`+sdkPrefix+`describeExecution", "Arguments": {"ExecutionArn": "{% $states.context.Execution.Id %}"},
				"Output": "{% $states.result.Status %}", "Next": "B"},
			"B": {"Type": "Task", "Resource": "`+sdkPrefix+`stopExecution", "Arguments": {"ExecutionArn": "{% $states.context.Execution.Id & 'y' %}"},
				"Catch": [{"ErrorEquals": ["Sfn.ExecutionDoesNotExistException"], "Output": "caught", "Next": "Z"}], "End": true},
			"Z": {"Type": "Succeed"}`))
		arn := b.start(t, parent, "1", "{}")
		got := b.settle(t, arn)
		if got.Output == nil || *got.Output != `"caught"` {
			t.Errorf("outcome: got %+v", got)
		}
		sameHistory(t, b.history(t, arn)[2:10], `
			3 p2 TaskScheduled {"resourceType":"aws-sdk:sfn","resource":"describeExecution","region":"us-east-1","parameters":"{\"ExecutionArn\":\"`+arn+`\"}"}
			4 p3 TaskStarted {"resourceType":"aws-sdk:sfn","resource":"describeExecution"}
			5 p4 TaskSucceeded {"resourceType":"aws-sdk:sfn","resource":"describeExecution","output":"{\"ExecutionArn\":\"`+arn+`\",…
			6 p5 TaskStateExited {"name":"A","output":"\"RUNNING\"","outputDetails":{"truncated":false}}
			7 p6 TaskStateEntered {"name":"B","input":"\"RUNNING\"","inputDetails":{"truncated":false}}
			8 p7 TaskScheduled {"resourceType":"aws-sdk:sfn","resource":"stopExecution",…
			9 p8 TaskStarted {"resourceType":"aws-sdk:sfn","resource":"stopExecution"}
			10 p9 TaskFailed {"resourceType":"aws-sdk:sfn","resource":"stopExecution","error":"Sfn.ExecutionDoesNotExistException","cause":"Execution Does Not Exist: '`+arn+`y' (Service: Sfn, …`)
	})
}

// A task may stop the execution that it belongs to: nobody waits for its answer.
func TestSDK_ExecutionStopsItself(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "parent", engine.Standard, states(`
			"A": {"Type": "Task", "Resource": "`+sdkPrefix+`stopExecution",
				"Arguments": {"ExecutionArn": "{% $states.context.Execution.Id %}", "Error": "Enough"}, "End": true}`))
		arn := b.start(t, machine, "1", "{}")
		if got := b.settle(t, arn); got.Status != engine.Aborted || got.Error == nil || *got.Error != "Enough" {
			t.Errorf("got %+v", got)
		}
		if events := b.history(t, arn); len(events) != 5 || events[4].Type != "ExecutionAborted" {
			t.Errorf("history: %s", lines(events))
		}
	})
}
