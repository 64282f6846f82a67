package engine_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// journey passes every kind of rest: a task, a retry's pause with jitter, a wait, a
// catch, a choice, a long way through passes, a redrive.
const journey = `
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "f", "Payload": {"n": "{% $states.context.State.RetryCount %}"}},
		"Assign": {"a": "{% $states.result.Payload %}"}, "Output": {},
		"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 4, "JitterStrategy": "FULL"}], "Next": "B"},
	"B": {"Type": "Wait", "Seconds": 60, "Assign": {"b": "{% $states.context.State.EnteredTime %}"}, "Next": "C"},
	"C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"FunctionName": "g", "Payload": ["{% $a %}", "{% $b %}"]}, "TimeoutSeconds": 5,
		"Catch": [{"ErrorEquals": ["States.Timeout"], "Assign": {"i": 0}, "Next": "D"}], "End": true},
	"D": {"Type": "Choice", "Assign": {"i": "{% $i + 1 %}"},
		"Choices": [{"Condition": "{% $i < 300 %}", "Assign": {"i": "{% $i + 1 %}"}, "Next": "D"}], "Default": "F"},
	"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {"FunctionName": "h", "Payload": "{% $i %}"},
		"Output": "{% [$i, $a, $states.result.Payload] %}", "End": true}`

// journeyTasks answers by attempt, not by call: an attempt that is made again after
// a crash gets the same answer.
type journeyTasks struct{}

func (journeyTasks) Invoke(ctx context.Context, _ string, _ []byte) (engine.Result, error) {
	task, _ := engine.TaskOf(ctx)
	switch {
	case task.State == "C":
		<-ctx.Done()
		return engine.Result{}, ctx.Err()
	case task.State == "A" && task.RetryCount < 2, task.State == "F" && task.RedriveCount == 0:
		return engine.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorType":"E"}`)}, nil
	}
	return engine.Result{Payload: []byte(`"` + task.State + `"`), RequestID: "r"}, nil
}

// travel runs the journey from where the store has it to its end: started when it
// is not there yet, redriven when it failed for the first time.
func travel(t *testing.T, b *testBundle) engine.Execution {
	t.Helper()
	machine := b.create(t, "machine", engine.Standard, states(journey))
	arn := strings.Replace(machine, "stateMachine", "execution", 1) + ":x"
	if records, err := b.store.Records(t.Context(), []string{arn}); err != nil {
		t.Fatal(err)
	} else if len(records) == 0 {
		b.start(t, machine, "x", `{"id":1}`)
	}
	execution := b.settle(t, arn)
	if execution.Status == engine.Failed && execution.RedriveCount == 0 {
		redrive(t, b, arn, "")
		execution = b.settle(t, arn)
	}
	if execution.Status != engine.Succeeded || *execution.Output != `[301,"A","F"]` {
		t.Errorf("outcome: got %+v", execution)
	}
	return execution
}

// timeless takes the times out of a history: they are all that may differ.
func timeless(events []engine.Event) string {
	return regexp.MustCompile(`2000-01-\d\dT[0-9:.]+Z|\w{3}, \d\d Jan 2000 [0-9:]+ GMT|Root=1-[0-9a-f]+`).ReplaceAllString(lines(events), "TIME")
}

// At every write of the journey the process dies, before the write or after it,
// and another engine goes on with what is stored then. The outcome and the history
// are those of the undisturbed run.
func TestCrash_AtEveryWriteGivesTheSameHistory(t *testing.T) {
	t.Parallel()
	var want string
	writes := 0
	synctest.Test(t, func(t *testing.T) {
		b := startWith(t, enginetest.NewStore(), journeyTasks{}, &bus{})
		want = timeless(b.history(t, travel(t, b).ARN))
		writes = b.store.Commits()
	})
	if writes < 12 {
		t.Fatalf("writes: got %d, the journey is too short", writes)
	}
	for _, stage := range []enginetest.Stage{enginetest.BeforeCommit, enginetest.AfterCommit} {
		for n := 1; n <= writes; n++ {
			t.Run(fmt.Sprintf("stage %d, write %d", stage, n), func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					var stored *enginetest.Store
					store := enginetest.NewStore()
					store.Watch(func(commit enginetest.Commit) error {
						if commit.Stage == stage && commit.Number == n {
							stored = commit.Snapshot()
						}
						return nil
					})
					first := startWith(t, store, journeyTasks{}, &bus{})
					travel(t, first)
					first.kill()
					second := startWith(t, stored, journeyTasks{}, &bus{})
					if got := timeless(second.history(t, travel(t, second).ARN)); got != want {
						t.Errorf("history:\n got %s\nwant %s", got, want)
					}
				})
			})
		}
	}
}

// A write whose answer was lost is found out, not repeated.
func TestCommit_LostAnswerIsRecognised(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := enginetest.NewStore()
		lost := 0
		store.Watch(func(commit enginetest.Commit) error {
			if commit.Stage != enginetest.AfterCommit {
				return nil
			}
			if lost++; lost%3 != 0 {
				return errors.New("connection lost") // twice for every write
			}
			return nil
		})
		b := startWith(t, store, journeyTasks{}, &bus{})
		travel(t, b)
	})
}

// A database that is away holds executions up and loses none.
func TestCommit_StoreAwayForAMinute(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := enginetest.NewStore()
		var since time.Time
		store.Watch(func(commit enginetest.Commit) error {
			if commit.Number < 4 || commit.Stage != enginetest.BeforeCommit {
				return nil
			}
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) < time.Minute {
				return errors.New("connection refused")
			}
			return nil
		})
		b := startWith(t, store, journeyTasks{}, &bus{})
		travel(t, b)
	})
}

// One write that the store can never take does not hold up the others.
func TestCommit_RejectedWriteIsIsolated(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := enginetest.NewStore()
		b := startWith(t, store, journeyTasks{}, &bus{})
		machine := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		store.Watch(func(commit enginetest.Commit) error {
			for _, write := range commit.Writes {
				if write.Record.Name == "poison" {
					return fmt.Errorf("commit: %w", engine.ErrRejected)
				}
			}
			return nil
		})
		var group sync.WaitGroup
		for _, name := range []string{"a", "b", "poison", "c", "d"} {
			group.Go(func() {
				_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: name})
				if failed := errors.Is(err, engine.ErrRejected); failed != (name == "poison") || (err != nil && !failed) {
					t.Errorf("start %s: got %v", name, err)
				}
			})
		}
		group.Wait()
	})
}

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
