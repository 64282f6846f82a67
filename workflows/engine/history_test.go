package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// lambda is a Task "A" with the given extra members, and "Z" if they lead there.
func lambda(extra string) string {
	text := `"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"},
		"Output": "{% $states.result.Payload %}", ` + extra + ` "End": true}`
	if strings.Contains(extra, `"Z"`) {
		text += `, "Z": {"Type": "Pass", "End": true}`
	}
	return states(text)
}

func states(states string) string {
	return `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {` + states + `}}`
}

// lines writes a history one event a line: id, previous id, type, details.
func lines(events []engine.Event) string {
	var b strings.Builder
	for _, event := range events {
		fmt.Fprintf(&b, "%d p%d %s %s\n", event.ID, event.PreviousID, event.Type, event.Details)
	}
	return b.String()
}

// sameHistory compares a history with its expected lines. A line that ends in "…"
// is compared up to there.
func sameHistory(t *testing.T, events []engine.Event, want string) {
	t.Helper()
	got := strings.Split(strings.TrimSpace(lines(events)), "\n")
	expected := slices.DeleteFunc(strings.Split(want, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	for i := range max(len(got), len(expected)) {
		g, w := "(none)", "(none)"
		if i < len(got) {
			g = got[i]
		}
		if i < len(expected) {
			w = strings.TrimSpace(expected[i])
		}
		if prefix, cut := strings.CutSuffix(w, "…"); cut && strings.HasPrefix(g, prefix) {
			continue
		}
		if g != w {
			t.Errorf("history, line %d:\n got %s\nwant %s", i+1, g, w)
		}
	}
}

const (
	entered1 = `1 p0 ExecutionStarted {"input":"{\"id\":1}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/machine"}
		2 p0 TaskStateEntered {"name":"A","input":"{\"id\":1}","inputDetails":{"truncated":false}}
		`
	scheduledA = `TaskScheduled {"resourceType":"lambda","resource":"invoke","region":"us-east-1","parameters":"{\"FunctionName\":\"f\",\"Payload\":{\"id\":1}}"}
		`
	startedA = `TaskStarted {"resourceType":"lambda","resource":"invoke"}
		`
	failedE = `TaskFailed {"resourceType":"lambda","resource":"invoke","error":"E","cause":"{\"errorMessage\":\"no\",\"errorType\":\"E\"}"}
		`
	executionFailedE = `ExecutionFailed {"error":"E","cause":"{\"errorMessage\":\"no\",\"errorType\":\"E\"}"}
		`
)

var failE = enginetest.Answer{Error: "E", Cause: "no"} //nolint:gochecknoglobals // a row of the tables below

type historyCase struct {
	name       string
	definition string
	answers    []enginetest.Answer // of state A
	status     engine.Status
	output     string
	err, cause string
	took       time.Duration
	history    string
}

// The sequences and details are those of recordings of AWS; see the package comment.
func historyCases() []historyCase {
	return []historyCase{
		{
			name: "task succeeds", definition: lambda(""), answers: []enginetest.Answer{{Result: `{"b":2,"a":1}`}},
			status: engine.Succeeded, output: `{"b":2,"a":1}`,
			history: entered1 + `3 p2 ` + scheduledA + `4 p3 ` + startedA + `
				5 p4 TaskSucceeded {"resourceType":"lambda","resource":"invoke","output":"{\"ExecutedVersion\":\"$LATEST\",\"Payload\":{\"b\":2,\"a\":1},\"SdkHttpMetadata\":{\"AllHttpHeaders\":{…
				6 p5 TaskStateExited {"name":"A","output":"{\"b\":2,\"a\":1}","outputDetails":{"truncated":false}}
				7 p6 ExecutionSucceeded {"output":"{\"b\":2,\"a\":1}","outputDetails":{"truncated":false}}`,
		},
		{
			name:       "task fails, is retried and succeeds",
			definition: lambda(`"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 3}],`),
			answers:    []enginetest.Answer{failE, {Result: `1`}},
			status:     engine.Succeeded, output: `1`, took: 3 * time.Second,
			history: entered1 + `3 p2 ` + scheduledA + `4 p3 ` + startedA + `5 p4 ` + failedE + `6 p5 ` + scheduledA + `7 p6 ` + startedA + `
				8 p7 TaskSucceeded {"resourceType":"lambda","resource":"invoke","output":"…
				9 p8 TaskStateExited {"name":"A","output":"1","outputDetails":{"truncated":false}}
				10 p9 ExecutionSucceeded {"output":"1","outputDetails":{"truncated":false}}`,
		},
		{
			name: "retries are spent, the error is caught",
			definition: lambda(`"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 3}],
				"Catch": [{"ErrorEquals": ["F"], "Next": "A"}, {"ErrorEquals": ["States.TaskFailed"], "Next": "Z", "Assign": {"why": "{% $states.errorOutput.Error %}"}}],`),
			answers: []enginetest.Answer{failE},
			status:  engine.Succeeded, output: `{"Error":"E","Cause":"{\"errorMessage\":\"no\",\"errorType\":\"E\"}"}`, took: 4 * time.Second,
			history: entered1 + `3 p2 ` + scheduledA + `4 p3 ` + startedA + `5 p4 ` + failedE +
				`6 p5 ` + scheduledA + `7 p6 ` + startedA + `8 p7 ` + failedE +
				`9 p8 ` + scheduledA + `10 p9 ` + startedA + `11 p10 ` + failedE + `
				12 p11 TaskStateExited {"name":"A","output":"{\"Error\":\"E\",\"Cause\":\"{\\\"errorMessage\\\":\\\"no\\\",\\\"errorType\\\":\\\"E\\\"}\"}","outputDetails":{"truncated":false},"assignedVariables":{"why":"\"E\""},"assignedVariablesDetails":{"truncated":false}}
				13 p12 PassStateEntered {"name":"Z","input":"{\"Error\":\"E\",…
				14 p13 PassStateExited {"name":"Z",…
				15 p14 ExecutionSucceeded {"output":…`,
		},
		{
			name: "task fails uncaught", definition: lambda(""), answers: []enginetest.Answer{failE},
			status: engine.Failed, err: "E", cause: `{"errorMessage":"no","errorType":"E"}`,
			history: entered1 + `3 p2 ` + scheduledA + `4 p3 ` + startedA + `5 p4 ` + failedE + `6 p5 ` + executionFailedE,
		},
		{
			name: "task times out", definition: lambda(`"TimeoutSeconds": 5,`), answers: []enginetest.Answer{{Hang: true}},
			status: engine.Failed, err: "States.Timeout", took: 5 * time.Second,
			history: entered1 + `
				3 p2 TaskScheduled {"resourceType":"lambda","resource":"invoke","region":"us-east-1","parameters":"{\"FunctionName\":\"f\",\"Payload\":{\"id\":1}}","timeoutInSeconds":5}
				4 p3 ` + startedA + `
				5 p4 TaskTimedOut {"resourceType":"lambda","resource":"invoke","error":"States.Timeout"}
				6 p5 ExecutionFailed {"error":"States.Timeout"}`,
		},
		{
			name: "timeout is caught, not as a task failure",
			definition: lambda(`"TimeoutSeconds": 5, "Catch": [{"ErrorEquals": ["States.TaskFailed"], "Next": "A"},
				{"ErrorEquals": ["States.Timeout"], "Next": "Z"}],`),
			answers: []enginetest.Answer{{Delay: 6 * time.Second, Result: "1"}},
			status:  engine.Succeeded, output: `{"Error":"States.Timeout","Cause":""}`, took: 5 * time.Second,
			history: entered1 + `
				3 p2 TaskScheduled {"resourceType":"lambda",…
				4 p3 ` + startedA + `
				5 p4 TaskTimedOut {"resourceType":"lambda","resource":"invoke","error":"States.Timeout"}
				6 p5 TaskStateExited {"name":"A","output":"{\"Error\":\"States.Timeout\",\"Cause\":\"\"}","outputDetails":{"truncated":false}}
				7 p6 PassStateEntered {"name":"Z",…
				8 p7 PassStateExited {"name":"Z",…
				9 p8 ExecutionSucceeded …`,
		},
		{
			name: "argument is undefined and caught",
			definition: states(`"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
					"Arguments": {"FunctionName": "f", "Payload": {"x": "{% $states.input.absent %}"}},
					"Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Z", "Output": "{% $states.errorOutput.Error %}"}], "End": true},
				"Z": {"Type": "Succeed"}`),
			status: engine.Succeeded, output: `"States.QueryEvaluationError"`,
			history: entered1 + `
				3 p0 EvaluationFailed {"error":"States.QueryEvaluationError","cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$states.input.absent' specified for the field 'Arguments/Payload/x' returned nothing (undefined).","location":"Arguments/Payload/x","state":"A"}
				4 p3 TaskStateExited {"name":"A","output":"\"States.QueryEvaluationError\"","outputDetails":{"truncated":false}}
				5 p4 SucceedStateEntered {"name":"Z",…
				6 p5 SucceedStateExited {"name":"Z",…
				7 p6 ExecutionSucceeded …`,
		},
		{
			name:       "output of a pass is undefined",
			definition: states(`"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Output": {"x": "{% $states.input.absent %}"}, "End": true}`),
			status:     engine.Failed, err: "States.QueryEvaluationError",
			cause: "An error occurred while executing the state 'B' (entered at the event id #4). The JSONata expression '$states.input.absent' specified for the field 'Output/x' returned nothing (undefined).",
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 PassStateEntered {"name":"A","input":"{\"id\":1}","inputDetails":{"truncated":false}}
				3 p2 PassStateExited {"name":"A","output":"{\"id\":1}","outputDetails":{"truncated":false}}
				4 p3 PassStateEntered {"name":"B","input":"{\"id\":1}","inputDetails":{"truncated":false}}
				5 p3 EvaluationFailed {"error":"States.QueryEvaluationError","cause":"An error occurred while executing the state 'B' (entered at the event id #4). …
				6 p5 ExecutionFailed {"error":"States.QueryEvaluationError","cause":"An error occurred…`,
		},
		{
			name:       "wait",
			definition: states(`"A": {"Type": "Wait", "Seconds": "{% $states.input.id * 2592000 %}", "Assign": {"v": [1]}, "Output": "{% $states.context.State.Name %}", "End": true}`),
			status:     engine.Succeeded, output: `"A"`, took: 30 * 24 * time.Hour,
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 WaitStateEntered {"name":"A","input":"{\"id\":1}","inputDetails":{"truncated":false}}
				3 p2 WaitStateExited {"name":"A","output":"\"A\"","outputDetails":{"truncated":false},"assignedVariables":{"v":"[1]"},"assignedVariablesDetails":{"truncated":false}}
				4 p3 ExecutionSucceeded {"output":"\"A\"","outputDetails":{"truncated":false}}`,
		},
		{
			name:       "wait with a bad timestamp",
			definition: states(`"A": {"Type": "Wait", "Timestamp": "{% 'tomorrow' %}", "End": true}`),
			status:     engine.Failed, err: "States.QueryEvaluationError",
			cause: "An error occurred while executing the state 'A' (entered at the event id #2). The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: tomorrow",
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 WaitStateEntered {"name":"A",…
				3 p2 EvaluationFailed {"error":"States.QueryEvaluationError",…
				4 p3 ExecutionFailed {"error":"States.QueryEvaluationError",…`,
		},
		{
			name: "choice takes the first rule that holds",
			definition: states(`"A": {"Type": "Choice", "Choices": [
					{"Condition": "{% $states.input.id = 2 %}", "Next": "B"},
					{"Condition": "{% $states.input.id = 1 %}", "Next": "C", "Output": "first", "Assign": {"x": 7}},
					{"Condition": true, "Next": "B"}], "Output": "state", "Default": "B"},
				"B": {"Type": "Fail"}, "C": {"Type": "Succeed", "Output": "{% [$states.input, $x] %}"}`),
			status: engine.Succeeded, output: `["first",7]`,
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 ChoiceStateEntered {"name":"A","input":"{\"id\":1}","inputDetails":{"truncated":false}}
				3 p2 ChoiceStateExited {"name":"A","output":"\"first\"","outputDetails":{"truncated":false},"assignedVariables":{"x":"7"},"assignedVariablesDetails":{"truncated":false}}
				4 p3 SucceedStateEntered {"name":"C","input":"\"first\"","inputDetails":{"truncated":false}}
				5 p4 SucceedStateExited {"name":"C","output":"[\"first\",7]","outputDetails":{"truncated":false}}
				6 p5 ExecutionSucceeded {"output":"[\"first\",7]","outputDetails":{"truncated":false}}`,
		},
		{
			name:       "choice matches nothing",
			definition: states(`"A": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.id = 2 %}", "Next": "B"}]}, "B": {"Type": "Succeed"}`),
			status:     engine.Failed, err: "States.Runtime",
			cause: "An error occurred while executing the state 'A' (entered at the event id #2). Failed to transition out of the state. The state does not point to a next state.",
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 ChoiceStateEntered {"name":"A",…
				3 p2 ExecutionFailed {"error":"States.Runtime",…`,
		},
		{
			name:       "fail state",
			definition: states(`"A": {"Type": "Fail", "Error": "{% 'E' & $states.input.id %}"}`),
			status:     engine.Failed, err: "E1",
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 FailStateEntered {"name":"A","input":"{\"id\":1}","inputDetails":{"truncated":false}}
				3 p2 ExecutionFailed {"error":"E1"}`,
		},
		{
			name:       "machine times out",
			definition: strings.Replace(lambda(""), `"StartAt"`, `"TimeoutSeconds": 8, "StartAt"`, 1),
			answers:    []enginetest.Answer{{Hang: true}},
			status:     engine.TimedOut, took: 8 * time.Second,
			history: entered1 + `3 p2 ` + scheduledA + `4 p3 ` + startedA + `5 p0 ExecutionTimedOut {"error":"States.Timeout"}`,
		},
		{
			name:       "arguments of a wrong type are refused before the task is scheduled, and nothing can catch that",
			definition: strings.Replace(lambda(`"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}], "Retry": [{"ErrorEquals": ["States.ALL"]}],`), `"f"`, `"{% $states.input.id %}"`, 1),
			status:     engine.Failed, err: "States.Runtime",
			cause:   `An error occurred while executing the state 'A' (entered at the event id #2). The Parameters '{"FunctionName":1,"Payload":{"id":1}}' could not be used to start the Task: [The value for the field 'FunctionName' must be a STRING]`,
			history: entered1 + `3 p2 ExecutionFailed {"error":"States.Runtime",…`,
		},
		{
			name:       "result over the limit is caught by its name",
			definition: lambda(`"Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "Z", "Output": "{% $states.errorOutput.Cause %}"}],`),
			answers:    []enginetest.Answer{{Result: `"` + strings.Repeat("x", 262_144) + `"`}},
			status:     engine.Succeeded, output: `"The state/task 'lambda' returned a result with a size exceeding the maximum number of bytes service limit."`,
			history: entered1 + `3 p2 ` + scheduledA + `4 p3 ` + startedA + `
				5 p4 TaskFailed {"resourceType":"lambda","resource":"invoke","error":"States.DataLimitExceeded","cause":"The state/task 'lambda' returned…
				6 p5 TaskStateExited …
				7 p6 PassStateEntered …
				8 p7 PassStateExited …
				9 p8 ExecutionSucceeded …`,
		},
		{
			name:       "output of a pass over the limit",
			definition: states(`"A": {"Type": "Pass", "Output": "{% $pad('', 262143, 'x') %}", "End": true}`),
			status:     engine.Failed, err: "States.DataLimitExceeded",
			cause: "The state/task 'A' returned a result with a size exceeding the maximum number of bytes service limit.",
			history: `
				1 p0 ExecutionStarted {"input":"{\"id\":1}",…
				2 p0 PassStateEntered {"name":"A",…
				3 p2 ExecutionFailed {"error":"States.DataLimitExceeded",…`,
		},
	}
}

// An Express execution and a Standard one run on the same core: each case runs as
// both and gives the same history.
func TestHistory_IsThatOfAWSEventByEvent(t *testing.T) {
	t.Parallel()
	for _, c := range historyCases() {
		for _, kind := range []engine.MachineType{engine.Express, engine.Standard} {
			if kind == engine.Express && c.took > 300*time.Second {
				continue // longer than an Express execution may run
			}
			t.Run(c.name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				out := enginetest.Play(t, enginetest.Scenario{
					Type: kind, Definition: c.definition, Input: `{"id":1}`,
					Answers: map[string][]enginetest.Answer{"A": c.answers},
				})
				if out.Status != c.status || out.Output != c.output || out.Error != c.err || out.Cause != c.cause || out.Took != c.took {
					t.Errorf("outcome:\n got %s %s %q %q %s\nwant %s %s %q %q %s",
						out.Status, out.Output, out.Error, out.Cause, out.Took, c.status, c.output, c.err, c.cause, c.took)
				}
				sameHistory(t, out.Events, c.history)
			})
		}
	}
}
