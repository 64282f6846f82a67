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

// databaseLimit is how long db-url waits for the database.
const databaseLimit = 3 * time.Second

type dbURLCmd struct {
	databaseFlags
}

// Run prints the URL once the database was found to answer at it.
func (c *dbURLCmd) Run(a *app) error {
	url, err := local.DatabaseURL(c.config(a))
	if errors.Is(err, fs.ErrNotExist) {
		return unreachable("no database was ever started in %s: run nigredo up, or name its data folder with --data-dir", c.DataDir)
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(a.ctx, databaseLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return unreachable("the database does not answer: run nigredo up first, or check NIGREDO_DATABASE_URL")
	}
	if err := conn.Close(ctx); err != nil {
		return err
	}
	return a.println(url)
}
