package migrations_test

import (
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/migrations"
)

var update = flag.Bool("update", false, "write testdata/grants.txt anew")

// granted gives a database in which the users have their grants.
func granted(t *testing.T) *sql.DB {
	t.Helper()
	db := setup(t)
	if err := migrations.Grant(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	return db
}

// matrix is what each user may do, out of the catalog: a line for each user and object.
// Columns are named unless the privilege is on all of them.
const matrix = `
WITH role AS (
    SELECT oid, rolname FROM pg_roles WHERE rolname LIKE 'nigredo\_%'
), relation AS (
    SELECT c.oid, c.relname::text AS name FROM pg_class AS c
    WHERE c.relnamespace = 'nigredo'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'S', 'p', 'f')
), held AS (
    SELECT role.rolname, relation.name, verb, NULL::text AS columns
    FROM role, relation, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS verb
    WHERE has_table_privilege(role.oid, relation.oid, verb)
    UNION ALL
    SELECT role.rolname, relation.name, verb, string_agg(a.attname, ', ' ORDER BY a.attnum)
    FROM role, relation, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS verb, pg_attribute AS a
    WHERE a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT has_table_privilege(role.oid, relation.oid, verb) AND has_column_privilege(role.oid, relation.oid, a.attnum, verb)
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT role.rolname, p.proname::text, 'EXECUTE', NULL
    FROM role, pg_proc AS p
    WHERE p.pronamespace = 'nigredo'::regnamespace AND has_function_privilege(role.oid, p.oid, 'EXECUTE')
    UNION ALL
    SELECT role.rolname, 'schema ' || n.nspname, verb, NULL
    FROM role, pg_namespace AS n, unnest(ARRAY['USAGE', 'CREATE']) AS verb
    WHERE n.nspname IN ('nigredo', 'stepfunctions', 'fibonacci') AND has_schema_privilege(role.oid, n.oid, verb)
)
SELECT rolname || ' ' || name || ': ' || string_agg(verb || coalesce(' (' || columns || ')', ''), ', ' ORDER BY verb)
FROM held GROUP BY rolname, name ORDER BY 1`

func TestGrant_GivesWhatTheTableSays(t *testing.T) {
	t.Parallel()
	db := granted(t)
	// Whatever else was given goes with the next run.
	exec(t, db, `GRANT ALL ON ALL TABLES IN SCHEMA nigredo TO nigredo_health`)
	exec(t, db, `GRANT SELECT (message) ON nigredo.leads TO nigredo_list`)
	exec(t, db, `GRANT ALL ON ALL FUNCTIONS IN SCHEMA nigredo TO PUBLIC`)
	exec(t, db, `GRANT ALL ON nigredo.leads TO PUBLIC`)
	exec(t, db, `GRANT ALL ON SCHEMA nigredo TO nigredo_views`)
	if err := migrations.Grant(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	rows, err := db.QueryContext(t.Context(), matrix)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is checked
	var got strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		got.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "grants.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() == string(want) {
		return
	}
	for line := range strings.Lines(got.String()) {
		if !strings.Contains(string(want), line) {
			t.Errorf("granted and not in %s: %s", golden, line)
		}
	}
	for line := range strings.Lines(string(want)) {
		if !strings.Contains(got.String(), line) {
			t.Errorf("in %s and not granted: %s", golden, line)
		}
	}
}

// The ledger is append-only for everybody, and nobody may do more with the schema than use it.
func TestGrant_NobodyChangesTheLedgerOrTheSchema(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile(filepath.Join("testdata", "grants.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		for _, verb := range []string{"TRUNCATE", "REFERENCES", "TRIGGER", "CREATE", "schema stepfunctions", "schema fibonacci", "goose_db_version"} {
			if strings.Contains(line, verb) {
				t.Errorf("%s: %s", verb, line)
			}
		}
		appendOnly := strings.Contains(line, " ledger:") || strings.Contains(line, " redrive_actions:")
		if appendOnly && (strings.Contains(line, "UPDATE") || strings.Contains(line, "DELETE")) {
			t.Errorf("append-only: %s", line)
		}
	}
}

func TestGrant_HasAUserForEachFunctionThatUsesTheDatabase(t *testing.T) {
	t.Parallel()
	db := granted(t)
	want := map[string]bool{}
	for _, f := range config.All() {
		// migrate signs in as the owner.
		if f.Database && f.Activity != "migrate" {
			want[f.DatabaseUser()] = true
		}
	}
	rows, err := db.QueryContext(t.Context(), `SELECT rolname, rolcanlogin, rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication
		FROM pg_roles WHERE rolname LIKE 'nigredo\_%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is checked
	for rows.Next() {
		var name string
		var login, powerful bool
		if err := rows.Scan(&name, &login, &powerful); err != nil {
			t.Fatal(err)
		}
		if !want[name] || !login || powerful {
			t.Errorf("user %s: wanted %t, may log in %t, may more than that %t", name, want[name], login, powerful)
		}
		delete(want, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("no user %s", name)
	}
}

func TestGrant_SignsInByIAMWhereAWSHasTheRole(t *testing.T) {
	t.Parallel()
	db := setup(t)
	// Roles belong to the server, and other tests of this process use it: all in one
	// transaction, which is rolled back.
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing shall stay
	for _, statement := range []string{`CREATE ROLE rds_iam`, migrations.Grants} {
		if _, err := tx.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	var without int
	if err := tx.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_roles
		WHERE rolname LIKE 'nigredo\_%' AND NOT pg_has_role(rolname, 'rds_iam', 'MEMBER')`).Scan(&without); err != nil || without != 0 {
		t.Errorf("%d users are not in rds_iam, %v", without, err)
	}
}

func TestGrant_ManyAtOnce(t *testing.T) {
	t.Parallel()
	one, other := setup(t), setup(t)
	var wg sync.WaitGroup
	for _, db := range []*sql.DB{one, other, one, other} {
		wg.Go(func() {
			if err := migrations.Grant(t.Context(), db); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestVersions(t *testing.T) {
	t.Parallel()
	db := setup(t)
	newest, at, err := migrations.Versions(t.Context(), db, migrations.Nigredo())
	if err != nil || newest < 14 || at != newest {
		t.Errorf("newest %d, at %d, %v", newest, at, err)
	}
	exec(t, db, `DROP SCHEMA nigredo CASCADE`)
	if again, at, err := migrations.Versions(t.Context(), db, migrations.Nigredo()); err != nil || again != newest || at != 0 {
		t.Errorf("without the schema: newest %d, at %d, %v", again, at, err)
	}
}
