package engine_test

import (
	"errors"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// start starts "main", again if need be: it is the same execution, or it has closed
// meanwhile.
func start(p *process) error {
	_, err := p.StartExecution(p.context(), engine.StartInput{StateMachineARN: arnBase + "stateMachine:main", Name: "x", Input: ` {"id":1} `})
	var refused *engine.APIError
	if errors.As(err, &refused) && refused.Type == "ExecutionAlreadyExists" && p.number > 0 {
		return nil
	}
	return err
}

const mainARN = arnBase + "execution:main:x"

// ends waits until the execution has closed.
func ends(p *process) error {
	for {
		got, err := p.DescribeExecution(p.context(), engine.DescribeInput{ExecutionARN: mainARN})
		if err != nil || got.Status != engine.Running {
			return err
		}
		if err := p.sleep(time.Second); err != nil {
			return err
		}
	}
}

// stopAt stops the execution so long after its start.
func stopAt(after time.Duration) deed {
	return func(p *process) error {
		got, err := p.DescribeExecution(p.context(), engine.DescribeInput{ExecutionARN: mainARN})
		if err != nil {
			return err
		}
		if err := p.sleep(time.Until(got.StartDate.Add(after))); err != nil {
			return err
		}
		name, cause := "Stopped", "by the operator"
		_, err = p.StopExecution(p.context(), engine.StopInput{ExecutionARN: mainARN, Error: &name, Cause: &cause})
		return err
	}
}

// again redrives, once for each token.
func again(token string) deed {
	return func(p *process) error {
		_, err := p.RedriveExecution(p.context(), engine.RedriveInput{ExecutionARN: mainARN, ClientToken: token})
		return err
	}
}

// voyages pass every kind of state, and every kind of rest, of failure and of going on
// again.
func voyages() []voyage {
	return []voyage{straight(), long(), forked(), nested(), stopped()}
}

// straight is one branch: a task with two kinds of retry and jitter, a wait, a task that
// times out and is caught, a failure, a redrive.
func straight() voyage {
	return voyage{
		name: "one branch",
		machines: map[string]string{"main": states(`
			"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
				"Arguments": {"FunctionName": "f", "Payload": {"n": "{% $states.context.State.RetryCount %}"}},
				"Assign": {"a": "{% $states.result.Payload.state %}"}, "Output": {},
				"Retry": [{"ErrorEquals": ["E1"], "IntervalSeconds": 4, "JitterStrategy": "FULL"}, {"ErrorEquals": ["E2"], "IntervalSeconds": 9}], "Next": "B"},
			"B": {"Type": "Wait", "Seconds": 60, "Assign": {"b": "{% $states.context.State.EnteredTime %}"}, "Next": "C"},
			"C": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:g", "Arguments": ["{% $a %}", "{% $b %}"], "TimeoutSeconds": 5,
				"Catch": [{"ErrorEquals": ["States.Timeout"], "Output": "{% $states.errorOutput.Error %}", "Next": "D"}], "End": true},
			"D": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 'States.Timeout' %}", "Next": "E"}], "Default": "G"},
			"E": {"Type": "Pass", "Output": "{% [$a, $states.input] %}", "Next": "F"},
			"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"},
				"Output": "{% [$states.input, $states.result.Payload.state] %}", "Next": "G"},
			"G": {"Type": "Succeed"}`)},
		deeds: []deed{start, ends, again("token"), ends},
		answer: func(task engine.TaskCall) answer {
			switch {
			case task.State == "A" && task.RetryCount == 1:
				return answer{err: "E2"}
			case task.State == "A" && task.RetryCount < 4, task.State == "F" && task.RedriveCount == 0:
				return answer{err: "E1", after: time.Second}
			case task.State == "C":
				return answer{never: true}
			}
			return answer{after: 2 * time.Second}
		},
		status: engine.Succeeded, output: `["A","States.Timeout","F"]`, executions: 1, attempts: 8,
	}
}

// long enters more states than one step may.
func long() voyage {
	return voyage{
		name: "a long way",
		machines: map[string]string{"main": states(`
			"A": {"Type": "Pass", "Assign": {"n": ""}, "Next": "B"},
			"B": {"Type": "Choice", "Default": "B", "Assign": {"n": "{% $n & 'x' %}"},
				"Choices": [{"Condition": "{% $n = '` + strings.Repeat("x", 260) + `' %}", "Next": "C"}]},
			"C": {"Type": "Succeed", "Output": "C"}`)},
		deeds:  []deed{start, ends},
		status: engine.Succeeded, output: `"C"`, executions: 1,
	}
}

// forked has a Map of two at a time with a Parallel in each iteration, beside a wait and
// a pause. The Map is retried as a whole; another branch ends all of it while iterations
// run, and a redrive goes on with what was cut, to a Fail state that is caught.
func forked() voyage {
	return voyage{
		name: "branches",
		machines: map[string]string{"main": states(`
			"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "M", "States": {"M": {"Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 2, "End": true,
					"ItemSelector": {"i": "{% $states.context.Map.Item.Index %}"},
					"Retry": [{"ErrorEquals": ["E1"], "IntervalSeconds": 3, "MaxAttempts": 1}],
					"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "P", "States": {
						"P": {"Type": "Parallel", "Output": "{% $states.context.Map.Item.Index %}", "End": true, "Branches": [
							{"StartAt": "X", "States": {"X": {"Type": "Pass", "End": true}}},
							{"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:i", "End": true}}}]}}}}}},
				{"StartAt": "W", "States": {
					"W": {"Type": "Wait", "Seconds": 5, "Next": "J"},
					"J": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:j",
						"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 6, "MaxAttempts": 1}], "Next": "Q"},
					"Q": {"Type": "Parallel", "Catch": [{"ErrorEquals": ["E2"], "Output": "{% $states.errorOutput.Error %}", "Next": "N"}], "End": true, "Branches": [
						{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E2"}}}]},
					"N": {"Type": "Choice", "Choices": [{"Condition": "{% $states.input = 'E2' %}", "Next": "S"}]},
					"S": {"Type": "Succeed"}}}]}`)},
		deeds: []deed{start, ends, again("token"), ends},
		answer: func(task engine.TaskCall) answer {
			switch {
			case task.State == "I" && task.ID < 30 && text(task.Arguments) == `{"i":1}`:
				return answer{err: "E1", after: 2 * time.Second}
			case task.State == "J" && task.RedriveCount == 0:
				return answer{err: "E1", after: time.Second}
			case task.State == "J":
				return answer{after: time.Second}
			}
			return answer{after: 6 * time.Second}
		},
		status: engine.Succeeded, output: `[[0,1,2],"E2"]`, executions: 1, attempts: 9,
	}
}

// nested starts other executions: one, by its name, that has closed before the answer is
// written, and two, one after the other, whose ends it waits for beside a wait of its
// own; it puts an event, too.
func nested() voyage {
	return voyage{
		name: "executions in executions",
		machines: map[string]string{
			"main": states(`
				"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
					"Arguments": {"StateMachineArn": "` + arnBase + `stateMachine:beside", "Name": "beside", "Input": {"n": 2}}, "Next": "P"},
				"P": {"Type": "Parallel", "Output": "{% $states.result[0] %}", "Next": "E", "Branches": [
					{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "TimeoutSeconds": 100,
						"Arguments": {"StateMachineArn": "` + arnBase + `stateMachine:child", "Input": {"n": "{% $states.context.State.RetryCount %}"}},
						"Retry": [{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "MaxAttempts": 1}],
						"Output": "{% $states.result.Output %}", "End": true}}},
					{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "End": true}}}]},
				"E": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Arguments": {"Entries": [{"Source": "s", "DetailType": "t", "Detail": {"n": 1}}]},
					"Output": "{% $states.input %}", "End": true}`),
			"beside": states(`"A": {"Type": "Pass", "End": true}`),
			"child": states(`
				"A": {"Type": "Wait", "Seconds": 3, "Next": "T"},
				"T": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:t", "Output": "{% $states.result.state %}", "End": true}`),
		},
		deeds: []deed{start, ends},
		answer: func(task engine.TaskCall) answer {
			if arguments := text(task.Arguments); strings.Contains(arguments, `"n":0`) {
				return answer{err: "E1", after: time.Second}
			}
			return answer{after: 2 * time.Second}
		},
		status: engine.Succeeded, output: `"T"`, executions: 4, attempts: 2,
	}
}

// stopped is stopped by its operator while a task runs beside a wait and a pause, and
// redriven.
func stopped() voyage {
	return voyage{
		name: "a stop",
		machines: map[string]string{"main": states(`
			"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:b", "Output": "B", "End": true}}},
				{"StartAt": "C", "States": {"C": {"Type": "Wait", "Seconds": 30, "Output": "C", "End": true}}},
				{"StartAt": "D", "States": {"D": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:d", "Output": "D",
					"Retry": [{"ErrorEquals": ["E1"], "IntervalSeconds": 20, "MaxAttempts": 1}], "End": true}}}]}`)},
		deeds: []deed{start, stopAt(4500 * time.Millisecond), again("token"), ends},
		answer: func(task engine.TaskCall) answer {
			switch {
			case task.State == "B" && task.RedriveCount == 0:
				return answer{never: true}
			case task.State == "D" && task.RedriveCount == 0:
				return answer{err: "E1", after: time.Second}
			}
			return answer{after: 2 * time.Second}
		},
		status: engine.Succeeded, output: `["B","C","D"]`, executions: 1, attempts: 4,
	}
}

// short is for two faults in one voyage.
func short() voyage {
	return voyage{
		name: "two branches",
		machines: map[string]string{"main": states(`
			"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:b", "Output": "B",
					"Retry": [{"ErrorEquals": ["E1"], "MaxAttempts": 1}], "End": true}}},
				{"StartAt": "C", "States": {"C": {"Type": "Wait", "Seconds": 2, "Output": "C", "End": true}}}]}`)},
		deeds: []deed{start, ends},
		answer: func(task engine.TaskCall) answer {
			if task.RetryCount == 0 {
				return answer{err: "E1", after: 2500 * time.Millisecond}
			}
			return answer{after: time.Second}
		},
		status: engine.Succeeded, output: `["B","C"]`, executions: 1, attempts: 2,
	}
}
