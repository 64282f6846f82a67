package cluster_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

func config(t *testing.T, dir string) cluster.Config {
	t.Helper()
	cache := cluster.CacheDir(os.Getenv)
	return cluster.Config{Dir: dir, Binaries: filepath.Join(cache, "postgres"), Progress: func(s string) { t.Log(s) }}
}

func start(t *testing.T, cfg cluster.Config) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Home is not below the test's folder where the server runs as another user.
		if err := errors.Join(c.Close(), os.RemoveAll(c.Home())); err != nil {
			t.Error(err)
		}
	})
	return c
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

func exec1(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestStart_SecondStartKeepsData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := cluster.Start(t.Context(), config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	exec1(t, connect(t, first.URL()), "create table kept as select 42 as n")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, config(t, dir))
	if second.URL() != first.URL() {
		t.Errorf("URL changed from %s to %s", first.URL(), second.URL())
	}
	var n int
	if err := connect(t, second.URL()).QueryRow(t.Context(), "select n from kept").Scan(&n); err != nil || n != 42 {
		t.Errorf("got %d, %v; want 42", n, err)
	}
}

func TestStart_RefusesWhileAnotherServes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, config(t, dir))
	_, err := cluster.Start(t.Context(), config(t, dir))
	if !errors.Is(err, flock.ErrHeld) {
		t.Fatalf("got %v; want %v", err, flock.ErrHeld)
	}
}

func TestStart_RefusesWrongPassword(t *testing.T) {
	t.Parallel()
	c := start(t, config(t, t.TempDir()))
	cfg, err := pgx.ParseConfig(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Password = "guess"
	if conn, err := pgx.ConnectConfig(t.Context(), cfg); err == nil {
		_ = conn.Close(t.Context())
		t.Fatal("a wrong password was taken")
	}
}

func TestStart_LongPathFallsBackToLoopback(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	c := start(t, config(t, dir))
	if !strings.Contains(c.URL(), "@127.0.0.1:") {
		t.Errorf("URL %s; want one on 127.0.0.1", c.URL())
	}
	exec1(t, connect(t, c.URL()), "select 1")
}

func TestStart_MissingNPMSaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", "/usr/bin-without-npm")
	cfg := config(t, t.TempDir())
	cfg.Binaries = t.TempDir()
	_, err := cluster.Start(t.Context(), cfg)
	if !errors.Is(err, cluster.ErrNoNPM) {
		t.Fatalf("got %v; want %v", err, cluster.ErrNoNPM)
	}
}

func TestStart_InterruptedInitdbIsMadeAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	exec1(t, connect(t, start(t, config(t, dir)).URL()), "select 1")
}

func TestStart_StalePidFileDoesNotBlock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c, err := cluster.Start(t.Context(), config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	pidFile := filepath.Join(c.Home(), "data", "postmaster.pid")
	was, err := os.ReadFile(pidFile)
	if err := errors.Join(err, c.Close()); err != nil {
		t.Fatal(err)
	}
	// A number that came to belong to another process of ours, as after a restart
	// of the machine.
	_, rest, _ := strings.Cut(string(was), "\n")
	other := exec.Command("cat")
	if _, err := other.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Process.Kill(); _ = other.Wait() })
	stale := []byte(strconv.Itoa(other.Process.Pid) + "\n" + rest)
	if err := os.WriteFile(pidFile, stale, 0o600); err != nil {
		t.Fatal(err)
	}
	exec1(t, connect(t, start(t, config(t, dir)).URL()), "select 1")
}

// pid is the process id of a server that runs.
func pid(t *testing.T, c *cluster.Cluster) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.Home(), "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	id, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestServer_KilledServerComesBack(t *testing.T) {
	t.Parallel()
	c := start(t, config(t, t.TempDir()))
	conn := connect(t, c.URL())
	exec1(t, conn, "create table kept as select 42 as n")
	for range 3 {
		killed := pid(t, c)
		if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		n := 0
		for look := time.NewTicker(10 * time.Millisecond); n == 0 && ctx.Err() == nil; <-look.C {
			again, err := pgx.Connect(ctx, c.URL())
			if err != nil {
				continue
			}
			if pid(t, c) != killed {
				_ = again.QueryRow(ctx, "select n from kept").Scan(&n) // 0: asked again
			}
			_ = again.Close(ctx)
		}
		cancel()
		if n != 42 {
			t.Fatalf("the server did not come back within 10 s, or lost its data (n = %d)", n)
		}
	}
}

func TestURLOf_NeverStarted(t *testing.T) {
	t.Parallel()
	if _, err := cluster.URLOf(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v; want %v", err, fs.ErrNotExist)
	}
}

func TestURLOf_GivesTheRunningServers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, config(t, dir))
	got, err := cluster.URLOf(dir)
	if err != nil || got != c.URL() {
		t.Fatalf("got %q, %v; want %q", got, err, c.URL())
	}
}
