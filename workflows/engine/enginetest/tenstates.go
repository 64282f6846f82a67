package enginetest

import "strings"

// TenStates is the machine that transitions in memory are measured with: five Tasks
// with three-field Arguments and an Output expression each, three Choices, two Passes
// with Assign. An execution enters all ten when its input and the answer of the
// function are TenStatesInput.
const TenStates = `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"request": "{% $states.input %}", "startedAt": "{% $states.context.Execution.StartTime %}", "state": "{% $states.context.State.Name %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "A?"},
	"A?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.outcome = 'other' %}", "Next": "E"}, {"Condition": "{% $states.input.outcome = 'valid' %}", "Next": "Keep"}], "Default": "E"},
	"Keep": {"Type": "Pass", "Assign": {"submission": "{% $states.input.submission %}"}, "Next": "B"},
	"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $states.input.submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $states.input.outcome %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "B?"},
	"B?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.outcome = 'valid' %}", "Next": "C"}], "Default": "E"},
	"C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $states.input.outcome %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "C?"},
	"C?": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.outcome = 'valid' %}", "Next": "Note"}], "Default": "E"},
	"Note": {"Type": "Pass", "Assign": {"outcome": "{% $states.input.outcome %}"}, "Next": "D"},
	"D": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $outcome %}"}},
		"Output": "{% $states.result.Payload %}", "Next": "E"},
	"E": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"submission": "{% $states.input.submission %}", "execution": "{% $states.context.Execution.Id %}", "outcome": "{% $states.input.outcome %}"}},
		"Output": "{% $states.result.Payload %}", "End": true}}}`

// TenStatesInput is two kilobytes of JSON.
func TenStatesInput() string {
	return `{"outcome":"valid","submission":{"name":"Ana O'Brien","email":"ana@example.com","message":"` + strings.Repeat("words ", 325) + `word"}}`
}
