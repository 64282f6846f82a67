package testdb

import (
	"context"
	"errors"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/migrations"
	"github.com/alquimista-ai/nigredo/migrations/engine"
)

// trees are the migrations that a test database has.
func trees() []fs.FS { return []fs.FS{migrations.Files(), engine.Files()} }

// migrate brings the database at url up to date.
func migrate(ctx context.Context, url string) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg)
	return errors.Join(migrations.Up(ctx, db), engine.Up(ctx, db), db.Close())
}
