package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func machineIsCreatedOnce(t *testing.T, s engine.Store) {
	epoch, want := acquire(t, s), machine("machine")
	if stored, created, err := s.CreateMachine(t.Context(), epoch, want); err != nil || !created || !reflect.DeepEqual(stored, want) {
		t.Fatalf("first create: got %+v, %v, %v", stored, created, err)
	}
	other := want
	other.Definition = "other"
	if stored, created, err := s.CreateMachine(t.Context(), epoch, other); err != nil || created || !reflect.DeepEqual(stored, want) {
		t.Fatalf("second create: got %+v, %v, %v; want the first machine", stored, created, err)
	}
	wantMachine(t, s, want)
	if stored, err := s.Revision(t.Context(), want.ARN, ""); err != nil || stored == nil || !reflect.DeepEqual(*stored, want) {
		t.Errorf("read first revision: got %+v, %v; want %+v", stored, err, want)
	}
	if stored, err := s.Revision(t.Context(), want.ARN, "absent"); err != nil || stored != nil {
		t.Errorf("read absent revision: got %+v, %v; want nil", stored, err)
	}
	if stored, err := s.Machine(t.Context(), want.ARN+"x"); err != nil || stored != nil {
		t.Errorf("read absent machine: got %+v, %v; want nil", stored, err)
	}
}

func wantMachine(t *testing.T, s engine.Store, want engine.StateMachine) {
	t.Helper()
	if stored, err := s.Machine(t.Context(), want.ARN); err != nil || stored == nil || !reflect.DeepEqual(*stored, want) {
		t.Errorf("read machine: got %+v, %v; want %+v", stored, err, want)
	}
}

