package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// The tests of this file show what is otherwise than in AWS; workflows/DIVERGENCES.md
// names them.

// AWS takes 1,300 starts and 5,000 transitions at once, and then 300 and 5,000 a second
// (Developer Guide, "Service quotas").
func TestStartExecution_IsNotThrottled(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(`
			"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "Next": "D"}, "D": {"Type": "Succeed"}`))
		began := time.Now()
		for range 1_400 {
			b.start(t, machine, "", "{}")
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("1,400 starts and 5,600 transitions took %s", took)
		}
	})
}

func TestStartExecution_AnswersWhenTheExecutionRests(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"B": {{Hang: true}}})
		short := b.start(t, b.create(t, "short", engine.Standard, states(`"A": {"Type": "Pass", "End": true}`)), "x", "{}")
		got, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: short})
		if err != nil || got.Status != engine.Succeeded {
			t.Errorf("without a rest: got %s, %v", got.Status, err)
		}
		resting := b.start(t, b.create(t, "resting", engine.Standard, states(`
			"A": {"Type": "Pass", "Next": "B"},
			"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"}, "End": true}`)), "x", "{}")
		events := b.history(t, resting)
		if last := events[len(events)-1]; last.Type != "TaskStarted" {
			t.Errorf("at a task: the history ends with %s", last.Type)
		}
	})
}

func TestRole_IsNeverAsked(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: `1`}}})
		machine, err := b.CreateStateMachine(t.Context(), engine.CreateInput{
			Name: "machine", Definition: lambda(""), RoleARN: "arn:aws:iam::999999999999:role/of-nobody",
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := b.settle(t, b.start(t, machine.ARN, "x", "{}")); got.Status != engine.Succeeded {
			t.Errorf("got %+v", got)
		}
	})
}

func TestHeartbeat_NeverExpires(t *testing.T) {
	t.Parallel()
	out := enginetest.Play(t, enginetest.Scenario{
		Type: engine.Standard, Definition: lambda(`"HeartbeatSeconds": 1,`), Input: `{}`,
		Answers: map[string][]enginetest.Answer{"A": {{Result: `1`, Delay: time.Hour}}},
	})
	if out.Status != engine.Succeeded || !strings.Contains(lines(out.Events), `"heartbeatInSeconds":1`) {
		t.Errorf("got %s\n%s", out.Status, lines(out.Events))
	}
}

// AWS ends a Standard execution after one year.
func TestStandard_RunsLongerThanAYear(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.start(t, b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Wait", "Seconds": 34560000, "End": true}`)), "x", "{}")
		time.Sleep(400 * 24 * time.Hour)
		if got := b.settle(t, arn); got.Status != engine.Succeeded || got.StopDate.Sub(got.StartDate) != 400*24*time.Hour {
			t.Errorf("got %+v, want SUCCEEDED after 400 days", got)
		}
	})
}

// In AWS a function that cannot be called may be LambdaFunctionScheduleFailed or
// LambdaFunctionStartFailed.
func TestLambdaFunction_ThatCannotBeCalledHasFailed(t *testing.T) {
	t.Parallel()
	out := enginetest.Play(t, enginetest.Scenario{
		Type: engine.Standard, Input: `{}`, Definition: states(`"A": {"Type": "Task", "Resource": "` + functionARN + `", "End": true}`),
		Answers: map[string][]enginetest.Answer{"A": {{Error: "Lambda.ResourceNotFoundException", Cause: "Function not found", Call: true}}},
	})
	sameSequence(t, out.Events, `
		1 p0 ExecutionStarted
		2 p0 TaskStateEntered A
		3 p2 LambdaFunctionScheduled
		4 p3 LambdaFunctionStarted
		5 p4 LambdaFunctionFailed
		6 p5 ExecutionFailed`)
}

