package postgres_test

import (
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
)

// Whoever is refused must cost the database nothing but reading: no transaction
// id, hence no commit record to flush, and no lock that others wait for.
func TestReserve_RefusalOnlyReads(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	b.take(t, post("taken"), owner(1))
	elsewhere := post("running")
	elsewhere.Address = "198.51.100.1"
	b.reserve(t, elsewhere, owner(2), lead.OutcomeReserved)
	conflicting := post("taken")
	conflicting.Key.Fingerprint = digest("other")

	for _, row := range []struct {
		want lead.Outcome
		post lead.Submission
	}{
		{lead.OutcomeLimited, post("new")},
		{lead.OutcomeReplay, post("taken")},
		{lead.OutcomeConflict, conflicting},
		{lead.OutcomeRunning, elsewhere},
	} {
		tx, err := b.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var outcome string
		bucket, err := lead.Bucket(row.post.Address)
		if err != nil {
			t.Fatal(err)
		}
		err = tx.QueryRow(t.Context(),
			`SELECT outcome FROM nigredo.reserve(decode($1, 'hex'), decode($2, 'hex'), $3, $4, 1, interval '1 hour')`,
			row.post.Key.Hash, row.post.Key.Fingerprint, owner("x"), bucket).Scan(&outcome)
		if err != nil {
			t.Fatal(err)
		}
		if outcome != string(row.want) {
			t.Errorf("outcome = %s, want %s", outcome, row.want)
		}
		var wrote bool
		var locks int
		err = tx.QueryRow(t.Context(), `
			SELECT pg_current_xact_id_if_assigned() IS NOT NULL,
				(SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()
					AND (locktype IN ('advisory', 'transactionid', 'tuple') OR mode NOT IN ('AccessShareLock', 'ExclusiveLock')))`).
			Scan(&wrote, &locks)
		if err != nil {
			t.Fatal(err)
		}
		if wrote || locks != 0 {
			t.Errorf("%s: transaction id %t, locks %d; want none", row.want, wrote, locks)
		}
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestReserve_RefusesAnotherIsolationThanItNeeds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, `ALTER ROLE CURRENT_USER IN DATABASE `+b.pool.Config().ConnConfig.Database+` SET default_transaction_isolation = 'serializable'`)
	url := b.pool.Config().ConnString()
	pool, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	store := postgres.New(pool, lead.Quota{Slots: 1, Window: time.Hour})
	if r, err := store.Reserve(t.Context(), post("a"), owner(1)); err == nil {
		t.Errorf("reserve under serializable: %s, want a refusal", r.Outcome)
	}
}
