package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// Names of the server's superuser and of the database that Start creates.
const (
	superuser = "nigredo"
	database  = "nigredo"
)

// Config says what to start.
type Config struct {
	// Dir holds everything (see the package comment). Created when absent, 0700.
	Dir string
	// Binaries is where the binaries are kept; default Dir.
	Binaries string
	// Cache is the Binaries folder of another server: where it has the pinned
	// version, that is linked or copied and not fetched. Empty: none.
	Cache string
	// Template is a folder in which an initialised data folder is made once and
	// then copied, which is several times cheaper than initdb. Servers of one
	// template share its password. Empty: initdb for each Dir.
	Template string
	// Throwaway gives durability up: no fsync, little memory. For tests.
	Throwaway bool
	// Log gets what happens to the server later; nil: nothing.
	Log *zap.Logger
	// Progress gets sentences for the person who waits; nil: nothing.
	Progress func(string)
}

// Cluster is a running server. Make one with Start.
type Cluster struct {
	cfg      Config
	id       identity
	binaries string // the folder with bin/, lib/, share/
	home     string // Config.Dir, or its stand-in that a dropped user can enter
	password string
	socket   string // folder of the socket; empty: TCP
	port     int
	lock     *flock.Lock
	proc     *supervisor
}

// Start starts the server of cfg.Dir and returns once it answers queries and the
// database exists. A first start initialises the data folder (about 0.7 s; with
// Template about 0.1 s), later ones take about 0.1 s. It refuses with
// flock.ErrHeld while another process runs a server in cfg.Dir, and with ErrNoNPM
// when binaries are absent and cannot be fetched.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	c, err := prepare(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL: %w", err), c.lock.Release())
	}
	return c, nil
}

// URL is the libpq URL of the database, password included.
func (c *Cluster) URL() string { return c.url(database) }

// Home is the folder with the server's data, socket and log: Config.Dir, or its
// stand-in where the server cannot run as this process's user.
func (c *Cluster) Home() string { return c.home }

// Close stops the server: sessions are ended, a checkpoint is written (fast
// shutdown). It returns when the process is gone.
func (c *Cluster) Close() error {
	return errors.Join(c.proc.stop(), c.lock.Release())
}

// URLOf reads the URL of the server that runs, or ran last, in dir. It refuses
// with fs.ErrNotExist when none was ever started there.
func URLOf(dir string) (string, error) {
	b, err := os.ReadFile(filepath.Join(dir, "url"))
	if err != nil {
		return "", fmt.Errorf("read the database URL: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}

// prepare does all that needs no running server: folders, lock, binaries, data.
func prepare(ctx context.Context, cfg Config) (_ *Cluster, err error) {
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	if cfg.Log == nil {
		cfg.Log = zap.NewNop()
	}
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, err
	}
	if cfg.Binaries == "" {
		cfg.Binaries = cfg.Dir
	}
	id, err := detectIdentity()
	if err != nil {
		return nil, err
	}
	c := &Cluster{cfg: cfg, id: id, home: id.place(cfg.Dir)}
	if c.lock, err = flock.Try(filepath.Join(cfg.Dir, "lock")); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.lock.Release())
		}
	}()
	if c.home != cfg.Dir {
		cfg.Progress(id.note(c.home))
		if err := os.MkdirAll(filepath.Dir(c.home), 0o755); err != nil { //nolint:gosec // the dropped user must pass
			return nil, err
		}
	}
	for _, dir := range []string{c.home, filepath.Join(c.home, "run")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	take := linkTree
	if id.mode == drop {
		take = copyTree // they change their owner, and the cache must not
	}
	if c.binaries, err = fetch(ctx, id.place(cfg.Binaries), cfg.Cache, take, cfg.Progress); err != nil {
		return nil, err
	}
	if err := c.initialise(ctx); err != nil {
		return nil, err
	}
	return c, errors.Join(id.own(c.home), id.own(c.binaries))
}

// start starts the server and leaves the URL in force beside its data.
func (c *Cluster) start(ctx context.Context) error {
	if err := c.chooseAddress(ctx); err != nil {
		return err
	}
	if err := clearLeftovers(ctx, c.data()); err != nil {
		return err
	}
	c.proc = supervise(c.command, c.data(), c.cfg.Log)
	if err := c.awaitReady(ctx); err != nil {
		return errors.Join(err, c.proc.stop())
	}
	if err := c.createDatabase(ctx); err != nil {
		return errors.Join(err, c.proc.stop())
	}
	file := filepath.Join(c.cfg.Dir, "url")
	if err := os.WriteFile(file, []byte(c.URL()+"\n"), 0o600); err != nil {
		return errors.Join(err, c.proc.stop())
	}
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.home, "data") }

func (c *Cluster) url(database string) string {
	u := url.URL{Scheme: "postgresql", User: url.UserPassword(superuser, c.password), Path: "/" + database}
	query := url.Values{"sslmode": {"disable"}}
	if c.socket != "" {
		query.Set("host", c.socket)
		query.Set("port", strconv.Itoa(c.port))
	} else {
		u.Host = "127.0.0.1:" + strconv.Itoa(c.port)
	}
	u.RawQuery = query.Encode()
	return u.String()
}