// AWS runs an asynchronous Express execution again when it was lost.
func TestExpress_IsNotRunAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, map[string][]enginetest.Answer{"A": {{Hang: true}}})
		first.start(t, first.create(t, "machine", engine.Express, lambda("")), "x", "{}")
		synctest.Wait()
		first.kill()
		startOn(t, first.store, first.script, &bus{})
		time.Sleep(time.Hour)
		if calls := first.script.Calls(); len(calls) != 1 {
			t.Errorf("the task was called %d times, want once", len(calls))
		}
	})
}

// AWS calls the task of a Standard execution once for each attempt.
func TestStandard_PendingTaskIsCalledAgainAfterACrash(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, map[string][]enginetest.Answer{"A": {{Hang: true}, {Result: `1`}}})
		arn := first.start(t, first.create(t, "machine", engine.Standard, lambda("")), "x", "{}")
		synctest.Wait()
		first.kill()
		second := startOn(t, first.store, first.script, &bus{})
		if got := second.settle(t, arn); got.Status != engine.Succeeded {
			t.Errorf("got %+v", got)
		}
		calls := first.script.Calls()
		if len(calls) != 2 || calls[0].ID != calls[1].ID || calls[0].Repeated || !calls[1].Repeated {
			t.Errorf("calls: got %+v, want the same attempt twice", calls)
		}
		if events := second.history(t, arn); len(events) != 7 {
			t.Errorf("history: got\n%swant one attempt", lines(events))
		}
	})
}

func TestPageToken_DoesNotExpire(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		b.start(t, machine, "x", "{}")
		b.start(t, machine, "y", "{}")
		in := engine.ListInput{StateMachineARN: machine, MaxResults: 1}
		page, err := b.ListExecutions(t.Context(), in)
		if err != nil || page.NextToken == "" {
			t.Fatalf("first page: got %+v, %v", page, err)
		}
		in.NextToken = page.NextToken
		time.Sleep(25 * time.Hour)
		if page, err = b.ListExecutions(t.Context(), in); err != nil || len(page.Executions) != 1 || page.Executions[0].Name != "x" {
			t.Errorf("a day later: got %+v, %v", page, err)
		}
	})
}

// logging starts an engine with a log and a machine that logs everything.
func logging(t *testing.T, kind engine.MachineType) (e *engine.Engine, machine string, log *enginetest.Log) {
	t.Helper()
	log = &enginetest.Log{}
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: enginetest.NewScript(nil), Logs: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	created, err := e.CreateStateMachine(t.Context(), engine.CreateInput{
		Name: "machine", Type: kind, Definition: states(`"A": {"Type": "Pass", "End": true}`), RoleARN: "arn:aws:iam::000000000000:role/m",
		Logging: engine.Logging{Level: engine.LogAll, IncludeExecutionData: true, Destinations: []string{"arn:aws:logs:us-east-1:000000000000:log-group:g:*"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e, created.ARN, log
}

func TestStandard_WritesNoLogRecords(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		e, machine, log := logging(t, engine.Standard)
		out, err := e.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine})
		if err != nil {
			t.Fatal(err)
		}
		enginetest.Settle(t.Context(), t, e, out.ExecutionARN)
		if events := log.Events(out.ExecutionARN); len(events) != 0 {
			t.Errorf("logged\n%s", lines(events))
		}
	})
}

// AWS cuts a payload above 248 KiB off in its log records, and marks it as truncated.
func TestExpress_LogsLargePayloadsWhole(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		e, machine, log := logging(t, engine.Express)
		input := `"` + strings.Repeat("x", 250*1024) + `"`
		out, err := e.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Input: input})
		if err != nil {
			t.Fatal(err)
		}
		events := log.Events(out.ExecutionARN)
		if len(events) != 4 {
			t.Fatalf("logged %d events, want 4", len(events))
		}
		if got := enginetest.Member(events[0], "input"); got != input || !strings.Contains(string(events[0].Details), `{"truncated":false}`) {
			t.Errorf("logged %d bytes, want %d and no mark", len(got), len(input))
		}
	})
}
