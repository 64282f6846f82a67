package enginetest

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Region and Account are those of every engine in tests.
const (
	Region  = "us-east-1"
	Account = "000000000000"
)

// StartExecutionResource is the Resource of states that start executions.
const StartExecutionResource = "arn:aws:states:::states:startExecution"

// Scenario is one execution to play.
type Scenario struct {
	Type       engine.MachineType
	Definition string
	Input      string
	// Answers script the tasks, by state.
	Answers map[string][]Answer
}

// Outcome is how a scenario ended.
type Outcome struct {
	Status engine.Status
	Output string
	Error  string
	Cause  string
	Events []engine.Event
	// Took is how long the execution ran, in the fake time.
	Took time.Duration
}

// Play runs the scenario in a synctest bubble of its own, from start to end, and
// fails the test when the machine is refused or the execution cannot end.
func Play(t *testing.T, scenario Scenario) Outcome {
	t.Helper()
	var outcome Outcome
	synctest.Test(t, func(t *testing.T) { outcome = play(t, scenario) })
	return outcome
}

func play(t *testing.T, scenario Scenario) Outcome {
	t.Helper()
	ctx := t.Context()
	script := NewScript(scenario.Answers)
	logs := &Log{}
	e, err := engine.New(engine.Config{
		Region: Region, Account: Account, Store: NewStore(), Invoker: script, Logs: logs,
		Integrations: map[string]engine.Integration{StartExecutionResource: script.Task()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close(context.WithoutCancel(ctx)) }()
	machine, err := e.CreateStateMachine(ctx, engine.CreateInput{
		Name:       "machine",
		Type:       scenario.Type,
		Definition: scenario.Definition,
		RoleARN:    "arn:aws:iam::" + Account + ":role/machine",
		Logging:    engine.Logging{Level: engine.LogAll, IncludeExecutionData: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := engine.StartInput{StateMachineARN: machine.ARN, Name: "scenario", Input: scenario.Input}
	if machine.Type == engine.Express {
		return playExpress(ctx, t, e, in, logs)
	}
	return playStandard(ctx, t, e, in)
}

func playExpress(ctx context.Context, t *testing.T, e *engine.Engine, in engine.StartInput, logs *Log) Outcome {
	t.Helper()
	out, err := e.StartSyncExecution(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	return Outcome{
		Status: out.Status, Output: out.Output, Error: text(out.Error), Cause: text(out.Cause),
		Events: logs.Events(out.ExecutionARN), Took: out.StopDate.Sub(out.StartDate),
	}
}

func playStandard(ctx context.Context, t *testing.T, e *engine.Engine, in engine.StartInput) Outcome {
	t.Helper()
	started, err := e.StartExecution(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	execution := Settle(ctx, t, e, started.ExecutionARN)
	return Outcome{
		Status: execution.Status, Output: text(execution.Output), Error: text(execution.Error), Cause: text(execution.Cause),
		Events: History(ctx, t, e, started.ExecutionARN), Took: execution.StopDate.Sub(execution.StartDate),
	}
}

// Settle lets the fake time pass until the execution is closed. It is for use
// inside a synctest bubble.
func Settle(ctx context.Context, t *testing.T, e *engine.Engine, arn string) engine.Execution {
	t.Helper()
	for {
		synctest.Wait()
		execution, err := e.DescribeExecution(ctx, engine.DescribeInput{ExecutionARN: arn})
		if err != nil {
			t.Fatal(err)
		}
		if execution.Status != engine.Running {
			return execution
		}
		if time.Since(execution.StartDate) > 100*365*24*time.Hour {
			t.Fatalf("execution %s does not end", arn)
		}
		time.Sleep(step(execution))
	}
}

// step is how far the fake time is let run between two looks: short at first.
func step(execution engine.Execution) time.Duration {
	return max(time.Second, time.Since(execution.StartDate)/2)
}

// History reads all events of an execution.
func History(ctx context.Context, t *testing.T, e *engine.Engine, arn string) []engine.Event {
	t.Helper()
	var events []engine.Event
	in := engine.HistoryInput{ExecutionARN: arn, IncludeExecutionData: true, MaxResults: 1000}
	for {
		page, err := e.GetExecutionHistory(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, page.Events...)
		if page.NextToken == "" {
			return events
		}
		in.NextToken = page.NextToken
	}
}

func text(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}
