package testdb

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/migrations"
)

// trees are the migrations that a test database has.
func trees() []migrations.Tree {
	return []migrations.Tree{migrations.Nigredo(), migrations.Engine(), migrations.Fibonacci()}
}

// migrate brings the database at url up to date.
func migrate(ctx context.Context, url string) error {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	db := stdlib.OpenDB(*cfg)
	for _, tree := range trees() {
		err = errors.Join(err, migrations.Up(ctx, db, tree))
	}
	return errors.Join(err, db.Close())
}
