package engine_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

func TestStart_SecondEngineIsRefused(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		second, err := engine.New(b.config)
		if err != nil {
			t.Fatal(err)
		}
		if err := second.Start(t.Context()); !errors.Is(err, engine.ErrLeaseHeld) {
			t.Errorf("second engine: got %v, want ErrLeaseHeld", err)
		}
		if _, err := second.StartExecution(t.Context(), engine.StartInput{
			StateMachineARN: b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`)),
		}); !errors.Is(err, engine.ErrLeaseHeld) {
			t.Errorf("execution on the second engine: got %v, want ErrLeaseHeld", err)
		}
	})
}

// An engine that stalled and was replaced writes nothing more and ends.
func TestStart_StalledEngineIsFencedOff(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, map[string][]enginetest.Answer{"A": {{Result: "1", Delay: time.Hour}}})
		arn := first.start(t, first.create(t, "machine", engine.Standard, lambda("")), "x", "")
		synctest.Wait()
		first.store.Crash() // the store forgets the first; the first does not know
		second := startOn(t, first.store, enginetest.NewScript(map[string][]enginetest.Answer{"A": {{Result: "2", Delay: 2 * time.Hour}}}), &bus{})
		execution := second.settle(t, arn)
		if *execution.Output != "2" {
			t.Errorf("output: got %s, want the second engine's", *execution.Output)
		}
		select {
		case <-first.Done():
		default:
			t.Fatal("the fenced engine goes on")
		}
		if !errors.Is(first.Err(), engine.ErrFenced) {
			t.Errorf("first engine ended with %v, want ErrFenced", first.Err())
		}
		if kinds := types(second.history(t, arn)); slices.Contains(kinds[:len(kinds)-1], "ExecutionSucceeded") {
			t.Errorf("history: got %v", kinds)
		}
	})
}

// contents is all that a store gives.
func contents(t *testing.T, s *enginetest.Store) []any {
	t.Helper()
	machines, err := s.Machines(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	all := []any{machines}
	for _, machine := range machines {
		records, err := s.Executions(t.Context(), engine.ExecutionQuery{StateMachineARN: machine.ARN, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			events, err := s.Events(t.Context(), engine.EventQuery{ExecutionARN: record.ARN})
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, record, events)
		}
	}
	changes, err := s.Changes(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return append(all, changes)
}

// Whatever an engine that was replaced writes next changes nothing, and ends it.
func TestStart_FencedEngineChangesNothing(t *testing.T) {
	const machine, x = arnBase + "stateMachine:machine", arnBase + "execution:machine:x"
	for name, write := range map[string]func(ctx context.Context, e *engine.Engine) error{
		"start": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.StartExecution(ctx, engine.StartInput{StateMachineARN: machine, Name: "y"})
			return err
		},
		"stop": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.StopExecution(ctx, engine.StopInput{ExecutionARN: x})
			return err
		},
		"redrive": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.RedriveExecution(ctx, engine.RedriveInput{ExecutionARN: arnBase + "execution:machine:stopped"})
			return err
		},
		"create": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.CreateStateMachine(ctx, engine.CreateInput{Name: "other", Definition: states(waits)})
			return err
		},
		"update": func(ctx context.Context, e *engine.Engine) error {
			_, err := e.UpdateStateMachine(ctx, engine.UpdateInput{StateMachineARN: machine, RoleARN: ptr("other")})
			return err
		},
		"delete": func(ctx context.Context, e *engine.Engine) error {
			return e.DeleteStateMachine(ctx, engine.DeleteMachineInput{StateMachineARN: machine})
		},
		"a timer": func(ctx context.Context, e *engine.Engine) error {
			time.Sleep(time.Minute)
			synctest.Wait()
			return e.DeleteStateMachine(ctx, engine.DeleteMachineInput{StateMachineARN: machine})
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				first := setup(t, nil)
				first.create(t, "machine", engine.Standard, states(waits))
				if _, err := first.StopExecution(t.Context(), engine.StopInput{ExecutionARN: first.start(t, machine, "stopped", "")}); err != nil {
					t.Fatal(err)
				}
				first.start(t, machine, "x", "")
				synctest.Wait()
				first.store.Crash() // the store forgets the first; the first does not know
				lease, err := first.store.Acquire(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				before := contents(t, first.store)
				for range 2 {
					if err := write(t.Context(), first.Engine); !errors.Is(err, engine.ErrFenced) {
						t.Errorf("got %v, want ErrFenced", err)
					}
				}
				<-first.Done()
				if !errors.Is(first.Err(), engine.ErrFenced) {
					t.Errorf("ended with %v, want ErrFenced", first.Err())
				}
				if after := contents(t, first.store); !reflect.DeepEqual(before, after) {
					t.Errorf("stored %+v\nthen   %+v", before, after)
				}
				select {
				case <-lease.Lost:
					t.Error("the second lost the lease")
				default:
				}
			})
		})
	}
}

func TestStart_LostLeaseEndsTheEngine(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		b.store.Expire()
		<-b.Done()
		if !errors.Is(b.Err(), engine.ErrFenced) {
			t.Errorf("ended with %v, want ErrFenced", b.Err())
		}
	})
}

// An engine that was away does late what was due meanwhile, in the order in which it
// was due.
func TestStart_WhatIsOverdueHappensInOrder(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, nil)
		arn := first.start(t, first.create(t, "machine", engine.Standard, states(`
			"A": {"Type": "Parallel", "End": true, "Branches": [
				{"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 7, "End": true}}},
				{"StartAt": "C", "States": {"C": {"Type": "Wait", "Seconds": 5, "Next": "D"}, "D": {"Type": "Wait", "Seconds": 1, "Output": "D", "End": true}}},
				{"StartAt": "E", "States": {"E": {"Type": "Wait", "Seconds": 3, "End": true}}}]}`)), "x", "1")
		synctest.Wait()
		first.kill()
		time.Sleep(time.Hour)
		second := startOn(t, first.store, enginetest.NewScript(nil), &bus{})
		second.settle(t, arn)
		sameSequence(t, second.history(t, arn)[6:], `
			7 p6 WaitStateExited E
			8 p5 WaitStateExited C
			9 p8 WaitStateEntered D
			10 p4 WaitStateExited B
			11 p9 WaitStateExited D
			12 p11 ParallelStateSucceeded
			13 p11 ParallelStateExited A
			14 p13 ExecutionSucceeded`)
	})
}

// Close lets a running task end; the step after it belongs to the next engine.
func TestClose_DrainsRunningTasks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: "1", Delay: 5 * time.Second}}, "B": {{Result: "2"}}})
		arn := b.start(t, b.create(t, "machine", engine.Standard, states(`
			"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"}, "Next": "B"},
			"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "f"}, "Output": "b", "End": true}`)), "x", "")
		if err := b.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:machine"}); !errors.Is(err, engine.ErrClosed) {
			t.Errorf("start after close: got %v, want ErrClosed", err)
		}
		if calls := b.script.Calls(); len(calls) != 1 || calls[0].State != "A" {
			t.Errorf("calls: got %+v, want A alone", calls)
		}
		next := startOn(t, b.store, b.script, &bus{})
		if got := next.settle(t, arn); got.Status != engine.Succeeded {
			t.Errorf("after the next start: got %+v", got)
		}
		if calls := b.script.Calls(); len(calls) != 2 || calls[1].State != "B" {
			t.Errorf("calls: got %+v, want A and B", calls)
		}
	})
}

func types(events []engine.Event) []string {
	kinds := make([]string, len(events))
	for i, event := range events {
		kinds[i] = event.Type
	}
	return kinds
}