func machinesArePagedByName(t *testing.T, s engine.Store) {
	epoch := acquire(t, s)
	for _, name := range []string{"b", "C", "a", "d"} {
		if _, _, err := s.CreateMachine(t.Context(), epoch, machine(name)); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	for after := ""; ; {
		page, err := s.Machines(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page {
			names = append(names, m.Name)
			after = m.Name
		}
		if len(page) < 3 {
			break
		}
	}
	if want := []string{"C", "a", "b", "d"}; !slices.Equal(names, want) {
		t.Errorf("names: got %v, want %v", names, want)
	}
}

func updateMakesARevision(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	first, second := machine("machine"), machine("machine")
	second.RevisionID, second.Definition, second.RoleARN = "r2", "second", "arn:aws:iam::000000000000:role/second"
	second.UpdatedAt = start().Add(time.Minute)
	second.Logging = engine.Logging{Level: engine.LogOff, Destinations: []string{}}
	if updated, err := s.UpdateMachine(t.Context(), epoch, second); err != nil || !updated {
		t.Fatalf("update: got %v, %v", updated, err)
	}
	wantMachine(t, s, second)
	if stored, err := s.Revision(t.Context(), machineARN, ""); err != nil || stored == nil || !reflect.DeepEqual(*stored, first) {
		t.Errorf("first revision: got %+v, %v; want %+v", stored, err, first)
	}
	absent := machine("absent")
	absent.RevisionID = "r2"
	if updated, err := s.UpdateMachine(t.Context(), epoch, absent); err != nil || updated {
		t.Errorf("update of an absent machine: got %v, %v", updated, err)
	}
	express := second
	express.RevisionID, express.Type = "r3", engine.Express
	if updated, err := s.UpdateMachine(t.Context(), epoch, express); err != nil || updated {
		t.Errorf("update to another type: got %v, %v", updated, err)
	}
	if err := s.DeleteMachine(t.Context(), epoch, machineARN, start()); err != nil {
		t.Fatal(err)
	}
	second.RevisionID = "r4"
	if updated, err := s.UpdateMachine(t.Context(), epoch, second); err != nil || updated {
		t.Errorf("update of a machine that is being deleted: got %v, %v", updated, err)
	}
}

// closed is a start and an end in one write, so many events long.
func closed(name string, at time.Time, length int64) engine.Write {
	write := begin(name)
	write.Events, write.Record.LastEventID = events(1, length), length
	write.Record.Status, write.Record.StopDate = engine.Aborted, &at
	return write
}

func deletedMachineGoes(t *testing.T, s engine.Store) {
	epoch, ctx := ready(t, s), t.Context()
	commit(t, s, epoch, closed("a", start(), 3), closed("b", start(), 3), begin("running"))
	if removal, err := s.RemoveMachine(ctx, epoch, machineARN, 100); err != nil || removal != (engine.Removal{}) {
		t.Fatalf("remove an active machine: got %+v, %v", removal, err)
	}
	for _, at := range []time.Time{start(), start().Add(time.Hour)} { // the second changes nothing
		if err := s.DeleteMachine(ctx, epoch, machineARN, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteMachine(ctx, epoch, machineARN+"x", start()); err != nil {
		t.Errorf("delete an absent machine: %v", err)
	}
	wantDeleting(t, s, start().Add(time.Hour), true) // one runs
	dying := machine("machine")
	dying.Status = engine.MachineDeleting
	wantMachine(t, s, dying)
	if stored, created, err := s.CreateMachine(ctx, epoch, machine("machine")); err != nil || created || stored.Status != engine.MachineDeleting {
		t.Errorf("create while it is being deleted: got %+v, %v, %v", stored, created, err)
	}

	// Two events or more: one execution at a time.
	for i, want := range []engine.Removal{{Executions: 1}, {Executions: 1}, {}} {
		if removal, err := s.RemoveMachine(ctx, epoch, machineARN, 2); err != nil || removal != want {
			t.Errorf("removal %d: got %+v, %v; want %+v", i, removal, err, want)
		}
	}
	step := engine.Write{Record: closed("running", start(), 3).Record, Expect: 2, Events: events(3, 3)}
	commit(t, s, epoch, step)
	wantDeleting(t, s, start(), true) // it closed when the machine was deleted
	wantDeleting(t, s, start().Add(-time.Hour), true)
	wantDeleting(t, s, start().Add(time.Millisecond), false)
	if removal, err := s.RemoveMachine(ctx, epoch, machineARN, 2); err != nil || removal != (engine.Removal{Executions: 1, Machine: true}) {
		t.Errorf("last removal: got %+v, %v", removal, err)
	}
	if list, err := s.Deleting(ctx, start()); err != nil || len(list) != 0 {
		t.Errorf("deleting after the removal: got %+v, %v", list, err)
	}
	if stored, err := s.Machine(ctx, machineARN); err != nil || stored != nil {
		t.Errorf("machine after its removal: got %+v, %v", stored, err)
	}
	if stored, err := s.Revision(ctx, machineARN, ""); err != nil || stored != nil {
		t.Errorf("revision after the removal: got %+v, %v", stored, err)
	}
	if stored, err := s.Events(ctx, engine.EventQuery{ExecutionARN: record("a").ARN}); err != nil || len(stored) != 0 {
		t.Errorf("events after the removal: got %d, %v", len(stored), err)
	}
	if _, created, err := s.CreateMachine(ctx, epoch, machine("machine")); err != nil || !created {
		t.Errorf("create again: got %v, %v", created, err)
	}
	if applied := commit(t, s, epoch, begin("a")); !applied[0].OK {
		t.Error("the name of a removed execution is still taken")
	}
}

func wantDeleting(t *testing.T, s engine.Store, since time.Time, held bool) {
	t.Helper()
	list, err := s.Deleting(t.Context(), since)
	if err != nil || len(list) != 1 || list[0].ARN != machineARN || list[0].Held != held {
		t.Errorf("deleting: got %+v, %v; want it held: %v", list, err, held)
	}
}

func pruneTakesTheOldest(t *testing.T, s engine.Store) {
	epoch, ctx := ready(t, s), t.Context()
	if pruned, err := s.Prune(ctx, epoch, start(), 100); err != nil || pruned.Executions != 0 || pruned.Oldest != nil {
		t.Fatalf("prune of nothing: got %+v, %v", pruned, err)
	}
	for i := range 6 { // the later started closed the earlier
		commit(t, s, epoch, closed(fmt.Sprint(i), start().Add(time.Duration(-i)*time.Hour), 3))
	}
	long := closed("long", start().Add(-10*time.Hour), 9)
	long.Changes = []engine.StatusChange{{ID: "c", ARN: long.Record.ARN, Time: start(), Body: []byte("{}")}}
	commit(t, s, epoch, long, begin("running"))

	left := func() (names []string) {
		page, err := s.Executions(ctx, engine.ExecutionQuery{StateMachineARN: machineARN, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			names = append(names, r.Name)
		}
		slices.Sort(names)
		return names
	}
	before := start().Add(-150 * time.Minute) // 3, 4, 5 and long closed before
	for i, want := range []struct {
		executions int
		oldest     time.Duration
		left       []string
	}{
		{1, -5 * time.Hour, []string{"0", "1", "2", "3", "4", "5", "running"}}, // long alone is past the limit
		{2, -3 * time.Hour, []string{"0", "1", "2", "3", "running"}},
		{1, -2 * time.Hour, []string{"0", "1", "2", "running"}},
		{0, -2 * time.Hour, []string{"0", "1", "2", "running"}},
	} {
		pruned, err := s.Prune(ctx, epoch, before, 4)
		if err != nil || pruned.Executions != want.executions || pruned.Oldest == nil || !pruned.Oldest.Equal(start().Add(want.oldest)) {
			t.Errorf("prune %d: got %d, %v, %v; want %d, %v", i, pruned.Executions, pruned.Oldest, err, want.executions, start().Add(want.oldest))
		}
		if got := left(); !slices.Equal(got, want.left) {
			t.Errorf("left after prune %d: got %v, want %v", i, got, want.left)
		}
	}
	if stored, err := s.Events(ctx, engine.EventQuery{ExecutionARN: long.Record.ARN}); err != nil || len(stored) != 0 {
		t.Errorf("events of a pruned execution: got %d, %v", len(stored), err)
	}
	if changes, err := s.Changes(ctx, 0, 10); err != nil || len(changes) != 1 {
		t.Errorf("changes not yet published: got %d, %v; want the one of the pruned execution", len(changes), err)
	}
	if applied := commit(t, s, epoch, begin("long")); !applied[0].OK {
		t.Error("the name of a pruned execution is still taken")
	}
}

func pruneKeepsRevisions(t *testing.T, s engine.Store) {
	epoch, ctx := ready(t, s), t.Context()
	for i, id := range []string{"r1", "r2", "r3"} {
		next := machine("machine")
		next.RevisionID, next.UpdatedAt = id, start().Add(time.Duration(i)*time.Minute)
		if updated, err := s.UpdateMachine(ctx, epoch, next); err != nil || !updated {
			t.Fatalf("update: got %v, %v", updated, err)
		}
	}
	pinned := begin("x")
	pinned.Record.Revision = "r1"
	commit(t, s, epoch, pinned)
	left := func() (ids []string) {
		for _, id := range []string{"", "r1", "r2", "r3"} {
			stored, err := s.Revision(ctx, machineARN, id)
			if err != nil {
				t.Fatal(err)
			}
			if stored != nil {
				ids = append(ids, id)
			}
		}
		return ids
	}
	for _, c := range []struct {
		before time.Time
		left   []string
	}{
		{start().Add(2 * time.Minute), []string{"", "r1", "r2", "r3"}}, // the update was not long ago
		{start().Add(time.Hour), []string{"r1", "r3"}},
	} {
		if err := s.PruneRevisions(ctx, epoch, c.before); err != nil {
			t.Fatal(err)
		}
		if got := left(); !slices.Equal(got, c.left) {
			t.Errorf("revisions left: got %q, want %q", got, c.left)
		}
	}
}
