// Package engine holds the SQL that makes and changes the schema stepfunctions,
// where the embedded engine keeps machines and executions, and runs it. In AWS
// that schema does not exist: Step Functions keeps its own.
package engine

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

// VersionTable says which migrations have run.
const VersionTable = "stepfunctions.goose_db_version"

//go:embed *.sql
var files embed.FS

// Files are the migrations, for whoever names a database after their content.
func Files() fs.FS { return files }

// Up brings the schema to its newest version; one that is there already is left
// alone. Two that run it at once wait for each other. A failure leaves the version
// before the failed file.
func Up(ctx context.Context, db *sql.DB) error {
	// IF NOT EXISTS alone fails when two run it at once.
	if _, err := db.ExecContext(ctx, `DO $$ BEGIN
		PERFORM pg_advisory_xact_lock(hashtextextended('stepfunctions.migrations', 0));
		CREATE SCHEMA IF NOT EXISTS stepfunctions;
	END $$`); err != nil {
		return fmt.Errorf("create schema stepfunctions: %w", err)
	}
	provider, err := Provider(db)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema stepfunctions up: %w", err)
	}
	return nil
}

// Provider gives goose's view of the migrations, to go down or to look. The
// schema must exist, which Up sees to.
func Provider(db *sql.DB) (*goose.Provider, error) {
	store, err := database.NewStore(database.DialectPostgres, VersionTable)
	if err != nil {
		return nil, fmt.Errorf("migrate schema stepfunctions: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return nil, fmt.Errorf("migrate schema stepfunctions: %w", err)
	}
	provider, err := goose.NewProvider("", db, files,
		goose.WithStore(store), goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrate schema stepfunctions: %w", err)
	}
	return provider, nil
}
