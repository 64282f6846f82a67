package history

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// patience is how long a test waits for another session to act.
const patience = 20 * time.Second

func acquire(t *testing.T, s *Store) *engine.Lease {
	t.Helper()
	lease, err := s.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lease.Release(context.WithoutCancel(t.Context())) })
	return lease
}

func execute(t *testing.T, pool *pgxpool.Pool, statement string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// hold acquires as acquire does, for a test that stops the holder: whoever has the
// lease's lock keeps it from giving signs of life.
func hold(t *testing.T, s *Store) *lease {
	t.Helper()
	l, err := s.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.release(context.WithoutCancel(t.Context())) })
	return l
}

const longAgo = `UPDATE stepfunctions.lease SET seen_at = clock_timestamp() - interval '1 hour'`

func lost(t *testing.T, l *lease) {
	t.Helper()
	select {
	case <-l.lost:
	case <-time.After(patience):
		t.Error("the holder was not told that the lease is lost")
	}
}

// A holder that is stopped gives no sign of life. Its session is ended, its epoch
// is old, and it learns so when it goes on.
func TestAcquire_PutsOutAStalledHolder(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	stalled := New(pool)
	stalled.leaseTime = time.Second // it learns soon
	first := hold(t, stalled)
	first.mu.Lock()
	execute(t, pool, longAgo)
	second := acquire(t, New(pool))
	if second.Epoch <= first.epoch {
		t.Errorf("epoch: got %d after %d", second.Epoch, first.epoch)
	}
	if _, err := stalled.Commit(t.Context(), first.epoch, nil); !errors.Is(err, engine.ErrFenced) {
		t.Errorf("commit of the stalled holder: got %v, want ErrFenced", err)
	}
	first.mu.Unlock()
	lost(t, first)
	select {
	case <-second.Lost:
		t.Error("the new holder lost the lease")
	default:
	}
}

// A holder that goes on while it is being put out is out: its signs of life come too
// late, and it does not get the lock back before the other takes it.
func TestAcquire_StalledHolderThatGoesOnStaysOut(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	stalled := New(pool)
	stalled.leaseTime = time.Second
	first := hold(t, stalled)
	first.mu.Lock()
	execute(t, pool, longAgo)
	conn, err := stalled.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if err := putOut(t.Context(), conn, time.Minute, int32(first.conn.PgConn().PID())); err != nil {
		t.Fatal(err)
	}
	first.mu.Unlock()
	lost(t, first)
	acquire(t, New(pool))
}

// A sign of life that comes before the fence keeps the lease.
func TestAcquire_HolderThatGoesOnInTimeStays(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	first := hold(t, New(pool))
	execute(t, pool, longAgo)
	if held, err := first.renew(t.Context()); err != nil || !held {
		t.Fatalf("sign of life: got %v, %v", held, err)
	}
	conn, err := first.store.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if err := putOut(t.Context(), conn, time.Minute, int32(first.conn.PgConn().PID())); err != nil {
		t.Fatal(err)
	}
	if held, err := first.renew(t.Context()); err != nil || !held {
		t.Errorf("the living holder was put out: got %v, %v", held, err)
	}
	if _, err := New(pool).Acquire(t.Context()); !errors.Is(err, engine.ErrLeaseHeld) {
		t.Errorf("another holder: got %v, want ErrLeaseHeld", err)
	}
}

// A broken session (PostgreSQL was restarted) costs nothing while nobody else came.
func TestLease_OutlivesItsSession(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	store := New(pool)
	store.leaseTime = 400 * time.Millisecond
	lease := acquire(t, store)
	var before int32
	if err := pool.QueryRow(t.Context(), `SELECT holder_pid FROM stepfunctions.lease`).Scan(&before); err != nil {
		t.Fatal(err)
	}
	execute(t, pool, `SELECT pg_terminate_backend(holder_pid) FROM stepfunctions.lease`)
	deadline := time.Now().Add(patience)
	for after := before; after == before; {
		if time.Now().After(deadline) {
			t.Fatal("the session was not replaced")
		}
		// The row is locked until the holder's next sign of life is written.
		if err := pool.QueryRow(t.Context(), `SELECT holder_pid FROM stepfunctions.lease`).Scan(&after); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := store.Commit(t.Context(), lease.Epoch, nil); err != nil {
		t.Errorf("commit after the session was replaced: %v", err)
	}
	if _, err := New(pool).Acquire(t.Context()); !errors.Is(err, engine.ErrLeaseHeld) {
		t.Errorf("another holder: got %v, want ErrLeaseHeld", err)
	}
}

// The lock goes with the process: after a kill the next start waits for nothing.
func TestAcquire_AfterTheHolderDied(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	first := hold(t, New(pool))
	first.stop()
	<-first.ended
	execute(t, pool, `SELECT pg_terminate_backend(holder_pid) FROM stepfunctions.lease`)
	if next := acquire(t, New(pool)); next.Epoch <= first.epoch {
		t.Errorf("epoch: got %d after %d", next.Epoch, first.epoch)
	}
}

// What the schema refuses is told from what passes.
func TestCommit_RefusedDataIsRejected(t *testing.T) {
	t.Parallel()
	pool := testdb.New(t)
	store := New(pool)
	lease := acquire(t, store)
	write := engine.Write{Record: engine.Record{Execution: engine.Execution{
		ARN: "arn", StateMachineARN: "absent", Status: engine.Running, Input: "{}", StartDate: time.Now(),
	}, LastEventID: 1}}
	if _, err := store.Commit(t.Context(), lease.Epoch, []engine.Write{write}); !errors.Is(err, engine.ErrRejected) {
		t.Errorf("execution of an absent machine: got %v, want ErrRejected", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Commit(canceled, lease.Epoch, []engine.Write{write}); err == nil || errors.Is(err, engine.ErrRejected) || errors.Is(err, engine.ErrFenced) {
		t.Errorf("canceled commit: got %v, want an error that passes", err)
	}
}
