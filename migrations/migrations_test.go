package migrations_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/migrations"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// setup gives a migrated database.
func setup(t *testing.T) *sql.DB {
	t.Helper()
	config, err := pgx.ParseConfig(testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// names are the objects of the schema, the version table apart.
func names(t *testing.T, db *sql.DB) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), `
		SELECT 'relation ' || relname FROM pg_class
		WHERE relnamespace = 'nigredo'::regnamespace AND relname NOT LIKE 'goose_db_version%'
		UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'nigredo'::regnamespace
		UNION ALL SELECT 'type ' || typname FROM pg_type
		WHERE typnamespace = 'nigredo'::regnamespace AND typname NOT LIKE '%goose_db_version'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is checked
	var all []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestMigrations_GoDownToNothingAndUpAgain(t *testing.T) {
	t.Parallel()
	db := setup(t)
	before := names(t, db)
	if len(before) < 20 {
		t.Fatalf("objects = %v, want the whole schema", before)
	}
	provider, err := migrations.NewProvider(db, migrations.Nigredo())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if left := names(t, db); len(left) != 0 {
		t.Errorf("left after the way down: %v", left)
	}
	for range 2 { // the second time there is nothing to do
		if err := migrations.Up(t.Context(), db, migrations.Nigredo()); err != nil {
			t.Fatal(err)
		}
	}
	after := names(t, db)
	if len(after) != len(before) {
		t.Errorf("objects = %v, want %v", after, before)
	}
}

func TestUp_TwoAtOnceWaitForEachOther(t *testing.T) {
	t.Parallel()
	db := setup(t)
	exec(t, db, `DROP SCHEMA nigredo CASCADE`)
	errs := make(chan error)
	for range 3 {
		go func() { errs <- migrations.Up(context.WithoutCancel(t.Context()), db, migrations.Nigredo()) }()
	}
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if len(names(t, db)) < 20 {
		t.Error("the schema is not there")
	}
}

func TestUp_MakesTheSchemaOfItsTreeAlone(t *testing.T) {
	t.Parallel()
	db := setup(t)
	schemas := func() (found string) {
		if err := db.QueryRowContext(t.Context(), `
			SELECT coalesce(string_agg(DISTINCT schemaname, ' ' ORDER BY schemaname), '') FROM pg_tables
			WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`).Scan(&found); err != nil {
			t.Fatal(err)
		}
		return found
	}
	for schema, tree := range map[string]migrations.Tree{"nigredo": migrations.Nigredo(), "stepfunctions": migrations.Engine(), "fibonacci": migrations.Fibonacci()} {
		exec(t, db, `DROP SCHEMA IF EXISTS nigredo CASCADE`)
		exec(t, db, `DROP SCHEMA IF EXISTS stepfunctions CASCADE`)
		exec(t, db, `DROP SCHEMA IF EXISTS fibonacci CASCADE`)
		if err := migrations.Up(t.Context(), db, tree); err != nil {
			t.Fatal(err)
		}
		if got := schemas(); got != schema {
			t.Errorf("the tree of %s makes tables in %q", schema, got)
		}
	}
}

func TestUp_FailedFileLeavesNothing(t *testing.T) {
	t.Parallel()
	db := setup(t)
	exec(t, db, `DROP SCHEMA nigredo CASCADE`)
	exec(t, db, `CREATE SCHEMA nigredo`)
	exec(t, db, `CREATE TABLE nigredo.ledger (id integer)`)
	if err := migrations.Up(t.Context(), db, migrations.Nigredo()); err == nil {
		t.Fatal("up over a table of the same name: no error")
	}
	if left := names(t, db); len(left) != 3 {
		t.Errorf("left = %v, want the table that was there and its types", left)
	}
	exec(t, db, `DROP TABLE nigredo.ledger`)
	if err := migrations.Up(t.Context(), db, migrations.Nigredo()); err != nil {
		t.Errorf("up after the repair: %v", err)
	}
}

func TestSchema_TablesAndFunctionsSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	db := setup(t)
	var silent sql.NullString
	err := db.QueryRowContext(t.Context(), `
		SELECT string_agg(relname, ', ') FROM pg_class
		WHERE relnamespace = 'nigredo'::regnamespace AND relkind = 'r' AND relname <> 'goose_db_version'
			AND obj_description(oid, 'pg_class') IS NULL`).Scan(&silent)
	if err != nil {
		t.Fatal(err)
	}
	if silent.Valid {
		t.Errorf("tables without a comment: %s", silent.String)
	}
}

func TestSchema_HasNoSequence(t *testing.T) {
	t.Parallel()
	db := setup(t)
	var sequences sql.NullString
	err := db.QueryRowContext(t.Context(), `
		SELECT string_agg(relname, ', ') FROM pg_class
		WHERE relnamespace = 'nigredo'::regnamespace AND relkind = 'S' AND relname NOT LIKE 'goose_db_version%'`).Scan(&sequences)
	if err != nil {
		t.Fatal(err)
	}
	if sequences.Valid {
		t.Errorf("sequences: %s; ids are made in Go", sequences.String)
	}
}

// base makes one valid row in each table.
const base = `
INSERT INTO nigredo.leads (id, reference, status, name, email, email_norm, source, locale, verdict, created_at, status_changed_at)
VALUES ('00000000-0000-0000-0000-000000000001', 'NG-2222-2222', 'accepted', 'Ana', 'a@b.c', 'a@b.c', 'direct', 'en', 'clean', now(), now());
INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-000000000001', 'lead.created', 'due', now(), now(), now());
INSERT INTO nigredo.webhook_logs (id, lead_id, event_id, attempt_number, success, status_code, sent_at, duration, execution_arn, redrive_count, retry_count)
VALUES ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000e1', 1, true, 200, now(), '1 s', 'x', 0, 0);
INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
VALUES ('00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-000000000001', now(), 'lead.accepted', 'x', '{}');
INSERT INTO nigredo.rate_limits (ip_address, stamps) VALUES ('203.0.113.7', ARRAY[now()]);
INSERT INTO nigredo.idempotency_keys (key_hash, fingerprint, owner, bucket, state, claimed_at, expires_at)
VALUES (sha256('k'), sha256('f'), 'x', '203.0.113.7', 'reserved', now(), now() + interval '30 s');
INSERT INTO nigredo.rights_requests (id, protocol, kind, email, email_norm, locale, lead_ids, received_at, due_at, status)
VALUES ('00000000-0000-0000-0000-0000000000b1', 'RQ-2222-2222', 'access', 'a@b.c', 'a@b.c', 'en', '{}', now(), now() + interval '15 days', 'open');
INSERT INTO nigredo.rights_posts (ip_address, fingerprint, protocol, taken_at) VALUES ('203.0.113.7', sha256('f'), 'RQ-2222-2222', now());
INSERT INTO nigredo.page_views (day, page, source, variant, views) VALUES ('2026-11-21', '/', 'direct', 'none', 1);`

func TestSchema_RefusesWhatMustNotBe(t *testing.T) {
	t.Parallel()
	db := setup(t)
	exec(t, db, base)
	for name, row := range map[string]struct{ state, statement string }{
		"status unknown":             {"23514", `UPDATE nigredo.leads SET status = 'new'`},
		"reference with 0":           {"23514", `UPDATE nigredo.leads SET reference = 'NG-2220-2222'`},
		"reference taken":            {"23505", `INSERT INTO nigredo.leads SELECT gen_random_uuid(), reference, status, name, email, email_norm, company, phone, message, source, utm_source, utm_medium, utm_campaign, utm_term, utm_content, locale, verdict, created_at, status_changed_at FROM nigredo.leads`},
		"name empty":                 {"23514", `UPDATE nigredo.leads SET name = ''`},
		"company empty, not null":    {"23514", `UPDATE nigredo.leads SET company = ''`},
		"phone not E.164":            {"23514", `UPDATE nigredo.leads SET phone = '011 98765-4321'`},
		"variant of two words":       {"23514", `UPDATE nigredo.leads SET variant = 'hero b'`},
		"variant of 65 signs":        {"23514", `UPDATE nigredo.leads SET variant = repeat('x', 65)`},
		"second delivery of a lead":  {"23505", `INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, created_at, updated_at) VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', 'lead.created', 'due', now(), now(), now())`},
		"delivery of nobody":         {"23503", `INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, created_at, updated_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'lead.created', 'due', now(), now(), now())`},
		"due without a time":         {"23514", `UPDATE nigredo.deliveries SET due_at = NULL`},
		"running without execution":  {"23514", `UPDATE nigredo.deliveries SET execution_status = 'RUNNING'`},
		"closed without an end":      {"23514", `UPDATE nigredo.deliveries SET execution_arn = 'x', execution_started_at = now(), execution_status = 'FAILED'`},
		"running with an end":        {"23514", `UPDATE nigredo.deliveries SET execution_arn = 'x', execution_started_at = now(), execution_status = 'RUNNING', execution_stopped_at = now()`},
		"attempt made twice":         {"23505", `INSERT INTO nigredo.webhook_logs SELECT gen_random_uuid(), lead_id, event_id, 2, success, status_code, error_name, error_message, answer_excerpt, retry_after, sent_at, duration, execution_arn, redrive_count, retry_count FROM nigredo.webhook_logs`},
		"attempt number twice":       {"23505", `INSERT INTO nigredo.webhook_logs SELECT gen_random_uuid(), lead_id, event_id, 1, success, status_code, error_name, error_message, answer_excerpt, retry_after, sent_at, duration, execution_arn, redrive_count, 1 FROM nigredo.webhook_logs`},
		"success with 500":           {"23514", `UPDATE nigredo.webhook_logs SET status_code = 500`},
		"success without an answer":  {"23514", `UPDATE nigredo.webhook_logs SET status_code = NULL`},
		"failure without an error":   {"23514", `UPDATE nigredo.webhook_logs SET success = false`},
		"cause unknown":              {"23514", `UPDATE nigredo.webhook_logs SET success = false, error_name = 'x', cause = 'weather'`},
		"success with a cause":       {"23514", `UPDATE nigredo.webhook_logs SET cause = 'http'`},
		"fingerprint of no hash":     {"23514", `UPDATE nigredo.webhook_logs SET success = false, error_name = 'x', answer_fingerprint = 'Ana'`},
		"excerpt over 4 KiB":         {"23514", `UPDATE nigredo.webhook_logs SET answer_excerpt = repeat('x', 4097)`},
		"ledger entry changed":       {"23001", `UPDATE nigredo.ledger SET actor = 'me'`},
		"ledger entry deleted":       {"23001", `DELETE FROM nigredo.ledger`},
		"ledger emptied":             {"23001", `TRUNCATE nigredo.ledger`},
		"ledger kind in prose":       {"23514", `INSERT INTO nigredo.ledger VALUES (gen_random_uuid(), gen_random_uuid(), now(), 'Lead accepted', 'x', '{}')`},
		"ledger without an actor":    {"23514", `INSERT INTO nigredo.ledger VALUES (gen_random_uuid(), gen_random_uuid(), now(), 'lead.accepted', '', '{}')`},
		"a whole IPv6 address":       {"23514", `INSERT INTO nigredo.rate_limits (ip_address, stamps) VALUES ('2001:db8::1', ARRAY[now()])`},
		"an IPv4 network":            {"23514", `INSERT INTO nigredo.rate_limits (ip_address, stamps) VALUES ('198.51.100.0/24', ARRAY[now()])`},
		"host bits in a /64":         {"23514", `INSERT INTO nigredo.rate_limits (ip_address, stamps) VALUES ('2001:db8::1/64', ARRAY[now()])`},
		"no stamps":                  {"23502", `UPDATE nigredo.rate_limits SET stamps = '{}'`},
		"too many stamps":            {"23514", `UPDATE nigredo.rate_limits SET stamps = array_fill(now(), ARRAY[1001])`},
		"count set by hand":          {"428C9", `UPDATE nigredo.rate_limits SET submission_count = 0`},
		"completed without answer":   {"23514", `UPDATE nigredo.idempotency_keys SET state = 'completed'`},
		"reserved with an answer":    {"23514", `UPDATE nigredo.idempotency_keys SET lead_id = gen_random_uuid()`},
		"key of another length":      {"23514", `UPDATE nigredo.idempotency_keys SET key_hash = '\x00'`},
		"expired before it began":    {"23514", `UPDATE nigredo.idempotency_keys SET expires_at = claimed_at`},
		"submission from a network":  {"23514", `INSERT INTO nigredo.form_submissions VALUES ('00000000-0000-0000-0000-000000000001', 'NG-2222-2222', '203.0.113.0/24', NULL, sha256('k'), 'clean', true, 'r', 'x', now(), now())`},
		"right of no law":            {"23514", `UPDATE nigredo.rights_requests SET kind = 'oblivion'`},
		"due before it came in":      {"23514", `UPDATE nigredo.rights_requests SET due_at = received_at`},
		"closed without an outcome":  {"23514", `UPDATE nigredo.rights_requests SET status = 'closed'`},
		"open with an outcome":       {"23514", `UPDATE nigredo.rights_requests SET outcome = 'answered'`},
		"protocol of a lead":         {"23514", `UPDATE nigredo.rights_requests SET protocol = 'NG-2222-2222'`},
		"101 leads of a request":     {"23514", `UPDATE nigredo.rights_requests SET lead_ids = array_fill(id, ARRAY[101])`},
		"request from a network":     {"23514", `UPDATE nigredo.rights_posts SET ip_address = '203.0.113.0/24'`},
		"views of a combination":     {"23505", `INSERT INTO nigredo.page_views SELECT * FROM nigredo.page_views`},
		"views of a long name":       {"23514", `UPDATE nigredo.page_views SET source = repeat('x', 65)`},
		"consent hash not a SHA-256": {"23514", `INSERT INTO nigredo.consents VALUES ('00000000-0000-0000-0000-000000000001', now(), true, 'reply', '1', 'abc', 'en', 'form')`},
		"consent to a purpose twice": {"23505", `INSERT INTO nigredo.consents (lead_id, given_at, marketing, locale, channel) SELECT '00000000-0000-0000-0000-000000000001', now(), true, 'en', 'form' FROM generate_series(1, 2)`},
		"purpose unknown":            {"23514", `INSERT INTO nigredo.consents (lead_id, given_at, marketing, locale, channel, purpose) VALUES ('00000000-0000-0000-0000-000000000001', now(), true, 'en', 'form', 'profiling')`},
		"marketing not agreed to":    {"23514", `INSERT INTO nigredo.consents (lead_id, given_at, marketing, locale, channel, purpose) VALUES ('00000000-0000-0000-0000-000000000001', now(), false, 'en', 'form', 'marketing')`},
	} {
		_, err := db.ExecContext(t.Context(), row.statement)
		var refused *pgconn.PgError
		if !errors.As(err, &refused) || refused.Code != row.state {
			t.Errorf("%s: %v, want SQLSTATE %s", name, err, row.state)
		}
	}
}

