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
