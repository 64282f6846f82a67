package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/local/inbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, testdb.Background()) }

var (
	leadID   = uuid.MustParse("0198c1a2-0000-7000-8000-000000000001")
	happened = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
)

func event(id string) fibonacci.Event {
	return fibonacci.Event{
		WebhookID: id, Type: "lead.created", Timestamp: happened,
		Data: json.RawMessage(`{"id":"` + leadID.String() + `","name":"Ana Marker"}`),
	}
}

// open gives the pool of an inbox as "nigredo up" makes it.
func open(t *testing.T, url string, connections int32) *pgxpool.Pool {
	t.Helper()
	pool, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: connections, Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func taken(t *testing.T, i inbox.Inbox, e fibonacci.Event) (first bool) {
	t.Helper()
	first, err := i.Take(t.Context(), e, func(context.Context) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return first
}

func list(t *testing.T, url string, about lead.ID, limit int) []inbox.Entry {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // the end of the test
	entries, err := inbox.List(t.Context(), conn, about, limit)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestTake_OnceOverRestarts(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	for restart := range 3 {
		i := inbox.New(open(t, url, 2))
		if first := taken(t, i, event("msg_1")); first != (restart == 0) {
			t.Errorf("restart %d: first %v", restart, first)
		}
	}
	entries := list(t, url, uuid.Nil, 10)
	if len(entries) != 1 {
		t.Fatalf("%d entries", len(entries))
	}
	e := entries[0]
	if e.WebhookID != "msg_1" || e.Type != "lead.created" || *e.LeadID != leadID || !e.HappenedAt.Equal(happened) || e.Repeats != 2 || e.ReceivedAt.IsZero() {
		t.Errorf("%+v", e)
	}
}

func TestTake_ErrorOfPutLeavesTheIDFree(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	i := inbox.New(open(t, url, 2))
	broken := errors.New("broken")
	for range 2 {
		if _, err := i.Take(t.Context(), event("msg_1"), func(context.Context) error { return broken }); !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
	}
	func() { // a panic as well
		defer func() { _ = recover() }()
		_, _ = i.Take(t.Context(), event("msg_1"), func(context.Context) error { panic("broken") })
	}()
	if len(list(t, url, uuid.Nil, 10)) != 0 {
		t.Error("an event that was not put is listed")
	}
	if !taken(t, i, event("msg_1")) {
		t.Error("the id was taken")
	}
}

func TestTake_OneIDAtATime(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	a, b := inbox.New(open(t, url, 8)), inbox.New(open(t, url, 8)) // as if two programs
	var running, puts, firsts atomic.Int32
	var wg sync.WaitGroup
	for n := range 64 {
		wg.Go(func() {
			i := a
			if n%2 == 1 {
				i = b
			}
			first, err := i.Take(t.Context(), event("msg_1"), func(context.Context) error {
				if running.Add(1) != 1 {
					t.Error("two puts of one id at once")
				}
				defer running.Add(-1)
				if puts.Add(1) <= 3 {
					return errors.New("the first tries fail")
				}
				return nil
			})
			if first && err == nil {
				firsts.Add(1)
			}
		})
	}
	wg.Wait()
	if puts.Load() != 4 || firsts.Load() != 1 {
		t.Errorf("%d puts, %d firsts; want 4 and 1", puts.Load(), firsts.Load())
	}
	if entries := list(t, url, uuid.Nil, 10); len(entries) != 1 || entries[0].Repeats != 60 {
		t.Errorf("%+v; want 60 repeats", entries)
	}
}

func TestTake_OtherIDsDoNotWait(t *testing.T) {
	t.Parallel()
	i := inbox.New(open(t, testdb.URL(t), 2))
	first, err := i.Take(t.Context(), event("msg_1"), func(context.Context) error {
		if !taken(t, i, event("msg_2")) {
			t.Error("another id was known")
		}
		return nil
	})
	if !first || err != nil {
		t.Errorf("%v, %v", first, err)
	}
}

// A sender gives up after five seconds; what was put by then must not be put again.
func TestTake_RemembersWhatWasPutForACallerWhoLeft(t *testing.T) {
	t.Parallel()
	i := inbox.New(open(t, testdb.URL(t), 2))
	ctx, cancel := context.WithCancel(t.Context())
	first, err := i.Take(ctx, event("msg_1"), func(context.Context) error { cancel(); return nil })
	if !first || err != nil {
		t.Errorf("%v, %v", first, err)
	}
	if taken(t, i, event("msg_1")) {
		t.Error("it was forgotten")
	}
}

func TestTake_DatabaseAway(t *testing.T) {
	t.Parallel()
	pool := open(t, testdb.URL(t), 1)
	pool.Close()
	first, err := inbox.New(pool).Take(t.Context(), event("msg_1"), func(context.Context) error {
		t.Error("put without a memory")
		return nil
	})
	if first || !errors.Is(err, lead.ErrDatabaseUnavailable) {
		t.Errorf("%v, %v", first, err)
	}
}

func TestInbox_HoldsNothingOfTheEventButIDs(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	pool := open(t, url, 1)
	taken(t, inbox.New(pool), event("msg_1"))
	var rows int
	if err := pool.QueryRow(t.Context(), `SELECT count(*) FROM fibonacci.events e WHERE e::text LIKE '%Marker%'`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows name a person, %v", rows, err)
	}
}

func TestInbox_CommitsWithoutWaitingForTheDisk(t *testing.T) {
	t.Parallel()
	var setting string
	if err := open(t, testdb.URL(t), 1).QueryRow(t.Context(), "SHOW synchronous_commit").Scan(&setting); err != nil || setting != "off" {
		t.Errorf("synchronous_commit is %s, %v", setting, err)
	}
}

func TestList_NewestFirstOfOneLeadUpToALimit(t *testing.T) {
	t.Parallel()
	url := testdb.URL(t)
	i := inbox.New(open(t, url, 1))
	for n := range 5 {
		taken(t, i, event(fmt.Sprintf("msg_%d", n)))
	}
	for _, data := range []string{`{}`, `[]`, `{"id":"x"}`} {
		taken(t, i, fibonacci.Event{WebhookID: "msg_" + data, Type: "nigredo.test", Timestamp: happened, Data: json.RawMessage(data)})
	}
	if all := list(t, url, uuid.Nil, 100); len(all) != 8 || all[0].LeadID != nil || all[0].WebhookID != `msg_{"id":"x"}` || all[7].WebhookID != "msg_0" {
		t.Errorf("%+v", all)
	}
	if some := list(t, url, leadID, 2); len(some) != 2 || some[0].WebhookID != "msg_4" || some[1].WebhookID != "msg_3" {
		t.Errorf("%+v", some)
	}
	if none := list(t, url, uuid.Must(uuid.NewV7()), 2); none == nil || len(none) != 0 {
		t.Errorf("%+v, want an empty list", none)
	}
}

func TestList_BeforeTheMigration(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), testdb.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // the end of the test
	if _, err := conn.Exec(t.Context(), "DROP SCHEMA fibonacci CASCADE"); err != nil {
		t.Fatal(err)
	}
	if _, err := inbox.List(t.Context(), conn, uuid.Nil, 1); !errors.Is(err, inbox.ErrNoTable) {
		t.Errorf("got %v", err)
	}
}