// What was agreed to before each purpose had a row stays as it was, on the way up and down.
func TestConsentPurposes_OldRowsStay(t *testing.T) {
	t.Parallel()
	db := setup(t)
	provider, err := migrations.NewProvider(db, migrations.Nigredo())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.DownTo(t.Context(), 13); err != nil {
		t.Fatal(err)
	}
	exec(t, db, base)
	exec(t, db, `INSERT INTO nigredo.consents (lead_id, given_at, marketing, text_id, locale, channel)
		VALUES ('00000000-0000-0000-0000-000000000001', '2026-11-21Z', true, 'reply', 'en', 'form')`)
	if err := migrations.Up(t.Context(), db, migrations.Nigredo()); err != nil {
		t.Fatal(err)
	}
	one := func(condition string) {
		t.Helper()
		var all, matching int
		if err := db.QueryRowContext(t.Context(), `SELECT count(*), count(*) FILTER (WHERE `+condition+`) FROM nigredo.consents`).Scan(&all, &matching); err != nil {
			t.Fatal(err)
		}
		if all != 1 || matching != 1 {
			t.Errorf("%d consents, %d of them %s, want one", all, matching, condition)
		}
	}
	one(`purpose = 'reply' AND marketing AND text_id = 'reply' AND recognised IS NULL`)
	exec(t, db, `INSERT INTO nigredo.consents (lead_id, given_at, purpose, marketing, text_id, recognised, locale, channel)
		VALUES ('00000000-0000-0000-0000-000000000001', '2026-11-21Z', 'marketing', true, 'marketing', true, 'en', 'form')`)
	if _, err := provider.DownTo(t.Context(), 13); err != nil {
		t.Fatal(err)
	}
	one(`marketing AND text_id = 'reply'`)
}
