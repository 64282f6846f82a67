package history_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/history"
)

// instant answers at once.
type instant struct{}

func (instant) Invoke(context.Context, string, []byte) (engine.Result, error) {
	return engine.Result{Payload: []byte(`{"ok":true}`)}, nil
}

// slots is a bus that frees a place for every execution that succeeded.
type slots chan struct{}

func (s slots) Publish(_ context.Context, change engine.StatusChange) error {
	if succeeded(change) {
		<-s
	}
	return nil
}

func succeeded(change engine.StatusChange) bool {
	return bytes.Contains(change.Body, []byte(`"status":"SUCCEEDED"`))
}

// reportDurable says with the figures whether they count with the server's fsync and
// synchronous_commit: 1 is on.
func reportDurable(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	var durable float64
	if err := pool.QueryRow(b.Context(), `SELECT (current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on')::integer::float8`).Scan(&durable); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(durable, "durable")
}

// run starts executions of a Task and a Succeed, 32 at a time, each from its start
// until the bus has taken its closing status, and answers the transitions per
// second. A state entered is one transition.
func (s slots) run(b *testing.B, e *engine.Engine, executions int) float64 {
	b.Helper()
	ctx := b.Context()
	machine, err := e.CreateStateMachine(ctx, engine.CreateInput{Name: "m", Definition: oneTask, RoleARN: "r"})
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	var group sync.WaitGroup
	for range executions {
		s <- struct{}{}
		group.Go(func() {
			if _, err := e.StartExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN, Input: `{"id":1}`}); err != nil {
				b.Error(err)
			}
		})
	}
	for range cap(s) {
		s <- struct{}{} // all places free: all executions closed
	}
	group.Wait()
	return 2 * float64(executions) / time.Since(began).Seconds()
}

// The measure of durable transitions.
func BenchmarkStandard(b *testing.B) {
	pool := testdb.Durable(b)
	running := make(slots, 32)
	e := start(b, history.New(pool), instant{}, running)
	b.ResetTimer()
	b.ReportMetric(running.run(b, e, b.N), "transitions/s")
	reportDurable(b, pool)
}

// The measures of waiting executions: they are there already when the engine
// starts. ready-s is how long Start takes, B/waiting what the process grows by for
// each, late-s how late the first due timer closed its execution. All others come
// due at one moment; drain/s is how many end per second, each with one transition
// and its change of status, and drain-ratio holds that against the durable
// transitions per second that the same database does in the same run.
func BenchmarkWaiting(b *testing.B) {
	const (
		waiting = 100_000
		first   = 8 * time.Second // after the restart
		others  = 12 * time.Second
	)
	pool := testdb.Durable(b)
	for b.Loop() {
		running := make(slots, 32)
		before := start(b, history.New(pool), instant{}, running)
		rate := running.run(b, before, 6_000)
		machine, err := before.CreateStateMachine(b.Context(), engine.CreateInput{Name: "waiting", RoleARN: "r", Definition: `{"QueryLanguage":"JSONata",
			"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"Next":"Z"},"Z":{"Type":"Succeed"}}}`})
		if err != nil {
			b.Fatal(err)
		}
		if err := before.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		due := fillWaiting(b, history.New(pool), machine.ARN, waiting, others-first)

		drained := &drain{first: make(chan time.Time, 1), done: make(chan time.Time, 1)}
		drained.left.Store(waiting)
		empty := memory()
		restarted := time.Now()
		ahead := shifted{by: due.Add(-first).Sub(restarted)}
		after, err := engine.New(engine.Config{
			Region: "us-east-1", Account: "000000000000", Store: history.New(pool), Invoker: instant{}, Bus: drained, Clock: ahead,
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := after.Start(b.Context()); err != nil {
			b.Fatal(err)
		}
		ready := time.Since(restarted)
		grown := (memory() - empty) / waiting
		late := (<-drained.first).Sub(restarted.Add(first))
		took := (<-drained.done).Sub(restarted.Add(others))
		if err := after.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ready.Seconds(), "ready-s")
		b.ReportMetric(grown, "B/waiting")
		b.ReportMetric(late.Seconds(), "late-s")
		b.ReportMetric(waiting/took.Seconds(), "drain/s")
		b.ReportMetric(rate, "transitions/s")
		b.ReportMetric(waiting/took.Seconds()/rate, "drain-ratio")
		reportDurable(b, pool)
	}
}

// memory is what the process holds once its garbage is gone.
func memory() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse + m.StackInuse)
}

// shifted is a clock that is ahead.
type shifted struct {
	engine.SystemClock
	by time.Duration
}

func (c shifted) Now() time.Time { return c.SystemClock.Now().Add(c.by) }

// drain is a bus that counts how many executions have closed.
type drain struct {
	left        atomic.Int64
	began       atomic.Bool
	first, done chan time.Time
}

func (d *drain) Publish(_ context.Context, change engine.StatusChange) error {
	if !succeeded(change) {
		return nil
	}
	if d.began.CompareAndSwap(false, true) {
		d.first <- time.Now()
	}
	if d.left.Add(-1) == 0 {
		d.done <- time.Now()
	}
	return nil
}

// fillWaiting stores executions that wait, as an engine would have left them, and
// answers when the first is due: so much before all others.
func fillWaiting(b *testing.B, store *history.Store, machine string, n int, apart time.Duration) time.Time {
	b.Helper()
	ctx := b.Context()
	lease, err := store.Acquire(ctx)
	if err != nil {
		b.Fatal(err)
	}
	due := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
	for i := 0; i < n; {
		writes := make([]engine.Write, 0, 250)
		for range min(cap(writes), n-i) {
			at := due.Add(apart)
			if i == 0 {
				at = due
			}
			writes = append(writes, waitingWrite(machine, i, at))
			i++
		}
		if _, err := store.Commit(ctx, lease.Epoch, writes); err != nil {
			b.Fatal(err)
		}
	}
	if err := lease.Release(ctx); err != nil {
		b.Fatal(err)
	}
	return due
}

func waitingWrite(machine string, i int, due time.Time) engine.Write {
	name := fmt.Sprintf("lead-0198c7e2-7b1a-7c3d-9a4e-%012d", i)
	input := fmt.Sprintf(`{"leadId":"0198c7e2-7b1a-7c3d-9a4e-%012d","eventId":"0198c7e2-7b1a-7c3d-8f10-%012d","attempt":1}`, i, i)
	now := due.Add(-time.Hour)
	quoted, _ := json.Marshal(input)
	return engine.Write{
		Record: engine.Record{
			Execution: engine.Execution{
				ARN: "arn:aws:states:us-east-1:000000000000:execution:waiting:" + name, StateMachineARN: machine,
				Name: name, Status: engine.Running, StartDate: now, Input: input,
			},
			RoleARN: "r", LastEventID: 2, WakeAt: &due, Timers: map[int64]time.Time{2: due},
		},
		Events: []engine.Event{
			{ID: 1, Timestamp: now, Type: "ExecutionStarted", Details: []byte(`{"input":` + string(quoted) + `,"inputDetails":{"truncated":false},"roleArn":"r"}`)},
			{ID: 2, Timestamp: now, Type: "WaitStateEntered", Details: []byte(`{"name":"W","input":` + string(quoted) + `,"inputDetails":{"truncated":false}}`)},
		},
	}
}
