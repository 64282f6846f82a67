package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/site"
	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/gateway"
	"github.com/alquimista-ai/nigredo/workflows/history"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
	"github.com/alquimista-ai/nigredo/workflows/sfn"
)

// Instance is Nigredo, running. Make one with Start.
type Instance struct {
	addr, sfnAddr, databaseURL string

	failed chan error // the first failure that ends the instance
	// undo takes down what was put up, last first.
	undo  []func(ctx context.Context) error
	drain time.Duration
	once  sync.Once
	err   error
}

// Start starts Nigredo and returns when it is ready. It refuses a configuration
// that cannot work, a data folder that another program uses (flock.ErrHeld) and
// an address that is taken.
func Start(ctx context.Context, cfg Config) (*Instance, error) {
	settled, err := cfg.settle()
	if err != nil {
		return nil, err
	}
	i := &Instance{failed: make(chan error, 1), drain: settled.Drain}
	if err := i.start(ctx, settled); err != nil {
		return nil, errors.Join(err, i.Close())
	}
	return i, nil
}

// Addr is where site and API are served, with the port in force.
func (i *Instance) Addr() string { return i.addr }

// SFNAddr is where the Step Functions API is served.
func (i *Instance) SFNAddr() string { return i.sfnAddr }

// DatabaseURL is the libpq URL of the database in use.
func (i *Instance) DatabaseURL() string { return i.databaseURL }

// Failed gives the error that ended the instance by itself: a server that
// stopped, or an engine whose database another program took.
func (i *Instance) Failed() <-chan error { return i.failed }

// Close takes everything down, see the package comment. A second call gives the
// result of the first.
func (i *Instance) Close() error {
	i.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), i.drain)
		defer cancel()
		for n := len(i.undo) - 1; n >= 0; n-- {
			i.err = errors.Join(i.err, i.undo[n](ctx))
		}
	})
	return i.err
}

func (i *Instance) later(undo func(ctx context.Context) error) { i.undo = append(i.undo, undo) }

func (i *Instance) fail(err error) {
	select {
	case i.failed <- err:
	default: // one is enough
	}
}

func (i *Instance) start(ctx context.Context, cfg settled) error {
	env := task.NewEnv(cfg.Output, time.Now)
	cfg.log = env.Log
	if err := i.lock(cfg); err != nil {
		return err
	}
	s, err := loadSecrets(cfg.DataDir)
	if err != nil {
		return err
	}
	listeners, err := i.listen(ctx, cfg)
	if err != nil {
		return err
	}
	pages, err := site.Handler() // before anything is fetched for a program without pages
	if err != nil {
		return err
	}
	if err := i.startDatabase(ctx, cfg); err != nil {
		return err
	}
	store, err := i.openStore(ctx, cfg.quota, postgres.Options{MaxConns: activityConnections, Name: "nigredo-activities"})
	if err != nil {
		return err
	}
	books, err := i.openStore(ctx, cfg.quota, postgres.Options{MaxConns: booksConnections, Name: "nigredo-books", Planned: true})
	if err != nil {
		return err
	}
	target, err := i.startTarget(ctx, cfg, env)
	if err != nil {
		return err
	}
	space := newDisk(cfg)
	if space.low() {
		cfg.Progress("No lead is accepted yet: " + errDisk.Error() + " below " + cfg.DataDir + ".")
	}
	started := &starter{}
	f, err := newFunctions(env, cfg, s, store, books, target, space, started)
	if err != nil {
		return err
	}
	i.later(f.close)
	e, err := i.startEngine(ctx, cfg, f)
	if err != nil {
		return err
	}
	started.bind(e.StartExecution)
	if err := i.startScheduler(newScheduler(e.StartExecution, cfg.log)); err != nil {
		return err
	}
	handler, err := newSite(cfg, i.addr, s, e, f, space, pages)
	if err != nil {
		return err
	}
	i.serve(cfg.log,
		server{"site", gateway.Limit(listeners.site), gateway.NewServer(handler)},
		server{"Step Functions API", listeners.sfn, newSFNServer(sfn.New(e, cfg.log))},
	)
	return nil
}

func (i *Instance) lock(cfg settled) error {
	if err := makeDataDir(cfg.DataDir); err != nil {
		return err
	}
	lock, err := flock.Try(filepath.Join(cfg.DataDir, "lock"))
	if errors.Is(err, flock.ErrHeld) {
		return fmt.Errorf("another nigredo uses the data folder %s; stop it, or choose another folder in NIGREDO_DATA_DIR: %w", cfg.DataDir, err)
	}
	if err != nil {
		return err
	}
	i.later(func(context.Context) error { return lock.Release() })
	return nil
}

