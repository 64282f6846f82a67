package engine

import (
	"strings"
	"testing"
	"time"
)

// What FuzzMachine found, made small: histories that were not gone on with as they had
// begun.
func TestFold_GoesOnAsItBegan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		states string
		input  string
		stop   time.Duration
		fault  string // of every task, until a redrive; empty: none
	}{
		{
			// The caller's own text of the input, and not one like it.
			name:  "the caller's text in a branch",
			input: ` {"a":  "<b>"} `,
			states: `"A": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 1, "Next": "C"},
				"C": {"Type": "Pass", "Output": "{% $states.input %}", "End": true}}}]}`,
		},
		{
			// Each event has the error that it was recorded with.
			name:  "two failures in one step",
			input: `{}`,
			states: `"A": {"Type": "Map", "Items": [1], "End": true, "ItemProcessor": {"StartAt": "B", "States": {
				"B": {"Type": "Parallel", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}], "End": true,
					"Branches": [{"StartAt": "D", "States": {"D": {"Type": "Fail", "Error": "E1"}}}]},
				"C": {"Type": "Parallel", "Arguments": "{% $states.input.nothing %}", "End": true,
					"Branches": [{"StartAt": "E", "States": {"E": {"Type": "Succeed"}}}]}}}}`,
		},
		{
			// The event of the second attempt says why the first one failed.
			name:  "an attempt that fails at once for another reason",
			input: `{}`,
			states: `"A": {"Type": "Parallel", "Arguments": {"n": "{% $states.context.State.RetryCount %}"}, "End": true,
				"Retry": [{"ErrorEquals": ["E1"], "MaxAttempts": 1}, {"ErrorEquals": ["E2"], "MaxAttempts": 1}],
				"Branches": [{"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "{% $states.input.n = 0 ? 'E1' : 'E2' %}"}}}]}`,
		},
		{
			// It fails twice, and not for ever.
			name:  "the catcher of a Parallel that fails",
			input: `{}`,
			states: `"A": {"Type": "Parallel", "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.input.nothing %}", "Next": "C"}], "End": true,
				"Branches": [{"StartAt": "B", "States": {"B": {"Type": "Fail", "Error": "E1"}}}]},
				"C": {"Type": "Succeed"}`,
		},
		{
			// One branch pauses as a whole while another is in the middle of a step that is too long.
			name:  "a step that is cut while a Parallel pauses",
			input: `{}`,
			states: `"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "B", "States": {"B": {"Type": "Parallel", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "End": true,
					"Branches": [{"StartAt": "C", "States": {"C": {"Type": "Fail", "Error": "E1"}}}]}}},
				{"StartAt": "D", "States": {"D": {"Type": "Pass", "Assign": {"n": ""}, "Next": "E"},
					"E": {"Type": "Choice", "Choices": [{"Condition": "{% $n = '` + strings.Repeat("x", 280) + `' %}", "Next": "F"}],
						"Default": "E", "Assign": {"n": "{% $n & 'x' %}"}},
					"F": {"Type": "Succeed"}}}]}`,
		},
		{
			// Both pause behind the same event: the redrive.
			name:  "two Parallels that pause after a redrive",
			input: `{}`,
			stop:  time.Second,
			states: `"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "B", "States": {"B": {"Type": "Parallel", "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5, "MaxAttempts": 1}], "End": true,
					"Branches": [{"StartAt": "C", "States": {"C": {"Type": "Fail", "Error": "E1"}}}]}}},
				{"StartAt": "D", "States": {"D": {"Type": "Parallel", "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 7, "MaxAttempts": 1}], "End": true,
					"Branches": [{"StartAt": "E", "States": {"E": {"Type": "Fail", "Error": "E1"}}}]}}}]}`,
		},
		{
			// Its branches are done: what fails it stands in the event alone.
			name:  "an Output of a Parallel that is too large",
			input: `"` + strings.Repeat("x", payloadLimit/2) + `"`,
			states: `"A": {"Type": "Parallel", "Output": ["{% $states.input %}", "{% $states.input %}"], "End": true,
				"Catch": [{"ErrorEquals": ["States.DataLimitExceeded"], "Output": "{% $states.errorOutput.Error %}", "Next": "C"}],
				"Branches": [{"StartAt": "B", "States": {"B": {"Type": "Succeed", "Output": 1}}}]},
				"C": {"Type": "Succeed"}`,
		},
		{
			// Each begins with its own iterations, all of them, before the other does.
			name:  "two Maps that are retried at the same time",
			input: `{}`,
			fault: "E1",
			states: `"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "B", "States": {"B": {"Type": "Map", "Items": [1, 2], "Retry": [{"ErrorEquals": ["E1"], "MaxAttempts": 1}], "End": true,
					"ItemProcessor": {"StartAt": "C", "States": {"C": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}}}},
				{"StartAt": "D", "States": {"D": {"Type": "Map", "Items": [1, 2], "Retry": [{"ErrorEquals": ["E1"], "MaxAttempts": 1}], "End": true,
					"ItemProcessor": {"StartAt": "E", "States": {"E": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:f", "End": true}}}}}}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := &plan{
				definition: `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {` + c.states + `}}`,
				input:      c.input, redrives: 1, jobs: strings.Contains(c.states, jobResource),
				answer: func(call call) (any, *failure, time.Duration, bool) {
					if c.fault != "" && call.RedriveCount == 0 {
						f := failing(c.fault, "cause")
						return nil, &f, time.Second, true
					}
					return call.State, nil, time.Second, true
				},
			}
			p.stops[0] = c.stop
			checkPlan(t, p)
		})
	}
}
