package engine_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

func deleteMachine(t *testing.T, b *testBundle, arn string) {
	t.Helper()
	if err := b.DeleteStateMachine(t.Context(), engine.DeleteMachineInput{StateMachineARN: arn}); err != nil {
		t.Fatal(err)
	}
}

// gone is how long a deleted machine is there at most after its last execution.
const gone = 2 * time.Minute

const deletedCause = `{"error":"States.Runtime","cause":"State machine machine has been deleted"}`

// The recording of an active deletion: a Wait that is over has no exit, a task that
// answered no success; the failure follows the newest event.
func TestDeleteStateMachine_EndsExecutionsAtTheirNextTransition(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: "1", Delay: 30 * time.Second}}})
		for name, c := range map[string]struct{ definition, history string }{
			"wait": {states(`"A": {"Type": "Wait", "Seconds": 30, "Next": "B"}, "B": {"Type": "Pass", "End": true}`), `
				1 p0 ExecutionStarted …
				2 p0 WaitStateEntered …
				3 p2 ExecutionFailed ` + deletedCause},
			"task": {lambda(""), `
				1 p0 ExecutionStarted …
				2 p0 TaskStateEntered …
				3 p2 TaskScheduled …
				4 p3 TaskStarted …
				5 p4 ExecutionFailed ` + deletedCause},
			"retry": {lambda(`"TimeoutSeconds": 10, "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 20}],`), `
				1 p0 ExecutionStarted …
				2 p0 TaskStateEntered …
				3 p2 TaskScheduled …
				4 p3 TaskStarted …
				5 p4 ExecutionFailed ` + deletedCause},
		} {
			arn := b.create(t, "machine", engine.Standard, c.definition)
			running := b.start(t, arn, name, `{"id":1}`)
			synctest.Wait()
			deleteMachine(t, b, arn)
			if got, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: running}); err != nil || got.Status != engine.Running ||
				*got.RedriveStatusReason != "Execution is RUNNING and cannot be redriven" {
				t.Fatalf("%s: at once: got %+v, %v", name, got, err)
			}
			got := b.settle(t, running)
			if got.Status != engine.Failed || *got.Error != "States.Runtime" || got.RedriveStatus != "REDRIVABLE" {
				t.Errorf("%s: got %+v", name, got)
			}
			sameHistory(t, b.history(t, running), c.history)
			time.Sleep(gone)
			synctest.Wait()
		}
	})
}

// Recordings of a machine that is being deleted, and of one that is gone.
func TestDeleteStateMachine_IsSeenAndThenGone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(waits))
		failed := b.start(t, arn, "stopped", "")
		if _, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: failed}); err != nil {
			t.Fatal(err)
		}
		running := b.start(t, arn, "running", "")
		deleteMachine(t, b, arn)
		deleteMachine(t, b, arn)

		if got := describeMachine(t, b, arn); got.Status != engine.MachineDeleting || got.Definition != states(waits) {
			t.Errorf("while it is being deleted: got %+v", got)
		}
		deleting := "State Machine is being deleted: '" + arn + "'"
		_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDeleting", deleting)
		_, err = b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn, Name: "running"})
		refusedWith(t, err, "StateMachineDeleting", deleting)
		_, err = b.UpdateStateMachine(t.Context(), engine.UpdateInput{StateMachineARN: arn, RoleARN: ptr("r")})
		refusedWith(t, err, "StateMachineDeleting", deleting)
		_, err = b.CreateStateMachine(t.Context(), engine.CreateInput{Name: "machine", Definition: states(waits), RoleARN: "r"})
		refusedWith(t, err, "StateMachineDeleting", deleting)
		_, err = b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: failed})
		refusedWith(t, err, "ExecutionNotRedrivable", "Execution "+failed+" invalid for redrive as: State machine is in DELETING status")
		_, err = b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: running})
		refusedWith(t, err, "ExecutionNotRedrivable", "Execution "+running+" invalid for redrive as: Execution is RUNNING and cannot be redriven")
		if list, err := b.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: arn}); err != nil || len(list.Executions) != 2 {
			t.Errorf("list: got %+v, %v", list, err)
		}
		if list, err := b.ListStateMachines(t.Context(), engine.ListMachinesInput{}); err != nil || len(list.StateMachines) != 1 {
			t.Errorf("list machines: got %+v, %v", list, err)
		}
		time.Sleep(59 * time.Second) // it still runs
		if got := describeMachine(t, b, arn); got.Status != engine.MachineDeleting {
			t.Errorf("while an execution runs: got %+v", got)
		}
		b.settle(t, running)
		b.history(t, running)
		time.Sleep(gone)
		synctest.Wait()

		_, err = b.DescribeStateMachine(t.Context(), engine.DescribeMachineInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDoesNotExist", "State Machine Does Not Exist: '"+arn+"'")
		_, err = b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDoesNotExist", "")
		_, err = b.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDoesNotExist", "")
		for _, execution := range []string{failed, running} {
			_, err = b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: execution})
			refusedWith(t, err, "ExecutionDoesNotExist", "")
			_, err = b.GetExecutionHistory(t.Context(), engine.HistoryInput{ExecutionARN: execution})
			refusedWith(t, err, "ExecutionDoesNotExist", "")
			_, err = b.DescribeStateMachineForExecution(t.Context(), engine.DescribeInput{ExecutionARN: execution})
			refusedWith(t, err, "ExecutionDoesNotExist", "")
			_, err = b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: execution})
			refusedWith(t, err, "ExecutionDoesNotExist", "")
		}
		deleteMachine(t, b, arn)

		// The name is free, for a machine of another type too.
		if again := b.create(t, "machine", engine.Express, states(`"A": {"Type": "Succeed"}`)); again != arn {
			t.Errorf("created again: %s", again)
		}
		if out, err := b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: arn}); err != nil || out.Status != engine.Succeeded {
			t.Errorf("the new one: got %+v, %v", out, err)
		}
	})
}

