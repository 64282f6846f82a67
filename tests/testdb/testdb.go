// Package testdb gives each test a PostgreSQL database of its own, migrated and
// empty.
//
// The first call in a test process starts a private server (package cluster)
// from a template kept in the cache folder, without fsync, and migrates one
// database; every test gets a copy of that one. The server and its files go with
// the process, however it ends: the kernel stops the server, and a watcher
// process, which waits for the end of ours, removes the files.
//
// NIGREDO_TEST_DATABASE_URL names an outside server instead, by the URL of a
// database whose user may create databases. Its migrated template stays there
// for later runs, named for the content of the migrations; a test that panics
// leaves its database.
package testdb

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"
)

// connections is the size of a test's pool: more than one so that races can
// happen, few enough for parallel tests on one server.
const connections = 10

// New gives a pool on a fresh database, both gone when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return newPool(t, URL(t))
}

// Durable is New on a server with the settings of "nigredo up", which syncs what it
// commits: for what measures how fast things get on disk.
func Durable(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return newPool(t, newDatabase(t, durable))
}

func newPool(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	cfg.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// URL gives the libpq URL of a fresh database, dropped when the test ends, its
// sessions included.
func URL(t testing.TB) string {
	t.Helper()
	return newDatabase(t, process)
}

func newDatabase(t testing.TB, on func() (*server, error)) string {
	t.Helper()
	s, err := on()
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	name := "nigredo_test_" + strings.ToLower(rand.Text()[:12])
	if err := s.admin(t.Context(), "create database "+name+" template "+s.template+" strategy file_copy"); err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(func() {
		if err := s.admin(context.WithoutCancel(t.Context()), "drop database "+name+" with (force)"); err != nil {
			t.Errorf("testdb: %v", err)
		}
	})
	return s.database(name)
}

// Background is for tests that look for leaked goroutines: the one that
// supervises the server lives as long as the test process.
func Background() goleak.Option {
	return goleak.IgnoreAnyFunction("github.com/alquimista-ai/nigredo/workflows/local/cluster.(*supervisor).run")
}

// process and durable give the servers of this test process, started by the first call.
var (
	process = sync.OnceValues(func() (*server, error) { return start(true) })
	durable = sync.OnceValues(func() (*server, error) { return start(false) })
)

// server is where databases are made.
type server struct {
	url      *url.URL // of a database to connect to for making others
	template string
	keep     []any // what must live as long as the process
}

func (s *server) database(name string) string {
	u := *s.url
	u.Path = "/" + name
	return u.String()
}

// admin runs one statement in a session of its own.
func (s *server) admin(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}
