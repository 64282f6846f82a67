package history

import (
	"context"
	_ "embed" // the statements
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

//go:embed queries/commit.sql
var commitSQL string

//go:embed queries/records.sql
var recordsSQL string

//go:embed queries/executions.sql
var executionsSQL string

//go:embed queries/running.sql
var runningSQL string

//go:embed queries/events_forward.sql
var eventsForwardSQL string

//go:embed queries/events_backward.sql
var eventsBackwardSQL string

//go:embed queries/histories.sql
var historiesSQL string

//go:embed queries/changes.sql
var changesSQL string

//go:embed queries/published.sql
var publishedSQL string

// Store is an engine.Store on PostgreSQL. The pool's role needs select, insert,
// update and delete on the schema, and to end sessions of its own role.
type Store struct {
	pool      *pgxpool.Pool
	leaseTime time.Duration
}

var _ engine.Store = (*Store)(nil)

// planned has a statement planned for each execution. A plan that is kept from when
// the tables were empty reads them whole until the next ANALYZE: at 20,000
// executions that cost more than half of the commits per second, planning costs
// nothing that could be measured (BenchmarkStandard, 2026-11-21: 2,000 against
// 5,300 transitions/s).
const planned = pgx.QueryExecModeCacheDescribe

// New returns a store on a migrated database.
func New(pool *pgxpool.Pool) *Store { return &Store{pool: pool, leaseTime: leaseTime} }

// Commit implements engine.Store. A write that the schema refuses is
// engine.ErrRejected, and nothing of the commit is stored.
func (s *Store) Commit(ctx context.Context, epoch int64, writes []engine.Write) ([]engine.Applied, error) {
	arguments, err := columns(epoch, writes)
	if err != nil {
		return nil, fmt.Errorf("commit %d executions: %w", len(writes), err)
	}
	rows, err := s.pool.Query(ctx, commitSQL, append([]any{planned}, arguments...)...)
	if err != nil {
		return nil, commitError(len(writes), err)
	}
	ids := make(map[string]int64, len(writes))
	held := false
	for rows.Next() {
		var current, id *int64
		var arn *string
		if err := rows.Scan(&current, &arn, &id); err != nil {
			rows.Close()
			return nil, commitError(len(writes), err)
		}
		held = current != nil
		if arn != nil && id != nil {
			ids[*arn] = *id
		}
	}
	if err := rows.Err(); err != nil {
		return nil, commitError(len(writes), err)
	}
	if !held {
		return nil, fmt.Errorf("commit with epoch %d: %w", epoch, engine.ErrFenced)
	}
	applied := make([]engine.Applied, len(writes))
	for i := range writes {
		if id, ok := ids[writes[i].Record.ARN]; ok {
			applied[i] = engine.Applied{OK: true, Seq: id}
		}
	}
	return applied, nil
}

// commitError marks what no repetition can mend: data that the schema refuses.
func commitError(n int, err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		switch refused.Code[:2] {
		case "22", "23", "54": // data exception, constraint, program limit
			return fmt.Errorf("commit %d executions: sqlstate %s: %w", n, refused.Code, engine.ErrRejected)
		}
	}
	return fmt.Errorf("commit %d executions: %w", n, err)
}

// Records implements engine.Store.
func (s *Store) Records(ctx context.Context, arns []string) ([]engine.Record, error) {
	rows, err := s.pool.Query(ctx, recordsSQL, planned, arns)
	if err != nil {
		return nil, fmt.Errorf("read executions: %w", err)
	}
	records, err := pgx.CollectRows(rows, scanRecord)
	if err != nil {
		return nil, fmt.Errorf("read executions: %w", err)
	}
	return records, nil
}

// Executions implements engine.Store.
func (s *Store) Executions(ctx context.Context, query engine.ExecutionQuery) ([]engine.Record, error) {
	rows, err := s.pool.Query(ctx, executionsSQL, query.StateMachineARN, string(query.Status), query.Before, query.Limit)
	if err != nil {
		return nil, fmt.Errorf("list executions: %w", err)
	}
	records, err := pgx.CollectRows(rows, scanRecord)
	if err != nil {
		return nil, fmt.Errorf("list executions: %w", err)
	}
	return records, nil
}

