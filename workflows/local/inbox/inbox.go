// Package inbox is the memory of the built-in Fibonacci receiver: the table
// fibonacci.events, which knows a webhook-id again after any restart.
//
// Its connections commit without waiting for the disk (postgres.Options.Relaxed),
// so that a lead costs no second flush. What a crash of PostgreSQL may lose is the
// ids of its last moments, up to 0.6 s: their events are put a second time when
// they are sent again, and delivery is at least once in any case. The row of an
// attempt is flushed, and with it all that was committed before: an event whose
// delivery is on record is never forgotten.
package inbox

import (
	"context"
	_ "embed" // the statements
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/activities/lead"
)

//go:embed queries/take.sql
var takeSQL string

//go:embed queries/list.sql
var listSQL string

// commitLimit is how long a commit may take once its caller has gone.
const commitLimit = 5 * time.Second

// Inbox implements fibonacci.Inbox on PostgreSQL.
type Inbox struct{ pool *pgxpool.Pool }

// New makes an inbox on a pool, which stays the caller's to close. Each event that
// is being taken holds a connection.
func New(pool *pgxpool.Pool) Inbox { return Inbox{pool} }

// Take implements fibonacci.Inbox. The event is remembered in the transaction in
// which put runs; a second call with its id waits for the end of that. An error
// that is not put's own is lead.ErrDatabaseUnavailable.
func (i Inbox) Take(ctx context.Context, event fibonacci.Event, put func(context.Context) error) (bool, error) {
	tx, err := i.pool.Begin(ctx)
	if err != nil {
		return false, unavailable("begin", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit there is nothing to roll back
	var about *uuid.UUID
	if id := event.LeadID(); id != uuid.Nil {
		about = &id
	}
	var repeats int
	if err := tx.QueryRow(ctx, takeSQL, event.WebhookID, event.Type, about, event.Timestamp).Scan(&repeats); err != nil {
		return false, unavailable("remember event", err)
	}
	first := repeats == 0
	if first {
		if err := put(ctx); err != nil {
			return true, err
		}
	}
	// What was put is remembered, even when the caller has given up meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitLimit)
	defer cancel()
	if err := tx.Commit(ctx); err != nil {
		return first, unavailable("commit", err)
	}
	return first, nil
}

func unavailable(operation string, err error) error {
	return fmt.Errorf("inbox: %s: %w: %w", operation, lead.ErrDatabaseUnavailable, err)
}

// Entry is an event that was put on the bus.
type Entry struct {
	WebhookID  string     `json:"webhookId"`
	Type       string     `json:"type"`
	LeadID     *uuid.UUID `json:"leadId"` // nil: about no lead
	HappenedAt time.Time  `json:"timestamp"`
	ReceivedAt time.Time  `json:"receivedAt"` // the first time
	Repeats    int        `json:"repeats"`    // how often it was sent again and not put
}

// ErrNoTable is returned by List for a database that was not migrated so far.
var ErrNoTable = errors.New("the database has no table of events")

// List gives the newest events, at most limit of them; of one lead unless about
// is uuid.Nil.
func List(ctx context.Context, conn *pgx.Conn, about lead.ID, limit int) ([]Entry, error) {
	filter := &about
	if about == uuid.Nil {
		filter = nil
	}
	rows, _ := conn.Query(ctx, listSQL, filter, limit) // CollectRows gives its error
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Entry])
	var answer *pgconn.PgError
	if errors.As(err, &answer) && answer.Code == undefinedTable {
		return nil, ErrNoTable
	}
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return entries, nil
}

const undefinedTable = "42P01" // also where the schema is missing
