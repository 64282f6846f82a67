package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres/db"
)

// acquireTimeout is how long a call waits for a connection before the answer is
// that the database is not available: less than a client's patience, and than
// the two seconds that lead_intake gives a task.
const acquireTimeout = 800 * time.Millisecond

// Store implements the stores that the activities declare. It is safe for
// concurrent use and holds nothing but its pool.
type Store struct {
	pool  *pgxpool.Pool
	quota lead.Quota
}

// New makes a store on a pool, which stays the caller's to close. The quota is
// what Reserve and Accept hold submissions against; Check Rate Limit and Persist
// must be given the same.
func New(pool *pgxpool.Pool, quota lead.Quota) *Store {
	return &Store{pool: pool, quota: quota}
}

// Ping asks the database for a sign of life, and waits for a free connection no
// longer than any other call.
func (s *Store) Ping(ctx context.Context) error {
	return s.run(ctx, "ping database", func(*db.Queries) error { return nil })
}

// run gives f a connection and turns what goes wrong into an *Error. A connection
// that was idle is checked by the pool before it is handed out.
func (s *Store) run(ctx context.Context, operation string, f func(*db.Queries) error) error {
	return s.with(ctx, operation, func(conn *pgxpool.Conn) error { return f(db.New(conn)) })
}

// begin is run in one transaction, which an error of f rolls back.
func (s *Store) begin(ctx context.Context, operation string, f func(*db.Queries) error) error {
	return s.with(ctx, operation, func(conn *pgxpool.Conn) error {
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return f(db.New(tx)) })
	})
}

func (s *Store) with(ctx context.Context, operation string, f func(*pgxpool.Conn) error) error {
	waiting, stop := context.WithTimeout(ctx, acquireTimeout)
	conn, err := s.pool.Acquire(waiting)
	stop()
	if err != nil {
		return failure(operation, err)
	}
	defer conn.Release()
	if err := f(conn); err != nil {
		return failure(operation, err)
	}
	return nil
}

// newID makes a UUID of version 7: in order of time, and unlike a sequence
// without a page that all inserts share.
func newID() uuid.UUID {
	return uuid.Must(uuid.NewV7()) // fails only when the system has no randomness, and then nothing here works
}
