package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

type bench struct {
	handler
	log *log
}

// log is written by more than one call at a time.
type log struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// setup gives the function on a database that has the newest schema.
func setup(t *testing.T) bench {
	t.Helper()
	cfg, err := pgx.ParseConfig(testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*cfg)
	t.Cleanup(func() { _ = db.Close() })
	b := bench{log: &log{}}
	b.handler = handler{env: task.NewEnv(b.log, time.Now).For("migrate", ""), db: db}
	return b
}

func (b bench) exec(t *testing.T, db interface {
	Exec(string, ...any) (sql.Result, error)
}, statement string,
) {
	t.Helper()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func (b bench) invoke(t *testing.T, payload string) (out output, failed messages.InvokeResponse_Error) {
	t.Helper()
	answer, err := b.Invoke(t.Context(), []byte(payload))
	if err != nil {
		if !errors.As(err, &failed) {
			t.Fatalf("error of type %T", err)
		}
		return out, failed
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	return out, failed
}

func TestMigrate_BringsAnEmptyDatabaseUpToDate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, b.db, `DROP SCHEMA nigredo CASCADE`)
	before, failed := b.invoke(t, `{"action":"status"}`)
	if failed.Type != "" || before.Before != 0 || before.After != 0 || before.Newest < 14 || before.Granted {
		t.Fatalf("status of an empty database: %+v, %v", before, failed)
	}
	first, failed := b.invoke(t, `{"action":"migrate"}`)
	if failed.Type != "" || first != (output{Before: 0, After: before.Newest, Newest: before.Newest, Granted: true}) {
		t.Errorf("first: %+v, %v", first, failed)
	}
	b.exec(t, b.db, `SET ROLE nigredo_list; SELECT id, email FROM nigredo.leads; RESET ROLE`)
	again, failed := b.invoke(t, `{"action":"migrate"}`)
	if failed.Type != "" || again != (output{Before: before.Newest, After: before.Newest, Newest: before.Newest, Granted: true}) {
		t.Errorf("again: %+v, %v", again, failed)
	}
}

func TestMigrate_RefusesWhatIsNotOfItsContract(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, payload := range []string{``, `{}`, `[]`, `"migrate"`, `{"action":"down"}`, `{"action":"migrate","to":7}`, `{"action":"status"}{}`} {
		if _, failed := b.invoke(t, payload); failed.Type != errInput {
			t.Errorf("%s: %v", payload, failed)
		}
	}
}

func TestMigrate_OneAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tx, err := b.db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	b.exec(t, tx, `SELECT pg_advisory_xact_lock(hashtextextended('nigredo.migrate', 0))`)
	if _, failed := b.invoke(t, `{"action":"migrate"}`); failed.Type != errRunning {
		t.Errorf("while another migrates: %v", failed)
	}
	if _, failed := b.invoke(t, `{"action":"status"}`); failed.Type != "" {
		t.Errorf("status while another migrates: %v", failed)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, failed := b.invoke(t, `{"action":"migrate"}`); failed.Type != "" {
		t.Errorf("afterwards: %v", failed)
	}
}

func TestMigrate_TellsWhatFailedWithoutQuotingIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, b.db, `DROP SCHEMA nigredo CASCADE; CREATE SCHEMA nigredo; CREATE TABLE nigredo.rate_limits (secret_of_ana integer)`)
	_, failed := b.invoke(t, `{"action":"migrate"}`)
	if want := "migration 7: the database refused, sqlstate 42P07; the schema stands at the version before it"; failed.Type != errFailed || failed.Message != want {
		t.Errorf("%v, want %s", failed, want)
	}
	if strings.Contains(b.log.text.String(), "rate_limits") || !strings.Contains(b.log.text.String(), "42P07") {
		t.Errorf("log: %s", b.log.text.String())
	}
	b.exec(t, b.db, `DROP TABLE nigredo.rate_limits`)
	if _, failed := b.invoke(t, `{"action":"migrate"}`); failed.Type != "" {
		t.Errorf("after the repair: %v", failed)
	}
}

func TestMigrate_AnOlderFunctionTakesNoGrantsFromANewerSchema(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, b.db, `INSERT INTO nigredo.goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	if _, failed := b.invoke(t, `{"action":"migrate"}`); failed.Type != errFailed || !strings.Contains(failed.Message, "9999") {
		t.Errorf("%v", failed)
	}
}

func TestMigrate_DatabaseAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, failed := b.invoke(t, `{"action":"migrate"}`); failed.Type != errFailed || failed.Message != "the database did not answer" {
		t.Errorf("%v", failed)
	}
}