// With nothing to end, a machine is gone at once, and its closed executions with it.
func TestDeleteStateMachine_IdleIsGoneAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		x := b.start(t, arn, "x", "")
		b.settle(t, x)
		time.Sleep(time.Second)
		deleteMachine(t, b, arn)
		_, err := b.DescribeStateMachine(t.Context(), engine.DescribeMachineInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDoesNotExist", "")
		_, err = b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDoesNotExist", "")
		_, err = b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: x})
		refusedWith(t, err, "ExecutionDoesNotExist", "")
		again := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Pass", "End": true}`))
		if got := b.settle(t, b.start(t, again, "x", "")); got.Status != engine.Succeeded {
			t.Errorf("the new one: got %+v", got)
		}
	})
}

// A start beside a deletion is done or refused.
func TestDeleteStateMachine_Race(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		for range 200 {
			arn := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
			var starts sync.WaitGroup
			for range 8 {
				starts.Go(func() {
					_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn})
					var refused *engine.APIError
					if err != nil && (!errors.As(err, &refused) || (refused.Type != "StateMachineDoesNotExist" && refused.Type != "StateMachineDeleting")) {
						t.Errorf("start: %v", err)
					}
				})
			}
			deleteMachine(t, b, arn)
			starts.Wait()
			time.Sleep(gone)
			synctest.Wait()
		}
	})
}

// The machine goes between the look at it and the write of the start.
func TestStartExecution_MachineHasGoneMeanwhile(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(waits))
		const epoch = 1
		if err := b.store.DeleteMachine(t.Context(), epoch, arn, time.Now()); err != nil {
			t.Fatal(err)
		}
		if removal, err := b.store.RemoveMachine(t.Context(), epoch, arn, 1); err != nil || !removal.Machine {
			t.Fatalf("got %+v, %v", removal, err)
		}
		_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn})
		refusedWith(t, err, "StateMachineDoesNotExist", "State Machine Does Not Exist: '"+arn+"'")
	})
}

func TestDeleteStateMachine_GoesOnAfterARestart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, map[string][]enginetest.Answer{"A": {{Hang: true}}})
		waiting := first.create(t, "machine", engine.Standard, states(waits))
		tasked := first.create(t, "tasked", engine.Standard, lambda(""))
		express := first.create(t, "express", engine.Express, states(waits))
		x, y := first.start(t, waiting, "x", ""), first.start(t, tasked, "y", "{}")
		update(t, first, engine.UpdateInput{StateMachineARN: waiting, Definition: ptr(states(`"A": {"Type": "Succeed"}`))})
		synctest.Wait()
		for _, arn := range []string{waiting, tasked, express} {
			deleteMachine(t, first, arn)
		}
		first.kill()

		b := startOn(t, first.store, enginetest.NewScript(map[string][]enginetest.Answer{"A": {{Result: "1"}}}), &bus{})
		got := b.settle(t, y)
		if got.Status != engine.Failed || *got.Cause != "State machine tasked has been deleted" {
			t.Errorf("with a task: got %+v", got)
		}
		got = b.settle(t, x)
		if took := got.StopDate.Sub(got.StartDate); got.Status != engine.Failed || *got.Cause != "State machine machine has been deleted" || took != time.Minute {
			t.Errorf("waiting: got %+v after %v", got, took)
		}
		time.Sleep(gone)
		synctest.Wait()
		if list, err := b.ListStateMachines(t.Context(), engine.ListMachinesInput{}); err != nil || len(list.StateMachines) != 0 {
			t.Errorf("machines left: got %+v, %v", list, err)
		}
	})
}

