package e2e

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// openDatabase opens the program's own database, once, by the URL that
// "nigredo db-url" prints.
var openDatabase = sync.OnceValues(func() (*pgxpool.Pool, error) {
	url, err := up.Run(context.Background(), "db-url")
	if err != nil {
		return nil, err
	}
	return pgxpool.New(context.Background(), url)
})

func database(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := openDatabase()
	if err != nil {
		t.Fatalf("open database: %v", err)
	}
	return pool
}

// query gives the rows of a statement as values of T, whose fields have the
// names of the columns.
func query[T any](t *testing.T, sql string, args ...any) []T {
	t.Helper()
	rows, err := database(t).Query(t.Context(), sql, args...)
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[T])
	if err != nil {
		t.Fatalf("query: %v", err)
	}
	return values
}

// count gives the one number that a statement yields.
func count(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := database(t).QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("count: %v", err)
	}
	return n
}

// execute runs a statement, also while the test cleans up.
func execute(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := database(t).Exec(context.WithoutCancel(t.Context()), sql, args...); err != nil {
		t.Fatalf("%.60s: %v", sql, err)
	}
}

// leads counts the leads of a person.
func leads(t *testing.T, email string) int {
	t.Helper()
	return count(t, "select count(*) from nigredo.leads where email = $1", email)
}

// requireNothingStored fails when an address left any row: a lead has a
// submission, a submission a key, a key a bucket.
func requireNothingStored(t *testing.T, address string) {
	t.Helper()
	for _, table := range []string{
		"nigredo.form_submissions where host(ip_address) = $1",
		"nigredo.idempotency_keys where host(bucket) = $1",
		"nigredo.rate_limits where host(ip_address) = $1",
	} {
		if n := count(t, "select count(*) from "+table, address); n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
}

// leadStatus complains unless the lead has the status.
func leadStatus(t *testing.T, id, want string) func() error {
	return func() error {
		var got string
		if err := database(t).QueryRow(t.Context(), "select status from nigredo.leads where id = $1", id).Scan(&got); err != nil {
			return err
		}
		if got != want {
			return fmt.Errorf("lead has status %s, want %s", got, want)
		}
		return nil
	}
}

// attempt is a row of webhook_logs.
type attempt struct {
	AttemptNumber int
	Success       bool
	StatusCode    int
	ErrorName     *string
	RedriveCount  int
	RetryCount    int
}

func attempts(t *testing.T, leadID string) []attempt {
	t.Helper()
	return query[attempt](t, `select attempt_number, success, status_code, error_name, redrive_count, retry_count
		from nigredo.webhook_logs where lead_id = $1 order by attempt_number`, leadID)
}
