package enginetest

import (
	"context"
	"strings"
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
	Name       string // of the machine; empty: "machine"
	Type       engine.MachineType
	Definition []byte
	// Placeholders replace "${Key}" in the definition.
	Placeholders map[string]string
	Input        string
	// Answers script the tasks, by state.
	Answers map[string][]Answer
	// Real lets states:startExecution tasks start real executions in the engine
	// instead of taking scripted answers.
	Real bool
	// Redrives is how often a Standard execution that failed is redriven.
	Redrives int
}

// Outcome is how a scenario ended.
type Outcome struct {
	Status Status
	Output string
	Error  string
	Cause  string
	// Path is the names of the entered states, in order.
	Path   []string
	Events []engine.Event
	Calls  []Call
	// Took is how long the execution ran, in the fake time.
	Took time.Duration
}

// Status is engine.Status, for a shorter table.
type Status = engine.Status

// Fill replaces the placeholders of a definition.
func Fill(definition []byte, placeholders map[string]string) string {
	text := string(definition)
	for key, value := range placeholders {
		text = strings.ReplaceAll(text, "${"+key+"}", value)
	}
	return text
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
	config := engine.Config{Region: Region, Account: Account, Store: NewStore(), Invoker: script, Logs: logs}
	if !scenario.Real {
		config.Integrations = map[string]engine.Integration{StartExecutionResource: script.Task()}
	}
	e, err := engine.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close(context.WithoutCancel(ctx)) }()
	name := scenario.Name
	if name == "" {
		name = "machine"
	}
	machine, err := e.CreateStateMachine(ctx, engine.CreateInput{
		Name:       name,
		Type:       scenario.Type,
		Definition: Fill(scenario.Definition, scenario.Placeholders),
		RoleARN:    "arn:aws:iam::" + Account + ":role/" + name,
		Logging:    engine.Logging{Level: engine.LogAll, IncludeExecutionData: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	in := engine.StartInput{StateMachineARN: machine.ARN, Name: "scenario", Input: scenario.Input}
	var outcome Outcome
	if machine.Type == engine.Express {
		outcome = playExpress(ctx, t, e, in, logs)
	} else {
		outcome = playStandard(ctx, t, e, in, scenario.Redrives)
	}
	outcome.Calls = script.Calls()
	for _, event := range outcome.Events {
		if strings.HasSuffix(event.Type, "StateEntered") {
			outcome.Path = append(outcome.Path, Member(event, "name"))
		}
	}
	return outcome
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

func playStandard(ctx context.Context, t *testing.T, e *engine.Engine, in engine.StartInput, redrives int) Outcome {
	t.Helper()
	started, err := e.StartExecution(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	execution := Settle(ctx, t, e, started.ExecutionARN)
	for range redrives {
		if _, err := e.RedriveExecution(ctx, engine.RedriveInput{ExecutionARN: started.ExecutionARN}); err != nil {
			t.Fatal(err)
		}
		execution = Settle(ctx, t, e, started.ExecutionARN)
	}
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
