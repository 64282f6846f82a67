package postgres_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// bench is one test's database with a store on it.
type bench struct {
	*postgres.Store
	pool *pgxpool.Pool
}

func setup(t testing.TB) bench {
	t.Helper()
	return withQuota(t, 10)
}

func withQuota(t testing.TB, slots int) bench {
	t.Helper()
	quota, err := lead.NewQuota(slots)
	if err != nil {
		t.Fatal(err)
	}
	pool := testdb.New(t)
	return bench{Store: postgres.New(pool, quota), pool: pool}
}

// under is the same database with another limit.
func (b bench) under(quota lead.Quota) bench {
	b.Store = postgres.New(b.pool, quota)
	return b
}

// exec runs a statement of the test's own, to age rows or to break things.
func (b bench) exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	if _, err := b.pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// count gives the one number that a query selects.
func (b bench) count(t testing.TB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := b.pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// reserve claims and fails the test unless the outcome is want.
func (b bench) reserve(t testing.TB, s lead.Submission, owner string, want lead.Outcome) lead.Reservation {
	t.Helper()
	r, err := b.Reserve(t.Context(), s, owner)
	if err != nil {
		t.Fatalf("reserve: %v", err)
	}
	if r.Outcome != want {
		t.Fatalf("outcome = %s, want %s", r.Outcome, want)
	}
	return r
}

// accept makes a lead of a post that was reserved.
func (b bench) accept(t testing.TB, s lead.Submission, owner string) lead.Accepted {
	t.Helper()
	a := accepted(s, owner)
	at, held, err := b.Accept(t.Context(), a)
	if err != nil || !held {
		t.Fatalf("accept: held %t, %v", held, err)
	}
	a.Receipt.CreatedAt = at
	return a
}

// take reserves and accepts.
func (b bench) take(t testing.TB, s lead.Submission, owner string) lead.Accepted {
	t.Helper()
	b.reserve(t, s, owner, lead.OutcomeReserved)
	return b.accept(t, s, owner)
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// post is a submission whose key is made from name.
func post(name string) lead.Submission {
	return lead.Submission{
		Name: "Ana O'Brien", Email: "Ana@Example.com", EmailNorm: "ana@example.com",
		Company: "Ouro & Cia", Phone: "+5511987654321", Message: "Olá,\n\"tudo\" bem? \\ 🜏",
		Source: "newsletter", UTM: map[string]string{"source": "mail", "campaign": "outono"}, Variant: "hero-b", Locale: "pt-BR",
		Consent: lead.Consent{Marketing: true, TextID: "reply", TextVersion: "2026-11-21", TextHash: digest("sentence"), MarketingTextHash: digest("other sentence")},
		Verdict: lead.VerdictClean,
		Key:     lead.Key{Hash: digest("key " + name), Fingerprint: digest("content " + name), Keep: 24 * time.Hour},
		Address: "203.0.113.7", UserAgentHash: digest("agent"), RequestID: "request-" + name,
	}
}

func owner(n any) string {
	return fmt.Sprintf("arn:aws:states:us-east-1:000000000000:express:lead_intake:%v:1", n)
}

func accepted(s lead.Submission, owner string) lead.Accepted {
	id := uuid.Must(uuid.NewV7())
	return lead.Accepted{
		Receipt:    lead.Receipt{ID: id, Reference: lead.NewReference(id), Status: lead.StatusAccepted},
		EventID:    uuid.Must(uuid.NewV7()),
		Submission: s,
		Execution:  owner,
		StartedAt:  time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
	}
}

// together runs f n times at once and waits for all.
func together(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	errs := make(chan error, n)
	start := make(chan struct{})
	for i := range n {
		go func() {
			<-start
			errs <- f(ctx, i)
		}()
	}
	close(start)
	var first error
	for range n {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}