// A machine that loops without a rest meets its end too, and a stop is a stop.
func TestDeleteStateMachine_EndsALoop(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Wait", "Seconds": 1, "Next": "B"}, "B": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "Z"}], "Default": "A"}, "Z": {"Type": "Succeed"}`))
		loops, stopped := b.start(t, arn, "loops", ""), b.start(t, arn, "stopped", "")
		time.Sleep(10*time.Second + 500*time.Millisecond) // in the middle of a wait
		deleteMachine(t, b, arn)
		if _, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: stopped, Error: ptr("E")}); err != nil {
			t.Fatal(err)
		}
		if got := b.settle(t, loops); got.Status != engine.Failed || *got.Cause != "State machine machine has been deleted" {
			t.Errorf("loops: got %+v", got)
		}
		if got := b.settle(t, stopped); got.Status != engine.Aborted || *got.Error != "E" {
			t.Errorf("stopped: got %+v", got)
		}
	})
}

func TestDeleteStateMachine_Refuses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(waits))
		for bad, kind := range map[string]string{
			"m": "InvalidArn", arnBase + "execution:machine:x": "InvalidArn", arn + "/label": "ValidationException",
		} {
			refusedWith(t, b.DeleteStateMachine(t.Context(), engine.DeleteMachineInput{StateMachineARN: bad}), kind, "")
		}
		for _, absent := range []string{arn + "x", arn + ":1", arn + ":live"} {
			deleteMachine(t, b, absent)
		}
		if got := describeMachine(t, b, arn); got.Status != engine.MachineActive {
			t.Errorf("after other deletions: got %+v", got)
		}
	})
}

// Closed executions go after the retention, to the hour of their end, and free
// their names; running ones stay, whatever their age.
func TestRetention_PrunesClosedExecutions(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Wait", "Seconds": "{% $states.input %}", "End": true}`))
		const day = 24 * time.Hour
		long := b.start(t, arn, "long", fmt.Sprint(300*24*3600))
		for i := range 5 {
			b.settle(t, b.start(t, arn, fmt.Sprint(i), "0"))
			time.Sleep(day)
		}
		left := func() int {
			synctest.Wait()
			list, err := b.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: arn})
			if err != nil {
				t.Fatal(err)
			}
			return len(list.Executions)
		}
		time.Sleep(85*day - time.Minute)
		if got := left(); got != 6 {
			t.Errorf("a minute before the first goes: got %d executions, want 6", got)
		}
		_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn, Name: "0", Input: "1"})
		refusedWith(t, err, "ExecutionAlreadyExists", "")
		time.Sleep(time.Hour)
		if got := left(); got != 5 {
			t.Errorf("an hour later: got %d executions, want 5", got)
		}
		_, err = b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: arnBase + "execution:machine:0"})
		refusedWith(t, err, "ExecutionDoesNotExist", "")
		if got := b.settle(t, b.start(t, arn, "0", "1")); got.Status != engine.Succeeded {
			t.Errorf("the name again: got %+v", got)
		}
		time.Sleep(10 * day)
		if got := left(); got != 2 { // long, and the new 0
			t.Errorf("ten days later: got %d executions, want 2", got)
		}
		if got := b.settle(t, long); got.Status != engine.Succeeded {
			t.Errorf("long: got %+v", got)
		}
	})
}

func TestRetention_IsConfigured(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		config := engine.Config{
			Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: enginetest.NewScript(nil), Retention: -1,
		}
		if _, err := engine.New(config); err == nil {
			t.Error("a negative retention was taken")
		}
		config.Retention = time.Hour
		e, err := engine.New(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		b := &testBundle{Engine: e}
		defer func() { _ = e.Close(t.Context()) }()
		arn := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		x := b.start(t, arn, "x", "")
		b.settle(t, x)
		time.Sleep(25 * time.Hour) // the keeper had nothing to do for a day
		synctest.Wait()
		_, err = b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: x})
		refusedWith(t, err, "ExecutionDoesNotExist", "")
		// A redrive of what is past its time finds nothing.
		_, err = b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: x})
		refusedWith(t, err, "ExecutionDoesNotExist", "")
	})
}
