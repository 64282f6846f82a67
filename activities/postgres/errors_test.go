package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
)

func TestError_TellsWhatToRetryAndQuotesNoRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, `CREATE FUNCTION nigredo.fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			RAISE EXCEPTION 'message with %', NEW.email
			USING ERRCODE = NEW.company, DETAIL = 'detail with ' || NEW.email, HINT = 'hint with ' || NEW.email;
		END $$`)
	b.exec(t, `CREATE TRIGGER fail BEFORE INSERT ON nigredo.leads FOR EACH ROW EXECUTE FUNCTION nigredo.fail()`)
	for state, retried := range map[string]bool{
		"08006": true, "25006": true, "28P01": true, "40001": true, "40P01": true, "53300": true, "55P03": true,
		"57014": true, "57P01": true, "57P03": true, "58030": true, "23505": true,
		"22021": false, "23502": false, "23503": false, "23514": false, "42P01": false, "42501": false, "XX000": false, "P0001": false,
	} {
		s := post("a")
		s.Company = state // tells the trigger what to raise
		b.reserve(t, s, owner(1), lead.OutcomeReserved)
		_, _, err := b.Accept(t.Context(), accepted(s, owner(1)))
		if got := errors.Is(err, lead.ErrDatabaseUnavailable); got != retried {
			t.Errorf("%s is retried: %t, want %t", state, got, retried)
		}
		var fault *postgres.Error
		if !errors.As(err, &fault) || fault.SQLState() != state || fault.Operation() != "accept lead" || err.Error() != "accept lead: sqlstate "+state {
			t.Errorf("error = %#v, want operation and SQLSTATE alone", err)
		}
		if inner := errors.Unwrap(fault); inner != nil {
			t.Errorf("the error wraps %v, which quotes the row", inner)
		}
	}
}

func TestStore_FullPoolIsUnavailableInLessThanASecond(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pool, err := postgres.Open(t.Context(), b.pool.Config().ConnString(), postgres.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	held, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	store := postgres.New(pool, lead.Quota{})
	if err := store.Ping(t.Context()); !errors.Is(err, lead.ErrDatabaseUnavailable) {
		t.Errorf("ping with no free connection: %v, want Database.Unavailable", err)
	}
}

func TestStore_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	address := url.URL{Scheme: "postgres", User: url.UserPassword("user", rand.Text()), Host: "127.0.0.1:1", Path: "/none"}
	pool, err := postgres.Open(t.Context(), address.String(), postgres.Options{MaxConns: 1})
	if err != nil {
		t.Fatalf("open: %v: a process must start while the database is away", err)
	}
	t.Cleanup(pool.Close)
	err = postgres.New(pool, lead.Quota{}).Ping(t.Context())
	if !errors.Is(err, lead.ErrDatabaseUnavailable) || err.Error() != "ping database: no answer from the database" {
		t.Errorf("ping = %v", err)
	}
}

func TestStore_KilledSessionIsUnavailableThenFineAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	pool, err := postgres.Open(t.Context(), b.pool.Config().ConnString(), postgres.Options{MaxConns: 1, Name: "nigredo-test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := postgres.New(pool, lead.Quota{})
	if err := store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.exec(t, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'nigredo-test' AND datname = current_database()`)
	if _, err := store.List(t.Context(), lead.Filter{Limit: 1}); err != nil && !errors.Is(err, lead.ErrDatabaseUnavailable) {
		t.Errorf("first call on a killed session: %v", err)
	}
	if _, err := store.List(t.Context(), lead.Filter{Limit: 1}); err != nil {
		t.Errorf("second call: %v", err)
	}
}

func TestStore_EndedContextIsUnavailable(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Reserve(ctx, post("a"), owner(1)); !errors.Is(err, lead.ErrDatabaseUnavailable) {
		t.Errorf("reserve = %v, want Database.Unavailable", err)
	}
}

func TestOpen_RefusesWithoutQuotingTheURL(t *testing.T) {
	t.Parallel()
	secret := rand.Text()
	address := func(host, query string) string {
		u := url.URL{Scheme: "postgres", User: url.UserPassword("user", secret), Host: host, Path: "/db", RawQuery: query}
		return u.String()
	}
	for name, open := range map[string]struct {
		url     string
		options postgres.Options
	}{
		"no number of a port": {strings.Replace(address("where:1", ""), "where:1", "where:x", 1), postgres.Options{MaxConns: 1}},
		"bad parameter":       {address("where", "sslmode=perhaps"), postgres.Options{MaxConns: 1}},
		"no connections":      {address("where", ""), postgres.Options{}},
	} {
		pool, err := postgres.Open(t.Context(), open.url, open.options)
		if err == nil {
			pool.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "where") {
			t.Errorf("%s: the error quotes the URL: %v", name, err)
		}
	}
}
