// Package storetest is the suite that every engine.Store must pass.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Run runs the suite; open answers an empty store each time.
func Run(t *testing.T, open func(t *testing.T) engine.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, engine.Store)
	}{
		{"MachineIsCreatedOnce", machineIsCreatedOnce},
		{"MachinesArePagedByName", machinesArePagedByName},
		{"UpdateMakesARevision", updateMakesARevision},
		{"DeletedMachineGoesWithItsLastExecution", deletedMachineGoes},
		{"PruneTakesTheOldestFirst", pruneTakesTheOldest},
		{"PruneKeepsRevisionsThatAreNeeded", pruneKeepsRevisions},
		{"StartIsStoredWhole", startIsStoredWhole},
		{"StepNeedsTheLastEvent", stepNeedsTheLastEvent},
		{"TakenNameLeavesTheOthers", takenNameLeavesTheOthers},
		{"OldEpochIsFenced", oldEpochIsFenced},
		{"SecondHolderIsRefused", secondHolderIsRefused},
		{"ExecutionsArePagedNewestFirst", executionsArePaged},
		{"RunningSaysWhenToWake", runningSaysWhenToWake},
		{"EventsArePagedBothWays", eventsArePaged},
		{"HistoriesAreWhole", historiesAreWhole},
		{"ChangesWaitUntilPublished", changesWait},
		{"StartsRace", startsRace},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, open(t))
		})
	}
}

const machineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:machine"

// start is a fixed moment: stores keep milliseconds.
func start() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 123_000_000, time.UTC) }

func machine(name string) engine.StateMachine {
	return engine.StateMachine{
		ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:" + name, Name: name, Type: engine.Standard,
		Status: engine.MachineActive, Definition: `{"StartAt":"é"}`, RoleARN: "arn:aws:iam::000000000000:role/r",
		CreatedAt: start(), UpdatedAt: start(),
		Logging: engine.Logging{Level: engine.LogError, IncludeExecutionData: true, Destinations: []string{"arn:aws:logs:x:*"}},
	}
}

// ready gives the store a holder and a machine.
func ready(t *testing.T, s engine.Store) int64 {
	t.Helper()
	epoch := acquire(t, s)
	if _, _, err := s.CreateMachine(t.Context(), epoch, machine("machine")); err != nil {
		t.Fatal(err)
	}
	return epoch
}