func scanRecord(row pgx.CollectableRow) (engine.Record, error) {
	var r engine.Record
	var timers, redrives []byte
	err := row.Scan(
		&r.Seq, &r.ARN, &r.StateMachineARN, &r.Revision, &r.Name, &r.Status, &r.Input, &r.Output, &r.Error, &r.Cause,
		&r.RoleARN, &r.TraceHeader, &r.StartDate, &r.StopDate, &r.RedriveCount, &r.RedriveDate, &r.LastEventID,
		&r.WakeAt, &timers, &redrives)
	if err != nil {
		return r, err
	}
	r.StartDate = r.StartDate.UTC()
	for _, at := range []*time.Time{r.StopDate, r.RedriveDate, r.WakeAt} {
		if at != nil {
			*at = at.UTC()
		}
	}
	if timers != nil {
		if err := json.Unmarshal(timers, &r.Timers); err != nil {
			return r, fmt.Errorf("timers of %s: %w", r.ARN, err)
		}
	}
	if redrives != nil {
		if err := json.Unmarshal(redrives, &r.Redrives); err != nil {
			return r, fmt.Errorf("redrives of %s: %w", r.ARN, err)
		}
	}
	return r, nil
}

// Running implements engine.Store.
func (s *Store) Running(ctx context.Context, after int64, limit int) ([]engine.Wake, error) {
	rows, err := s.pool.Query(ctx, runningSQL, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list running executions: %w", err)
	}
	wakes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (wake engine.Wake, err error) {
		err = row.Scan(&wake.Seq, &wake.ARN, &wake.At)
		return wake, err
	})
	if err != nil {
		return nil, fmt.Errorf("list running executions: %w", err)
	}
	return wakes, nil
}

// Events implements engine.Store.
func (s *Store) Events(ctx context.Context, query engine.EventQuery) ([]engine.Event, error) {
	statement := eventsForwardSQL
	if query.Reverse {
		statement = eventsBackwardSQL
	}
	var limit *int
	if query.Limit > 0 {
		limit = &query.Limit
	}
	rows, err := s.pool.Query(ctx, statement, planned, query.ExecutionARN, query.From, limit)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (event engine.Event, err error) {
		var details, private []byte
		err = row.Scan(&event.ID, &event.PreviousID, &event.Timestamp, &event.Type, &details, &private)
		event.Timestamp, event.Details, event.Private = event.Timestamp.UTC(), details, private
		return event, err
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return events, nil
}

// Histories implements engine.Store.
func (s *Store) Histories(ctx context.Context, executions []int64) (map[int64][]engine.Event, error) {
	rows, err := s.pool.Query(ctx, historiesSQL, planned, executions)
	if err != nil {
		return nil, fmt.Errorf("read histories: %w", err)
	}
	found := make(map[int64][]engine.Event, len(executions))
	var id int64
	var event engine.Event
	var details, private []byte
	columns := []any{&id, &event.ID, &event.PreviousID, &event.Timestamp, &event.Type, &details, &private}
	if _, err := pgx.ForEachRow(rows, columns, func() error {
		event.Timestamp, event.Details, event.Private = event.Timestamp.UTC(), details, private
		found[id] = append(found[id], event)
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read histories: %w", err)
	}
	return found, nil
}

// Changes implements engine.Store.
func (s *Store) Changes(ctx context.Context, after int64, limit int) ([]engine.PendingChange, error) {
	rows, err := s.pool.Query(ctx, changesSQL, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read status changes: %w", err)
	}
	changes, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (pending engine.PendingChange, err error) {
		var body []byte
		change := &pending.Change
		err = row.Scan(&pending.Position, &change.ID, &change.ARN, &change.Time, &body)
		change.Time, change.Body = change.Time.UTC(), body
		return pending, err
	})
	if err != nil {
		return nil, fmt.Errorf("read status changes: %w", err)
	}
	return changes, nil
}

// Published implements engine.Store.
func (s *Store) Published(ctx context.Context, positions []int64) error {
	if _, err := s.pool.Exec(ctx, publishedSQL, positions); err != nil {
		return fmt.Errorf("remove status changes: %w", err)
	}
	return nil
}

// storable is a text as the column takes it: PostgreSQL has no NUL in text.
func storable(text *string) *string {
	if text == nil || !strings.ContainsRune(*text, 0) {
		return text
	}
	clean := strings.ReplaceAll(*text, "\x00", "\uFFFD")
	return &clean
}
