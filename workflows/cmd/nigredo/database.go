package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
)

func (f databaseFlags) config(a *app) local.Config {
	return local.Config{
		DataDir: f.DataDir, DatabaseURL: f.DatabaseURL,
		Cache: cluster.CacheDir(a.getenv), Output: a.stderr, Progress: a.progress,
	}
}

type migrateCmd struct {
	databaseFlags
}

// Run migrates.
func (c *migrateCmd) Run(a *app) error {
	if err := local.Migrate(a.ctx, c.config(a)); err != nil {
		return err
	}
	a.progress("The database is up to date.")
	return nil
}

// databaseLimit is how long a command waits for the database.
const databaseLimit = 3 * time.Second

type dbURLCmd struct {
	databaseFlags
}

// Run prints the URL once the database was found to answer at it.
func (c *dbURLCmd) Run(a *app) error {
	ctx, cancel := context.WithTimeout(a.ctx, databaseLimit)
	defer cancel()
	conn, url, err := c.connect(ctx, a)
	if err != nil {
		return err
	}
	if err := conn.Close(ctx); err != nil {
		return err
	}
	return a.println(url)
}

// connect gives a connection to the database, and its URL. It says what to do
// where no database answers.
func (f databaseFlags) connect(ctx context.Context, a *app) (*pgx.Conn, string, error) {
	url, err := local.DatabaseURL(f.config(a))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", unreachable("no database was ever started in %s: run nigredo up, or name its data folder with --data-dir", f.DataDir)
	}
	if err != nil {
		return nil, "", err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, "", unreachable("the database does not answer: run nigredo up first, or check NIGREDO_DATABASE_URL")
	}
	return conn, url, nil
}
