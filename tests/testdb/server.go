package testdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
)

// startLimit covers a first run: binaries are fetched and a template is made.
const startLimit = 3 * time.Minute

func start(throwaway bool) (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	s := &server{}
	address := os.Getenv("NIGREDO_TEST_DATABASE_URL")
	if address == "" {
		c, err := s.startCluster(ctx, throwaway)
		if err != nil {
			return nil, err
		}
		address = c.URL()
	}
	var err error
	if s.url, err = url.Parse(address); err != nil {
		return nil, fmt.Errorf("read NIGREDO_TEST_DATABASE_URL: %w", err)
	}
	if s.template, err = templateName(); err != nil {
		return nil, err
	}
	return s, s.ensureTemplate(ctx)
}

// startCluster starts the private server with its files in a folder that goes
// with this process.
func (s *server) startCluster(ctx context.Context, throwaway bool) (*cluster.Cluster, error) {
	cache := cluster.CacheDir(os.Getenv)
	runs := filepath.Join(cache, "run")
	if err := os.MkdirAll(runs, 0o700); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(runs, "")
	if err != nil {
		return nil, err
	}
	c, err := cluster.Start(ctx, cluster.Config{
		Dir:       dir,
		Binaries:  filepath.Join(cache, "postgres"),
		Template:  filepath.Join(cache, "template"),
		Throwaway: throwaway,
		Progress:  func(sentence string) { fmt.Fprintln(os.Stderr, sentence) },
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	watcher, err := removeAtEnd(dir, c.Home())
	if err != nil {
		return nil, errors.Join(err, c.Close(), os.RemoveAll(dir))
	}
	s.keep = []any{c, watcher}
	return c, nil
}

// removeAtEnd starts a process that removes the folders once this process has
// ended: it reads a pipe whose other end only we hold. The server still writes
// while it stops, so the removal is tried until it holds.
func removeAtEnd(dirs ...string) (pipe any, err error) {
	const script = `cat >/dev/null; n=0; while [ $n -lt 100 ]; do rm -rf "$@" 2>/dev/null && break; n=$((n+1)); sleep 0.1; done`
	cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, dirs...)...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err = cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return pipe, cmd.Start()
}

// templateName names the migrated database for what was migrated, so that an
// outside server can keep it.
func templateName() (string, error) {
	hash := sha256.New()
	for _, tree := range trees() {
		err := fs.WalkDir(tree.Files(), ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(tree.Files(), path)
			hash.Write(fmt.Appendf(nil, "%s %d\n", path, len(content)))
			hash.Write(content)
			return err
		})
		if err != nil {
			return "", fmt.Errorf("read migrations: %w", err)
		}
	}
	return "nigredo_template_" + hex.EncodeToString(hash.Sum(nil)[:6]), nil
}

// ensureTemplate makes the migrated database unless it is there. It is made
// under another name and renamed, so that one of the right name is whole.
func (s *server) ensureTemplate(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	const lock = `select pg_advisory_lock(hashtext($1))`
	if _, err := conn.Exec(ctx, lock, s.template); err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, s.template).Scan(&there); err != nil || there {
		return err
	}
	draft := s.template + "_draft"
	for _, sql := range []string{"drop database if exists " + draft, "create database " + draft} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	if err := migrate(ctx, s.database(draft)); err != nil {
		return fmt.Errorf("migrate template: %w", err)
	}
	_, err = conn.Exec(ctx, "alter database "+draft+" rename to "+s.template)
	return err
}
