package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/alquimista-ai/nigredo/migrations"
	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// The pools on the one database. The private server takes 64 connections; what
// these leave is for psql and for a second program that looks.
const (
	activityConnections = 24
	booksConnections    = 6 // for what works on many rows: it must not keep a lead waiting
	engineConnections   = 8
	receiverConnections = 4
)

// ErrDatabase is returned by Start, Up and Migrate when the database does not
// answer.
var ErrDatabase = errors.New("the database does not answer")

func clusterDir(dataDir string) string { return filepath.Join(dataDir, "postgres") }

// startDatabase starts the private server, unless the operator has one, and
// gives the URL. stop is never nil.
func startDatabase(ctx context.Context, cfg settled) (url string, stop func() error, err error) {
	if cfg.DatabaseURL != "" {
		return cfg.DatabaseURL, func() error { return nil }, nil
	}
	c, err := cluster.Start(ctx, cluster.Config{
		Dir:      clusterDir(cfg.DataDir),
		Cache:    filepath.Join(cfg.Cache, "postgres"),
		Log:      cfg.log,
		Progress: cfg.Progress,
	})
	if err != nil {
		return "", nil, err
	}
	return c.URL(), c.Close, nil
}

// migrate brings the schemas up to date.
func migrate(ctx context.Context, url string) error {
	parsed, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("%w: NIGREDO_DATABASE_URL is not a URL or connection string of PostgreSQL", ErrConfig) // the text of err may hold its password
	}
	db := stdlib.OpenDB(*parsed)
	return errors.Join(migrateAll(ctx, db), db.Close())
}

func migrateAll(ctx context.Context, db *sql.DB) error {
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("%w: %w", ErrDatabase, err)
	}
	return errors.Join(
		migrations.Up(ctx, db, migrations.Nigredo()),
		migrations.Up(ctx, db, migrations.Engine()),
		migrations.Up(ctx, db, migrations.Fibonacci()),
	)
}

// Migrate brings the database of cfg up to date and returns. The private server
// is used as it runs, or started for the purpose.
func Migrate(ctx context.Context, cfg Config) error {
	settled, err := cfg.settle()
	if err != nil {
		return err
	}
	if err := makeDataDir(settled.DataDir); err != nil {
		return err
	}
	url, stop, err := startDatabase(ctx, settled)
	if errors.Is(err, flock.ErrHeld) {
		url, err = cluster.URLOf(clusterDir(settled.DataDir))
		stop = func() error { return nil }
	}
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, url), stop())
}

// DatabaseURL gives the libpq URL of the database of cfg: the operator's own, or
// that of the private server that runs, or ran last, in the data folder. It
// refuses with fs.ErrNotExist when none ever did.
func DatabaseURL(cfg Config) (string, error) {
	if cfg.DatabaseURL != "" {
		return cfg.DatabaseURL, nil
	}
	return cluster.URLOf(clusterDir(cfg.DataDir))
}
