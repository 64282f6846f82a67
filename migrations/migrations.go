// Package migrations holds the SQL that makes and changes the schema nigredo,
// embedded, and runs it. Files are numbered, run once each in one transaction, and
// each has a way down. The engine's own tables are not here: they have their
// migrations in migrations/engine.
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

// VersionTable says which migrations have run. It stands in our own schema: the
// database is shared, and nothing of ours is outside.
const VersionTable = "nigredo.goose_db_version"

//go:embed *.sql
var files embed.FS

// Files gives the migrations, for tests that read their text.
func Files() fs.FS { return files }

// Up brings the database to the newest version; a database that is there
// already is left alone. Two that run it at once wait for each other. A failure
// leaves the version before the failed file.
func Up(ctx context.Context, db *sql.DB) error {
	// IF NOT EXISTS alone fails when two run it at once.
	if _, err := db.ExecContext(ctx, `DO $$ BEGIN
		PERFORM pg_advisory_xact_lock(hashtextextended('nigredo.migrations', 0));
		CREATE SCHEMA IF NOT EXISTS nigredo;
	END $$`); err != nil {
		return fmt.Errorf("create schema nigredo: %w", err)
	}
	provider, err := Provider(db)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema nigredo up: %w", err)
	}
	return nil
}

// Provider gives goose's view of the migrations, to go down or to look. The
// schema must exist, which Up sees to.
func Provider(db *sql.DB) (*goose.Provider, error) {
	store, err := database.NewStore(database.DialectPostgres, VersionTable)
	if err != nil {
		return nil, fmt.Errorf("migrate schema nigredo: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
	if err != nil {
		return nil, fmt.Errorf("migrate schema nigredo: %w", err)
	}
	provider, err := goose.NewProvider("", db, files, goose.WithStore(store), goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrate schema nigredo: %w", err)
	}
	return provider, nil
}
