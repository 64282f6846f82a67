package history_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
	"github.com/alquimista-ai/nigredo/workflows/history"
)

const oneTask = `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": "{% $states.input %}"},
		"Output": "{% $states.result.Payload %}", "Next": "Z"},
	"Z": {"Type": "Succeed"}}}`

// closes is a bus that tells when an execution has closed.
type closes chan string

func (c closes) Publish(_ context.Context, change engine.StatusChange) error {
	c <- change.ARN
	return nil
}

func start(t testing.TB, store engine.Store, invoker engine.Invoker, bus engine.Bus) *engine.Engine {
	t.Helper()
	e, err := engine.New(engine.Config{Region: "us-east-1", Account: "000000000000", Store: store, Invoker: invoker, Bus: bus})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.WithoutCancel(t.Context())) })
	return e
}

// A task that was running when the process ended is run again by the next one, and
// the history does not show it.
func TestEngine_ResumesFromTheDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := testdb.New(t)
	bus := make(closes, 8)
	script := enginetest.NewScript(map[string][]enginetest.Answer{"A": {{Hang: true}, {Result: `{"nul":"\u0000"}`}}})
	first := start(t, history.New(pool), script, bus)
	machine, err := first.CreateStateMachine(ctx, engine.CreateInput{Name: "m", Definition: oneTask, RoleARN: "r"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := first.StartExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN, Name: "x", Input: `{"id":1}`})
	if err != nil {
		t.Fatal(err)
	}
	<-bus // RUNNING
	second, err := engine.New(engine.Config{Region: "us-east-1", Account: "000000000000", Store: history.New(pool), Invoker: script, Bus: bus})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(ctx); !errors.Is(err, engine.ErrLeaseHeld) {
		t.Fatalf("second engine: got %v, want ErrLeaseHeld", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_ = first.Close(gone) // the running task is given up

	third := start(t, history.New(pool), script, bus)
	select {
	case <-bus:
	case <-time.After(20 * time.Second):
		t.Fatal("the execution did not go on")
	}
	got, err := third.DescribeExecution(ctx, engine.DescribeInput{ExecutionARN: out.ExecutionARN})
	if err != nil || got.Status != engine.Succeeded || *got.Output != `{"nul":"\u0000"}` {
		t.Errorf("execution: got %+v, %v", got, err)
	}
	events := enginetest.History(ctx, t, third, out.ExecutionARN)
	if len(events) != 9 || events[8].Type != "ExecutionSucceeded" {
		t.Errorf("history: got %d events, want 9", len(events))
	}
	if calls := script.Calls(); len(calls) != 2 {
		t.Errorf("calls: got %d, want 2", len(calls))
	}
}

// forks has a wait, a retry's pause and a task pending in its branches at one time, and
// a wait in each of three iterations, two at a time.
const forks = `{"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
	{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 40, "Output": "waited", "End": true}}},
	{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"},
		"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 50}], "Output": "{% $states.result.Payload %}", "End": true}}},
	{"StartAt": "B", "States": {"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"},
		"Output": "{% $states.result.Payload %}", "End": true}}},
	{"StartAt": "M", "States": {"M": {"Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 2, "End": true,
		"ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Wait", "Seconds": "{% 30 * $states.input %}", "End": true}}}}}}]}}}`

// racing is a clock that runs a hundred times as fast as the machine's.
type racing struct{ since time.Time }

func (r racing) Now() time.Time { return r.since.Add(100 * time.Since(r.since)) }

func (r racing) AfterFunc(d time.Duration, f func()) engine.Timer { return time.AfterFunc(d/100, f) }

// What an execution has going on in its branches is in the database, the private part
// of its events too: the next engine goes on with all of it.
func TestEngine_ResumesForksFromTheDatabase(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := testdb.New(t)
	bus := make(closes, 8)
	script := enginetest.NewScript(map[string][]enginetest.Answer{
		"A": {{Error: "E"}, {Result: `"retried"`}}, "B": {{Hang: true}, {Result: `"again"`}},
	})
	clock := racing{time.Now()}
	run := func() *engine.Engine {
		e, err := engine.New(engine.Config{
			Region: "us-east-1", Account: "000000000000", Store: history.New(pool), Invoker: script, Bus: bus, Clock: clock,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(ctx); err != nil {
			t.Fatal(err)
		}
		return e
	}
	first := run()
	machine, err := first.CreateStateMachine(ctx, engine.CreateInput{Name: "m", Definition: forks, RoleARN: "r"})
	if err != nil {
		t.Fatal(err)
	}
	out, err := first.StartExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN, Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	<-bus // RUNNING
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_ = first.Close(gone)

	second := run()
	defer func() { _ = second.Close(context.WithoutCancel(ctx)) }()
	got := engine.Execution{Status: engine.Running}
	for got.Status == engine.Running { // RUNNING may be published again
		select {
		case <-bus:
		case <-time.After(20 * time.Second):
			t.Fatal("the execution did not go on")
		}
		if got, err = second.DescribeExecution(ctx, engine.DescribeInput{ExecutionARN: out.ExecutionARN}); err != nil {
			t.Fatal(err)
		}
	}
	if got.Status != engine.Succeeded || *got.Output != `["waited","retried","again",[1,2,3]]` {
		t.Errorf("execution: got %+v, %v", got, err)
	}
}

// The engine of a process that stalled writes nothing once another has the database,
// and ends.
func TestEngine_ThatStalledIsFencedOff(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	pool := testdb.New(t)
	first := start(t, history.New(pool), enginetest.NewScript(nil), nil)
	machine, err := first.CreateStateMachine(ctx, engine.CreateInput{Name: "m", Definition: oneTask, RoleARN: "r"})
	if err != nil {
		t.Fatal(err)
	}
	second := engine.ErrLeaseHeld
	for deadline := time.Now().Add(30 * time.Second); errors.Is(second, engine.ErrLeaseHeld) && time.Now().Before(deadline); {
		if _, err := pool.Exec(ctx, `UPDATE stepfunctions.lease SET seen_at = clock_timestamp() - interval '1 hour'`); err != nil {
			t.Fatal(err)
		}
		e, err := engine.New(engine.Config{Region: "us-east-1", Account: "000000000000", Store: history.New(pool), Invoker: enginetest.NewScript(nil)})
		if err != nil {
			t.Fatal(err)
		}
		if second = e.Start(ctx); second == nil {
			t.Cleanup(func() { _ = e.Close(context.WithoutCancel(ctx)) })
		}
	}
	if second != nil {
		t.Fatal(second)
	}
	if _, err := first.StartExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN}); !errors.Is(err, engine.ErrFenced) {
		t.Errorf("start: got %v, want ErrFenced", err)
	}
	select {
	case <-first.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("the fenced engine goes on")
	}
	if !errors.Is(first.Err(), engine.ErrFenced) {
		t.Errorf("ended with %v, want ErrFenced", first.Err())
	}
	var executions int
	if err := pool.QueryRow(ctx, `SELECT count(*) FROM stepfunctions.executions`).Scan(&executions); err != nil || executions != 0 {
		t.Errorf("%d executions are stored, %v", executions, err)
	}
}
