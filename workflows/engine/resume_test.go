package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// readings is a store with a slow disk that counts the reads of a resumption and
// fails them on demand.
type readings struct {
	*enginetest.Store

	mu        sync.Mutex
	records   int
	histories [][]int64
	failures  int             // of the next reads
	broken    map[string]bool // executions whose first event is lost, by name
}

// Commit takes a while, as a disk does: what queues meanwhile is one commit.
func (r *readings) Commit(ctx context.Context, epoch int64, writes []engine.Write) ([]engine.Applied, error) {
	time.Sleep(time.Millisecond)
	return r.Store.Commit(ctx, epoch, writes)
}

func (r *readings) fail() error {
	if r.failures > 0 {
		r.failures--
		return errors.New("the database is away")
	}
	return nil
}

func (r *readings) Records(ctx context.Context, arns []string) ([]engine.Record, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records++
	if err := r.fail(); err != nil {
		return nil, err
	}
	return r.Store.Records(ctx, arns)
}

func (r *readings) Histories(ctx context.Context, executions []int64) (map[int64][]engine.Event, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.histories = append(r.histories, executions)
	if err := r.fail(); err != nil {
		return nil, err
	}
	found, err := r.Store.Histories(ctx, executions)
	for seq, events := range found {
		if r.broken[fmt.Sprint(seq)] {
			found[seq] = events[1:]
		}
	}
	return found, err
}

// resumeOn starts executions of a machine, crashes, and watches the next engine.
func resumeOn(t *testing.T, definition string, executions int) (*testBundle, *readings) {
	t.Helper()
	first := setup(t, nil)
	machine := first.create(t, "machine", engine.Standard, definition)
	for i := range executions {
		first.start(t, machine, fmt.Sprint(i), "0")
	}
	synctest.Wait()
	first.kill()
	return watch(t, first.store)
}

// watch starts an engine on a store whose reads are watched.
func watch(t *testing.T, on *enginetest.Store) (*testBundle, *readings) {
	t.Helper()
	store := &readings{Store: on}
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: store, Invoker: enginetest.NewScript(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &testBundle{Engine: e, store: on}
	t.Cleanup(b.kill)
	return b, store
}

func (b *testBundle) count(t *testing.T, status engine.Status) int {
	t.Helper()
	list, err := b.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: arnBase + "stateMachine:machine", StatusFilter: status, MaxResults: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(list.Executions)
}

func TestResume_ReadsAndWritesManyTogether(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		const executions = 900
		b, store := resumeOn(t, states(`"A": {"Type": "Wait", "Seconds": 60, "Next": "B"}, "B": {"Type": "Succeed"}`), executions)
		synctest.Wait()
		before := b.store.Commits()
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if got := b.count(t, engine.Succeeded); got != executions {
			t.Errorf("ended: got %d, want %d", got, executions)
		}
		if store.records > 10 || len(store.histories) > 10 {
			t.Errorf("reads: got %d of records and %d of histories", store.records, len(store.histories))
		}
		if got := b.store.Commits() - before; got > 50 {
			t.Errorf("commits: got %d", got)
		}
	})
}

func TestResume_TriesAgainWhatItCouldNotRead(t *testing.T) {
	for name, failures := range map[string]int{"records": 1, "records twice": 2, "then histories": 3} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b, store := resumeOn(t, states(waits), 3)
				store.mu.Lock()
				store.failures = failures
				store.mu.Unlock()
				time.Sleep(time.Hour)
				synctest.Wait()
				if got := b.count(t, engine.Succeeded); got != 3 {
					t.Errorf("ended: got %d, want 3", got)
				}
			})
		})
	}
}

// An execution whose history is damaged is not resumed; it holds up nobody else.
func TestResume_LeavesADamagedExecution(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, store := resumeOn(t, states(waits), 5)
		store.mu.Lock()
		store.broken = map[string]bool{"3": true}
		store.mu.Unlock()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := b.count(t, engine.Succeeded); got != 4 {
			t.Errorf("ended: got %d, want 4", got)
		}
		if got := b.count(t, engine.Running); got != 1 {
			t.Errorf("running: got %d, want the damaged one", got)
		}
		store.mu.Lock()
		store.broken = nil
		store.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := b.count(t, engine.Succeeded); got != 5 {
			t.Errorf("ended once it was mended: got %d, want 5", got)
		}
	})
}

// Long histories are not all in memory at once.
func TestResume_ReadsLongHistoriesApart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, store := resumeOn(t, states(`"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": 60, "End": true}`), 0)
		const length = 8_002
		due := time.Now().Add(time.Minute)
		var writes []engine.Write
		for i := range 3 {
			name := fmt.Sprint(i)
			write := engine.Write{Record: engine.Record{
				Execution: engine.Execution{
					ARN: arnBase + "execution:machine:" + name, StateMachineARN: arnBase + "stateMachine:machine", Name: name,
					Status: engine.Running, StartDate: time.Now(), Input: "0",
				},
				LastEventID: length, WakeAt: &due, Timers: map[int64]time.Time{length: due},
			}}
			for id := int64(1); id <= length; id++ {
				event := engine.Event{ID: id, PreviousID: id - 1, Timestamp: time.Now(), Type: "PassStateEntered", Details: []byte(`{"name":"A","input":"0"}`)}
				switch {
				case id == 1:
					event.Type, event.Details = "ExecutionStarted", []byte(`{"input":"0"}`)
				case id == length:
					event.Type, event.Details = "WaitStateEntered", []byte(`{"name":"B","input":"0"}`)
				case id%2 == 1:
					event.Type, event.Details = "PassStateExited", []byte(`{"name":"A","output":"0"}`)
				}
				write.Events = append(write.Events, event)
			}
			writes = append(writes, write)
		}
		b.kill()
		lease, err := b.store.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.store.Commit(t.Context(), lease.Epoch, writes); err != nil {
			t.Fatal(err)
		}
		if err := lease.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		next, store := watch(t, store.Store)
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if got := next.count(t, engine.Succeeded); got != 3 {
			t.Errorf("ended: got %d, want 3", got)
		}
		for _, executions := range store.histories {
			if len(executions) > 2 {
				t.Errorf("%d histories of %d events were read at once", len(executions), length)
			}
		}
	})
}
