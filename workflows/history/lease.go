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

//go:embed queries/lease_take.sql
var leaseTakeSQL string

//go:embed queries/lease_renew.sql
var leaseRenewSQL string

// leaseTime is how long a holder may be silent before another engine may end its
// session.
const leaseTime = 20 * time.Second

const (
	// lockTries covers the moment in which the server has not yet noticed that the
	// process of the last holder is gone.
	lockTries = 20
	lockPause = 100 * time.Millisecond
)

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

// Acquire implements engine.Store. It refuses after two seconds with
// engine.ErrLeaseHeld while another engine's session lives.
func (s *Store) Acquire(ctx context.Context) (*engine.Lease, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("acquire lease: %w", err)
	}
	if err := lock(ctx, conn, s.leaseTime); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("acquire lease: %w", err)
	}
	l := &lease{store: s, time: s.leaseTime, conn: conn, locked: true, lost: make(chan struct{}), ended: make(chan struct{})}
	if err := conn.QueryRow(ctx, leaseTakeSQL).Scan(&l.epoch); err != nil {
		_ = conn.Close(ctx)
		return nil, fmt.Errorf("acquire lease: %w", err)
	}
	keeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.keep(keeping)
	return &engine.Lease{Epoch: l.epoch, Lost: l.lost, Release: l.release}, nil
}

func (s *Store) connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig.Copy())
}

// lock takes the advisory lock, ending the session of a holder that stalled.
func lock(ctx context.Context, conn *pgx.Conn, leaseTime time.Duration) error {
	for try := 1; ; try++ {
		var taken bool
		if err := conn.QueryRow(ctx, leaseLockSQL).Scan(&taken); err != nil || taken {
			return err
		}
		var pid int32
		var stalled bool
		err := conn.QueryRow(ctx, leaseHolderSQL, leaseTime).Scan(&pid, &stalled)
		switch {
		case errors.Is(err, pgx.ErrNoRows): // it has just gone
		case err != nil:
			return err
		case stalled:
			if _, err := conn.Exec(ctx, "SELECT pg_terminate_backend($1)", pid); err != nil {
				return fmt.Errorf("end the stalled holder's session %d: %w", pid, err)
			}
		case try >= lockTries:
			return fmt.Errorf("session %d of this database holds it: %w", pid, engine.ErrLeaseHeld)
		}
		if err := sleep(ctx, lockPause); err != nil {
			return err
		}
	}
}

// keep gives signs of life until the lease is lost or released. A broken session
// is replaced; the lease is lost only when another holder has taken it.
func (l *lease) keep(ctx context.Context) {
	defer close(l.ended)
	for {
		pause := l.time / 4
		held, err := l.renew(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			pause = lockPause
		case !held:
			close(l.lost)
			return
		}
		if sleep(ctx, pause) != nil {
			return
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