func acquire(t *testing.T, s engine.Store) int64 {
	t.Helper()
	lease, err := s.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := lease.Release(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return lease.Epoch
}

func record(name string) engine.Record {
	return engine.Record{
		Execution: engine.Execution{
			ARN: "arn:aws:states:us-east-1:000000000000:execution:machine:" + name, StateMachineARN: machineARN,
			Name: name, Status: engine.Running, StartDate: start(), Input: ` {"a":"\u0000"}`, TraceHeader: "Root=1",
		},
		RoleARN: "arn:aws:iam::000000000000:role/r", LastEventID: 2,
	}
}

// events of every shape: with details, with a private part, with one of the two.
func events(from, to int64) []engine.Event {
	var out []engine.Event
	for id := from; id <= to; id++ {
		event := engine.Event{
			ID: id, PreviousID: id - 1, Timestamp: start().Add(time.Duration(id) * time.Millisecond),
			Type: "PassStateEntered", Details: []byte(fmt.Sprintf(`{"name":"S%d","input":"\"\\u0000\""}`, id)),
		}
		if id%2 == 0 {
			event.Private = []byte(fmt.Sprintf(`{"path": "%d","input":"\"\\u0000\""}`, id))
		}
		if id%4 == 0 {
			event.Type, event.Details = "ParallelStateStarted", nil
		}
		out = append(out, event)
	}
	return out
}

func sameEvents(t *testing.T, got, want []engine.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i, event := range got {
		if event.ID != want[i].ID || event.PreviousID != want[i].PreviousID || event.Type != want[i].Type ||
			!event.Timestamp.Equal(want[i].Timestamp) ||
			string(event.Details) != string(want[i].Details) || string(event.Private) != string(want[i].Private) {
			t.Errorf("event %d: got %+v, want %+v", i, event, want[i])
		}
	}
}

func begin(name string) engine.Write {
	return engine.Write{Record: record(name), Events: events(1, 2)}
}

func commit(t *testing.T, s engine.Store, epoch int64, writes ...engine.Write) []engine.Applied {
	t.Helper()
	applied, err := s.Commit(t.Context(), epoch, writes)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func read(t *testing.T, s engine.Store, arn string) engine.Record {
	t.Helper()
	records, err := s.Records(t.Context(), []string{arn, "arn:absent"})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 1 {
		t.Fatalf("records of %s: got %d, want 1", arn, len(records))
	}
	return records[0]
}

func startIsStoredWhole(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	write := begin("x")
	wake := start().Add(time.Hour)
	write.Record.WakeAt = &wake
	write.Record.Timers = map[int64]time.Time{2: wake}
	applied := commit(t, s, epoch, write)
	if !applied[0].OK || applied[0].Seq == 0 {
		t.Fatalf("start: got %+v", applied[0])
	}
	got := read(t, s, write.Record.ARN)
	if got.Seq != applied[0].Seq || got.Status != engine.Running || got.Input != write.Record.Input ||
		!got.StartDate.Equal(start()) || got.StopDate != nil || got.TraceHeader != "Root=1" || got.LastEventID != 2 ||
		got.Name != "x" || got.StateMachineARN != machineARN || got.RoleARN != write.Record.RoleARN {
		t.Errorf("record: got %+v", got)
	}
	if got.WakeAt == nil || !got.WakeAt.Equal(wake) || !got.Timers[2].Equal(wake) {
		t.Errorf("timers: got %v, %v", got.WakeAt, got.Timers)
	}
	end := engine.Write{Record: write.Record, Expect: 2, Events: events(3, 4)}
	stop, redriven, text := start().Add(time.Minute), start().Add(time.Second), "nul \x00 in it"
	end.Record.Status, end.Record.StopDate, end.Record.LastEventID = engine.Failed, &stop, 4
	end.Record.Error, end.Record.Cause, end.Record.WakeAt = &text, nil, nil
	end.Record.RedriveCount, end.Record.RedriveDate = 2, &redriven
	end.Record.Redrives = []engine.RedriveToken{{Token: "t", Date: redriven}}
	commit(t, s, epoch, end)
	got = read(t, s, write.Record.ARN)
	if got.Status != engine.Failed || got.StopDate == nil || !got.StopDate.Equal(stop) || got.Error == nil || got.Cause != nil ||
		got.RedriveCount != 2 || !got.RedriveDate.Equal(redriven) || got.WakeAt != nil || !got.Timers[2].Equal(wake) ||
		len(got.Redrives) != 1 || got.Redrives[0].Token != "t" || !got.Redrives[0].Date.Equal(redriven) {
		t.Errorf("closed record: got %+v", got)
	}
	stored, err := s.Events(t.Context(), engine.EventQuery{ExecutionARN: write.Record.ARN})
	if err != nil {
		t.Fatal(err)
	}
	sameEvents(t, stored, events(1, 4))
}

func stepNeedsTheLastEvent(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	commit(t, s, epoch, begin("x"))
	for _, expect := range []int64{1, 3, 0} {
		late := engine.Write{Record: record("x"), Expect: expect, Events: events(expect+1, expect+1)}
		late.Record.LastEventID = expect + 1
		late.Changes = []engine.StatusChange{{ID: "c", ARN: late.Record.ARN, Time: start(), Body: []byte("{}")}}
		if applied := commit(t, s, epoch, late); applied[0].OK {
			t.Errorf("write that expects event %d was applied on event 2", expect)
		}
	}
	absent := engine.Write{Record: record("absent"), Expect: 2, Events: events(3, 3)}
	if applied := commit(t, s, epoch, absent); applied[0].OK {
		t.Error("step of an absent execution was applied")
	}
	if got := read(t, s, record("x").ARN); got.LastEventID != 2 {
		t.Errorf("last event: got %d, want 2", got.LastEventID)
	}
	if stored, err := s.Events(t.Context(), engine.EventQuery{ExecutionARN: record("x").ARN}); err != nil || len(stored) != 2 {
		t.Errorf("events: got %d, %v; want the 2 of the start", len(stored), err)
	}
	if changes, err := s.Changes(t.Context(), 0, 10); err != nil || len(changes) != 0 {
		t.Errorf("changes of writes left out: got %v, %v", changes, err)
	}
}

func takenNameLeavesTheOthers(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	commit(t, s, epoch, begin("taken"))
	step := engine.Write{Record: record("taken"), Expect: 2, Events: events(3, 3)}
	step.Record.LastEventID = 3
	applied := commit(t, s, epoch, begin("new"), step)
	if !applied[0].OK || !applied[1].OK {
		t.Fatalf("applied: got %+v, want both", applied)
	}
	applied = commit(t, s, epoch, begin("taken"), begin("newer"))
	if applied[0].OK || !applied[1].OK {
		t.Fatalf("applied: got %+v, want only the second", applied)
	}
	if got := read(t, s, record("taken").ARN); got.LastEventID != 3 {
		t.Errorf("taken execution: last event %d, want 3", got.LastEventID)
	}
}

func oldEpochIsFenced(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	ctx := t.Context()
	other, updated := machine("other"), machine("machine")
	updated.RevisionID = "later"
	for name, write := range map[string]func() error{
		"commit":          func() error { _, err := s.Commit(ctx, epoch-1, []engine.Write{begin("x")}); return err },
		"create":          func() error { _, _, err := s.CreateMachine(ctx, epoch-1, other); return err },
		"update":          func() error { _, err := s.UpdateMachine(ctx, epoch-1, updated); return err },
		"delete":          func() error { return s.DeleteMachine(ctx, epoch-1, machineARN, start()) },
		"remove":          func() error { _, err := s.RemoveMachine(ctx, epoch-1, machineARN, 100); return err },
		"prune":           func() error { _, err := s.Prune(ctx, epoch-1, start().Add(time.Hour), 100); return err },
		"prune revisions": func() error { return s.PruneRevisions(ctx, epoch-1, start().Add(time.Hour)) },
	} {
		if err := write(); !errors.Is(err, engine.ErrFenced) {
			t.Errorf("%s with an older epoch: got %v, want ErrFenced", name, err)
		}
	}
	if machines, err := s.Machines(ctx, "", 10); err != nil || len(machines) != 1 || machines[0].RevisionID != "" || machines[0].Status != engine.MachineActive {
		t.Errorf("machines after fenced writes: got %+v, %v", machines, err)
	}
	if records, err := s.Records(t.Context(), []string{record("x").ARN}); err != nil || len(records) != 0 {
		t.Errorf("records after a fenced commit: got %v, %v", records, err)
	}
}

func secondHolderIsRefused(t *testing.T, s engine.Store) {
	lease, err := s.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Acquire(t.Context()); !errors.Is(err, engine.ErrLeaseHeld) {
		t.Fatalf("second acquire: got %v, want ErrLeaseHeld", err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	next, err := s.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if next.Epoch <= lease.Epoch {
		t.Errorf("epoch: got %d after %d", next.Epoch, lease.Epoch)
	}
	if err := next.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}
