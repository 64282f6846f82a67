package storetest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func executionsArePaged(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	for i := range 5 {
		write := begin(fmt.Sprint(i))
		if i == 2 {
			stop := start()
			write.Record.Status, write.Record.StopDate = engine.Aborted, &stop
		}
		commit(t, s, epoch, write)
	}
	var names []string
	for before := int64(0); ; {
		page, err := s.Executions(t.Context(), engine.ExecutionQuery{
			StateMachineARN: machineARN, Status: engine.Running, Before: before, Limit: 3,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			names = append(names, r.Name)
			before = r.Seq
		}
		if len(page) < 3 {
			break
		}
	}
	if want := []string{"4", "3", "1", "0"}; !slices.Equal(names, want) {
		t.Errorf("running executions: got %v, want %v", names, want)
	}
	all, err := s.Executions(t.Context(), engine.ExecutionQuery{StateMachineARN: machineARN, Limit: 10})
	if err != nil || len(all) != 5 {
		t.Errorf("all executions: got %d, %v; want 5", len(all), err)
	}
	none, err := s.Executions(t.Context(), engine.ExecutionQuery{StateMachineARN: machineARN + "x", Limit: 10})
	if err != nil || len(none) != 0 {
		t.Errorf("executions of another machine: got %d, %v", len(none), err)
	}
}

func runningSaysWhenToWake(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	wake, stop := start().Add(time.Hour), start()
	waiting, closed := begin("waiting"), begin("closed")
	waiting.Record.WakeAt = &wake
	closed.Record.Status, closed.Record.StopDate = engine.TimedOut, &stop
	commit(t, s, epoch, begin("pending"), waiting, closed)
	var got []string
	for after := int64(0); ; {
		page, err := s.Running(t.Context(), after, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		after = page[0].Seq
		got = append(got, page[0].ARN)
		if isWaiting := page[0].ARN == waiting.Record.ARN; isWaiting != (page[0].At != nil) {
			t.Errorf("wake of %s: got %v", page[0].ARN, page[0].At)
		} else if isWaiting && !page[0].At.Equal(wake) {
			t.Errorf("wake: got %v, want %v", page[0].At, wake)
		}
	}
	if want := []string{record("pending").ARN, waiting.Record.ARN}; !slices.Equal(got, want) {
		t.Errorf("running: got %v, want %v", got, want)
	}
}

func eventsArePaged(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	write := begin("x")
	write.Events, write.Record.LastEventID = events(1, 7), 7
	commit(t, s, epoch, write)
	for _, c := range []struct {
		query engine.EventQuery
		want  []int64
	}{
		{engine.EventQuery{}, []int64{1, 2, 3, 4, 5, 6, 7}},
		{engine.EventQuery{Limit: 3}, []int64{1, 2, 3}},
		{engine.EventQuery{From: 3, Limit: 3}, []int64{4, 5, 6}},
		{engine.EventQuery{From: 6, Limit: 3}, []int64{7}},
		{engine.EventQuery{From: 7}, nil},
		{engine.EventQuery{Reverse: true}, []int64{7, 6, 5, 4, 3, 2, 1}},
		{engine.EventQuery{Reverse: true, Limit: 2}, []int64{7, 6}},
		{engine.EventQuery{Reverse: true, From: 3}, []int64{2, 1}},
		{engine.EventQuery{Reverse: true, From: 1}, nil},
	} {
		c.query.ExecutionARN = write.Record.ARN
		page, err := s.Events(t.Context(), c.query)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, event := range page {
			got = append(got, event.ID)
			if want := events(event.ID, event.ID)[0]; string(event.Private) != string(want.Private) {
				t.Errorf("event %d: got private %s, want %s", event.ID, event.Private, want.Private)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("events %+v: got %v, want %v", c.query, got, c.want)
		}
	}
}

func historiesAreWhole(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	long := begin("long")
	long.Events, long.Record.LastEventID = events(1, 40), 40
	applied := commit(t, s, epoch, begin("a"), long, begin("b"))
	found, err := s.Histories(t.Context(), []int64{applied[0].Seq, applied[1].Seq, 1 << 40})
	if err != nil || len(found) != 2 {
		t.Fatalf("histories: got %d, %v; want 2", len(found), err)
	}
	for i, want := range [][]engine.Event{events(1, 2), events(1, 40)} {
		sameEvents(t, found[applied[i].Seq], want)
	}
}

func changesWait(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	for _, name := range []string{"a", "b", "c"} {
		write := begin(name)
		write.Changes = []engine.StatusChange{{
			ID: "id-" + name, ARN: write.Record.ARN, Time: start(), Body: []byte(`{"of":"` + name + `"}`),
		}}
		commit(t, s, epoch, write)
	}
	page, err := s.Changes(t.Context(), 0, 2)
	if err != nil || len(page) != 2 || page[0].Change.ID != "id-a" || page[1].Change.ID != "id-b" ||
		string(page[0].Change.Body) != `{"of":"a"}` || !page[0].Change.Time.Equal(start()) || page[0].Change.ARN != record("a").ARN {
		t.Fatalf("first page: got %+v, %v", page, err)
	}
	rest, err := s.Changes(t.Context(), page[1].Position, 2)
	if err != nil || len(rest) != 1 || rest[0].Change.ID != "id-c" {
		t.Fatalf("second page: got %+v, %v", rest, err)
	}
	if err := s.Published(t.Context(), []int64{page[0].Position, rest[0].Position, 1 << 40}); err != nil {
		t.Fatal(err)
	}
	left, err := s.Changes(t.Context(), 0, 10)
	if err != nil || len(left) != 1 || left[0].Change.ID != "id-b" {
		t.Errorf("left: got %+v, %v; want only b", left, err)
	}
}

func startsRace(t *testing.T, s engine.Store) {
	epoch := ready(t, s)
	var mu sync.Mutex
	var group sync.WaitGroup
	won := 0
	for range 8 {
		group.Go(func() {
			applied, err := s.Commit(t.Context(), epoch, []engine.Write{begin("same")})
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if applied[0].OK {
				won++
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("starts of one name that were applied: got %d, want 1", won)
	}
}
