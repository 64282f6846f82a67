package testdb

import (
	"context"
	"database/sql"
	"io/fs"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that goose speaks through

	"github.com/alquimista-ai/nigredo/migrations"
)

// trees are the migrations that a test database has.
func trees() []fs.FS { return []fs.FS{migrations.Files()} }

// migrate brings the database at url up to date.
func migrate(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing is pending
	return migrations.Up(ctx, db)
}