// listeners are open before anything slow begins: a taken address shows at once.
type listeners struct{ site, sfn net.Listener }

func (i *Instance) listen(ctx context.Context, cfg settled) (l listeners, err error) {
	if l.site, err = i.listenOn(ctx, "NIGREDO_ADDR", cfg.Addr); err != nil {
		return l, err
	}
	if l.sfn, err = i.listenOn(ctx, "NIGREDO_SFN_ADDR", cfg.SFNAddr); err != nil {
		return l, err
	}
	i.addr, i.sfnAddr = inForce(cfg.Addr, l.site), inForce(cfg.SFNAddr, l.sfn)
	return l, nil
}

func (i *Instance) listenOn(ctx context.Context, name, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; choose another address there", name, err)
	}
	i.later(func(context.Context) error {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			return err
		}
		return nil
	})
	return l, nil
}

// inForce is the configured address with the port that was chosen for port 0.
func inForce(configured string, l net.Listener) string {
	host, _, _ := net.SplitHostPort(configured) // it was listened on
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return net.JoinHostPort(host, port)
}

func (i *Instance) startDatabase(ctx context.Context, cfg settled) error {
	url, stop, err := startDatabase(ctx, cfg)
	if err != nil {
		return err
	}
	i.later(func(context.Context) error { return stop() })
	i.databaseURL = url
	return migrate(ctx, url)
}

func (i *Instance) openStore(ctx context.Context, quota lead.Quota, options postgres.Options) (*postgres.Store, error) {
	pool, err := postgres.Open(ctx, i.databaseURL, options)
	if err != nil {
		return nil, err
	}
	i.later(func(context.Context) error { pool.Close(); return nil })
	return postgres.New(pool, quota), nil
}

// startTarget gives where webhooks go: the operator's receiver, or the built-in
// one, which it starts. Targets on this machine and its networks are allowed.
func (i *Instance) startTarget(ctx context.Context, cfg settled, env task.Env) (deliver.Target, error) {
	secrets, err := signing(cfg, env.Now)
	if err != nil {
		return deliver.Target{}, err
	}
	target := deliver.Target{URL: cfg.WebhookURL, Secrets: secrets, Private: true}
	if target.URL != "" {
		return target, i.publish(cfg.DataDir, "")
	}
	if target.URL, err = i.startReceiver(ctx, cfg, env, secrets); err != nil {
		return target, err
	}
	return target, i.publish(cfg.DataDir, target.URL)
}

// startScheduler runs the schedules in the background until Close.
func (i *Instance) startScheduler(s scheduler) error {
	schedules, err := states.Schedules()
	if err != nil {
		return err
	}
	tables, err := timetables(schedules)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.run(ctx, tables)
	}()
	i.later(func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
	return nil
}

func (i *Instance) startEngine(ctx context.Context, cfg settled, f *functions) (*engine.Engine, error) {
	pool, err := postgres.Open(ctx, i.databaseURL, postgres.Options{MaxConns: engineConnections, Name: "nigredo-engine"})
	if err != nil {
		return nil, err
	}
	i.later(func(context.Context) error { pool.Close(); return nil })
	logs, err := newExpressLog(filepath.Join(cfg.DataDir, "log"), cfg.log)
	if err != nil {
		return nil, err
	}
	i.later(func(context.Context) error { return logs.Close() })
	events := bus{functions: f, log: cfg.log}
	e, err := engine.New(engine.Config{
		Region: region, Account: account,
		Store: history.New(pool), Invoker: f, Bus: events, Events: events, Logs: logs, Log: cfg.log,
		Retention: time.Duration(cfg.HistoryDays) * 24 * time.Hour,
	})
	if err != nil {
		return nil, err
	}
	// Only the holder of the lease may change the machines.
	if err := e.Start(ctx); err != nil {
		return nil, explainLease(err)
	}
	i.later(func(ctx context.Context) error {
		err := e.Close(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			cfg.log.Warn("Local: tasks still ran when the program ended; they run again at the next start")
			return nil
		}
		return err
	})
	if err := createMachines(ctx, e); err != nil {
		return nil, err
	}
	go func() {
		<-e.Done()
		if err := e.Err(); err != nil {
			i.fail(fmt.Errorf("the engine stopped: %w", err))
		}
	}()
	return e, nil
}

func explainLease(err error) error {
	if errors.Is(err, engine.ErrLeaseHeld) {
		return fmt.Errorf("another nigredo works on this database; stop it, or name another database in NIGREDO_DATABASE_URL: %w", err)
	}
	return err
}
