package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Options are the limits of a pool.
type Options struct {
	// MaxConns is the size of the pool: 1 on Lambda, where an instance serves one
	// call at a time and a thousand of them share the proxy's budget.
	MaxConns int32
	// Name is shown in pg_stat_activity, "nigredo-persist".
	Name string
	// Relaxed commits without waiting for the disk (synchronous_commit = off): a
	// crash of the server may lose what the last moments committed. Not for anything
	// that somebody was promised.
	Relaxed bool
	// Planned plans a statement for the values and tables of each call
	// (plan_cache_mode = force_custom_plan). For statements over many rows: a plan that
	// was made while a table was small is kept, and costs seconds once it is not.
	Planned bool
}

const (
	connectTimeout = 2 * time.Second
	maxIdle        = 5 * time.Minute
	maxLifetime    = 30 * time.Minute // a failover or a new secret reaches every connection
)

// Open makes a pool on the database at url and connects on first use, so that a
// process can start while the database is away. It refuses a url that cannot be
// read, without quoting it: it holds a password.
func Open(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	if o.MaxConns < 1 {
		return nil, fmt.Errorf("open database: pool of %d connections, want at least 1", o.MaxConns)
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("open database: the connection URL cannot be read")
	}
	config.MaxConns = o.MaxConns
	config.MaxConnIdleTime = maxIdle
	config.MaxConnLifetime = maxLifetime
	config.MaxConnLifetimeJitter = maxLifetime / 10
	config.ConnConfig.ConnectTimeout = connectTimeout
	if o.Name != "" {
		config.ConnConfig.RuntimeParams["application_name"] = o.Name
	}
	if o.Planned {
		config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	}
	if o.Relaxed {
		config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, errors.New("open database: the pool cannot be made")
	}
	return pool, nil
}
