// Package migrations holds the SQL that makes and changes our three schemas,
// embedded, and runs it. Files are numbered, run once each in one transaction, and
// each has a way down.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// Tree is the migrations of one schema. Its version table stands in the schema
// itself: the database is shared, and nothing of ours is outside.
type Tree struct {
	schema string
	files  embed.FS
	dir    string // of files
}

//go:embed *.sql
var nigredo embed.FS

//go:embed engine/*.sql
var engine embed.FS

// Nigredo is the schema nigredo, where the leads are.
func Nigredo() Tree { return Tree{"nigredo", nigredo, "."} }

// Engine is the schema stepfunctions, where the embedded engine keeps machines and
// executions. In AWS it does not exist: Step Functions keeps its own.
func Engine() Tree { return Tree{"stepfunctions", engine, "engine"} }

//go:embed fibonacci/*.sql
var fibonacci embed.FS

// Fibonacci is the schema fibonacci, where the built-in receiver remembers events.
// In AWS it does not exist: there Fibonacci is another system.
func Fibonacci() Tree { return Tree{"fibonacci", fibonacci, "fibonacci"} }

// Files are the migrations, for whoever names a database after their content.
func (t Tree) Files() fs.FS { return t.files }

// Up brings the schema of a tree to its newest version and touches no other; one
// that is there already is left alone. Two that run it at once wait for each other.
// A failure leaves the version before the failed file.
func Up(ctx context.Context, db *sql.DB, tree Tree) error {
	// IF NOT EXISTS alone fails when two run it at once. The schema is a word of ours.
	if _, err := db.ExecContext(ctx, fmt.Sprintf(`DO $$ BEGIN
		PERFORM pg_advisory_xact_lock(hashtextextended('%[1]s.migrations', 0));
		CREATE SCHEMA IF NOT EXISTS %[1]s;
	END $$`, tree.schema)); err != nil {
		return fmt.Errorf("create schema %s: %w", tree.schema, err)
	}
	provider, err := newProvider(db, tree)
	if err != nil {
		return fmt.Errorf("migrate schema %s: %w", tree.schema, err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema %s up: %w", tree.schema, err)
	}
	return nil
}

// newProvider gives goose's view of a tree, whose schema must exist.
func newProvider(db *sql.DB, tree Tree) (*goose.Provider, error) {
	files, err := fs.Sub(tree.files, tree.dir)
	if err != nil {
		return nil, err
	}
	store, err := database.NewStore(database.DialectPostgres, tree.schema+".goose_db_version")
	if err != nil {
		return nil, err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider("", db, files,
		goose.WithStore(store), goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
}
