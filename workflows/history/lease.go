package history

import (
	"context"
	_ "embed" // the statements
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

//go:embed queries/lease_lock.sql
var leaseLockSQL string

//go:embed queries/lease_holder.sql
var leaseHolderSQL string

//go:embed queries/lease_put_out.sql
var leasePutOutSQL string

//go:embed queries/lease_take.sql
var leaseTakeSQL string

//go:embed queries/lease_renew.sql
var leaseRenewSQL string

// leaseTime is how long a holder may be silent before another engine may end its
// session. A living one gives leaseSigns signs of life in that time.
const (
	leaseTime  = 20 * time.Second
	leaseSigns = 10
)

// lockPause is how often the lock is asked for, and a broken session replaced.
const lockPause = 100 * time.Millisecond

// lease is held by a session of its own: the pool's sessions come and go.
type lease struct {
	store *Store
	time  time.Duration
	epoch int64
	lost  chan struct{}
	stop  context.CancelFunc
	ended chan struct{}

	mu     sync.Mutex
	conn   *pgx.Conn // nil while the session is broken
	locked bool      // the session has the advisory lock
}

// Acquire implements engine.Store. It refuses with engine.ErrLeaseHeld as soon as
// another engine gives a sign of life, which it does every two seconds.
func (s *Store) Acquire(ctx context.Context) (*engine.Lease, error) {
	l, err := s.acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("acquire lease: %w", err)
	}
	return &engine.Lease{Epoch: l.epoch, Lost: l.lost, Release: l.release}, nil
}

func (s *Store) acquire(ctx context.Context) (*lease, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	epoch, err := take(ctx, conn, s.leaseTime)
	if err != nil {
		_ = conn.Close(ctx)
		return nil, err
	}
	l := &lease{
		store: s, time: s.leaseTime, epoch: epoch, conn: conn, locked: true,
		lost: make(chan struct{}), ended: make(chan struct{}),
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.keep(keeping)
	return l, nil
}

func (s *Store) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig.Copy())
}

// take takes the lock and the next epoch. A session that has the lock is that of a
// living engine when it gives a sign of life while we look; that of a killed one goes
// by itself, sooner or later; that of one that stalled is ended.
func take(ctx context.Context, conn *pgx.Conn, leaseTime time.Duration) (epoch int64, err error) {
	var before time.Time
	for {
		err := conn.QueryRow(ctx, leaseTakeSQL).Scan(&epoch)
		if !errors.Is(err, pgx.ErrNoRows) {
			return epoch, err
		}
		var pid int32
		var seen time.Time
		var stalled bool
		err = conn.QueryRow(ctx, leaseHolderSQL, leaseTime).Scan(&pid, &seen, &stalled)
		switch {
		case errors.Is(err, pgx.ErrNoRows): // it has just gone
		case err != nil:
			return 0, err
		case stalled:
			if err := putOut(ctx, conn, leaseTime, pid); err != nil {
				return 0, err
			}
			before = time.Time{}
		case before.IsZero():
			before = seen
		case seen.After(before):
			return 0, fmt.Errorf("session %d of this database holds it: %w", pid, engine.ErrLeaseHeld)
		}
		if err := sleep(ctx, lockPause); err != nil {
			return 0, err
		}
	}
}

// putOut fences off a holder that stalled and ends its session. The fence comes
// first: a holder that goes on this moment finds that the lease is lost, and does
// not take the lock again with another session.
func putOut(ctx context.Context, conn *pgx.Conn, leaseTime time.Duration, pid int32) error {
	tag, err := conn.Exec(ctx, leasePutOutSQL, leaseTime)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	if _, err := conn.Exec(ctx, "SELECT pg_terminate_backend($1)", pid); err != nil {
		return fmt.Errorf("end the stalled holder's session %d: %w", pid, err)
	}
	return nil
}

// keep gives signs of life until the lease is lost or released. A broken session
// is replaced; the lease is lost only when another holder has taken it.
func (l *lease) keep(ctx context.Context) {
	defer close(l.ended)
	for pause := l.time / leaseSigns; sleep(ctx, pause) == nil; {
		held, err := l.renew(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			pause = lockPause
		case !held:
			close(l.lost)
			return
		default:
			pause = l.time / leaseSigns
		}
	}
}

// renew is one sign of life; false: another holds the lease.
func (l *lease) renew(ctx context.Context) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		conn, err := l.store.connect(ctx)
		if err != nil {
			return true, err
		}
		l.conn = conn
	}
	tag, err := l.conn.Exec(ctx, leaseRenewSQL, l.epoch)
	if err == nil && tag.RowsAffected() == 0 {
		return false, nil
	}
	if err == nil && !l.locked {
		// A new session has the row but not the lock: the broken one may still live.
		err = l.conn.QueryRow(ctx, leaseLockSQL).Scan(&l.locked)
	}
	if err != nil {
		_ = l.conn.Close(ctx)
		l.conn, l.locked = nil, false
	}
	return true, err
}

// release ends the session and with it the lock.
func (l *lease) release(ctx context.Context) error {
	l.stop()
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil
	}
	err := l.conn.Close(ctx)
	l.conn = nil
	if err != nil {
		return fmt.Errorf("release lease: %w", err)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
