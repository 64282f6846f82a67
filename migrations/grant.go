package migrations

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

//go:embed grants/grants.sql
var grants string

// Grant makes the database users of the functions and gives each what its own
// statements need, in the schema nigredo and nowhere else; what it had beyond that it
// loses. Run it after Up: a new table is nobody's before. All or nothing, and as often
// as you like. It needs the owner of the schema's objects, with the right to create
// roles; a user is made without a password and signs in by IAM where AWS's role
// rds_iam is there.
func Grant(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("grant in schema nigredo: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after Commit
	if _, err := tx.ExecContext(ctx, grants); err != nil {
		return fmt.Errorf("grant in schema nigredo: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("grant in schema nigredo: %w", err)
	}
	return nil
}

// Versions are the newest migration of a tree and the one that a database is at; at is
// 0 where the schema is not there yet.
func Versions(ctx context.Context, db *sql.DB, tree Tree) (newest, at int64, err error) {
	provider, err := newProvider(db, tree)
	if err != nil {
		return 0, 0, fmt.Errorf("read version of schema %s: %w", tree.schema, err)
	}
	for _, source := range provider.ListSources() {
		newest = max(newest, source.Version)
	}
	var there bool
	if err := db.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, tree.schema+".goose_db_version").Scan(&there); err != nil {
		return 0, 0, fmt.Errorf("read version of schema %s: %w", tree.schema, err)
	}
	if !there {
		return newest, 0, nil
	}
	if at, err = provider.GetDBVersion(ctx); err != nil {
		return 0, 0, fmt.Errorf("read version of schema %s: %w", tree.schema, err)
	}
	return newest, at, nil
}
