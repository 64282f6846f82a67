package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// socketPathLimit is what sun_path of unix(7) holds without its final NUL.
	socketPathLimit = 107
	socketPort      = 5432
	socketName      = ".s.PGSQL.5432"

	// readyInterval is how often a starting server is asked whether it answers.
	readyInterval = 10 * time.Millisecond
	// logLimit is the size past which server.log begins anew at a start.
	logLimit = 1 << 20
)

// settings for a machine that does other work too: small and quiet, but durable.
// Statements and the details of errors stay out of the log, since they carry
// personal data; whoever sent the statement gets them.
var settings = []string{
	"max_connections=64",
	"shared_buffers=64MB",
	"max_wal_size=512MB",
	"jit=off",
	"max_logical_replication_workers=0", // a process that would do nothing
	"max_parallel_workers_per_gather=0",
	"random_page_cost=1.1",
	"timezone=UTC",
	"log_timezone=UTC",
	"synchronous_commit=on",
	"log_min_messages=log",
	"log_min_error_statement=panic",
	"log_error_verbosity=terse",
	"log_checkpoints=off",
	"dynamic_shared_memory_type=mmap", // a server that is killed leaves nothing in /dev/shm
}

// throwaway settings: a lost machine loses the data, a lost process does not.
var throwaway = []string{
	"max_connections=200",
	"fsync=off",
	"full_page_writes=off",
	"shared_buffers=32MB",
	"autovacuum=off",
	"max_wal_size=64MB",
	"min_wal_size=4MB",
}

// chooseAddress decides between the socket and TCP, once for the server's life.
func (c *Cluster) chooseAddress(ctx context.Context) error {
	run := filepath.Join(c.home, "run")
	if len(filepath.Join(run, socketName)) <= socketPathLimit {
		c.socket, c.port = run, socketPort
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a free port: %w", err)
	}
	c.port = listener.Addr().(*net.TCPAddr).Port
	return listener.Close()
}

// command gives the server's process, not yet started.
func (c *Cluster) command() (*exec.Cmd, error) {
	all := settings
	if c.cfg.Throwaway {
		all = append(all[:len(all):len(all)], throwaway...)
	}
	args := []string{"-D", c.data(), "-p", strconv.Itoa(c.port)}
	if c.socket != "" {
		args = append(args, "-k", c.socket, "-c", "listen_addresses=")
	} else {
		args = append(args, "-k", "", "-c", "listen_addresses=127.0.0.1")
	}
	for _, setting := range all {
		args = append(args, "-c", setting)
	}
	log, err := c.openLog()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(c.binaries, "bin", "postgres"), args...) //nolint:gosec,noctx // ends by the supervisor's signals, not by a context's kill
	cmd.Dir = c.home
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = c.id.attributes()
	return cmd, nil
}

func (c *Cluster) openLog() (*os.File, error) {
	path := filepath.Join(c.home, "server.log")
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(path); err == nil && info.Size() > logLimit {
		flags |= os.O_TRUNC
	}
	return os.OpenFile(path, flags, 0o600)
}

// awaitReady waits until the server answers, its process has ended, or ctx has.
func (c *Cluster) awaitReady(ctx context.Context) error {
	ticker := time.NewTicker(readyInterval)
	defer ticker.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case err := <-c.proc.firstEnd:
			return fmt.Errorf("%w: %s", err, c.lastWords())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-ticker.C:
		}
	}
}

func (c *Cluster) lastWords() string {
	b, err := os.ReadFile(filepath.Join(c.home, "server.log"))
	if err != nil {
		return err.Error()
	}
	return tail(b)
}

// createDatabase makes the database when it is absent.
func (c *Cluster) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	_, err = conn.Exec(ctx, "create database "+pgx.Identifier{database}.Sanitize())
	const duplicateDatabase = "42P04"
	if pgErr := (*pgconn.PgError)(nil); errors.As(err, &pgErr) && pgErr.Code == duplicateDatabase {
		return nil
	}
	return err
}
