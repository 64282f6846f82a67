package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
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
	// Token makes the password of each new connection, from the server's host:port and
	// the user. It goes over connections alone whose server proved itself: Open refuses a
	// URL with a password, or without sslmode=verify-full. Nil: what the URL says.
	Token func(ctx context.Context, endpoint, user string) (string, error)
	// Login is the user and the password instead of those in the URL. Nil: those.
	Login *Login
	// Authorities are who may vouch for the server. Nil: those of the system.
	Authorities *x509.CertPool
}

// Login is how somebody signs in with a password.
type Login struct{ User, Password string }

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
	if err := o.secure(config.ConnConfig); err != nil {
		return nil, err
	}
	if o.Login != nil {
		config.ConnConfig.User, config.ConnConfig.Password = o.Login.User, o.Login.Password
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
	if o.Token != nil {
		config.BeforeConnect = o.sign
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, errors.New("open database: the pool cannot be made")
	}
	return pool, nil
}

// secure sets who may vouch for the servers of a connection, and refuses one over which
// a token must not go.
func (o Options) secure(config *pgx.ConnConfig) error {
	if o.Token != nil && config.Password != "" {
		return errors.New("open database: the connection URL has a password beside the token of each connection")
	}
	servers := []*tls.Config{config.TLSConfig}
	for _, other := range config.Fallbacks {
		servers = append(servers, other.TLSConfig)
	}
	for _, server := range servers {
		verified := server != nil && !server.InsecureSkipVerify && server.ServerName != ""
		if o.Token != nil && !verified {
			return errors.New("open database: a token needs sslmode=verify-full in the connection URL")
		}
		if o.Authorities != nil {
			if !verified {
				return errors.New("open database: certificate authorities need sslmode=verify-full in the connection URL")
			}
			server.RootCAs = o.Authorities
		}
	}
	return nil
}

// sign gives a connection that is about to be made its password.
func (o Options) sign(ctx context.Context, config *pgx.ConnConfig) error {
	token, err := o.Token(ctx, net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port))), config.User)
	if err != nil {
		return fmt.Errorf("sign in to database: %w", err)
	}
	config.Password = token
	return nil
}
