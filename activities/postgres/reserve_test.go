package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestReserve_SameOwnerHoldsOneSlot(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 2)
	for range 5 {
		b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	}
	b.reserve(t, post("b"), owner(2), lead.OutcomeReserved)
	b.reserve(t, post("c"), owner(3), lead.OutcomeLimited)
}

func TestReserve_SameContentOfAnotherExecutionIsRunning(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	r := b.reserve(t, post("a"), owner(2), lead.OutcomeRunning)
	if r.Owner != owner(1) {
		t.Errorf("owner = %s, want the one that holds the key", r.Owner)
	}
}

func TestReserve_OtherContentUnderTheSameKeyIsConflict(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := post("a")
	other.Key.Fingerprint = digest("something else")
	b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	b.reserve(t, other, owner(2), lead.OutcomeConflict)
	b.accept(t, post("a"), owner(1))
	b.reserve(t, other, owner(3), lead.OutcomeConflict)
}

func TestReserve_RepeatGetsTheStoredAnswerAtTheLimitToo(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	first := b.take(t, post("a"), owner(1))
	for i := 2; i < 5; i++ {
		r := b.reserve(t, post("a"), owner(i), lead.OutcomeReplay)
		if r.Receipt != first.Receipt || r.EventID != first.EventID || !r.Deliver || r.Owner != owner(1) {
			t.Fatalf("replay = %+v, want the first answer %+v", r, first)
		}
	}
	if n := b.count(t, `SELECT submission_count FROM nigredo.rate_limits`); n != 1 {
		t.Errorf("slots used = %d, want 1", n)
	}
	b.reserve(t, post("b"), owner(9), lead.OutcomeLimited)
}

func TestReserve_ForgetsAKeyWhenItsTimeIsOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	short := post("a")
	short.Key.Keep = 10 * time.Minute
	b.take(t, short, owner(1))
	b.take(t, post("b"), owner(2))
	b.exec(t, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - interval '11 minutes', expires_at = expires_at - interval '11 minutes'`)
	b.reserve(t, post("b"), owner(3), lead.OutcomeReplay)
	second := b.take(t, short, owner(4))
	if n := b.count(t, `SELECT count(*) FROM nigredo.leads WHERE id = $1`, second.Receipt.ID); n != 1 {
		t.Errorf("leads under the second id = %d, want 1", n)
	}
	b.reserve(t, short, owner(5), lead.OutcomeReplay)
}

func TestReserve_VoidReservationGivesItsSlotBack(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	b.reserve(t, post("b"), owner(2), lead.OutcomeLimited)
	b.exec(t, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - interval '30 seconds', expires_at = expires_at - interval '30 seconds'`)
	b.take(t, post("b"), owner(2))
	if _, held, err := b.Accept(t.Context(), accepted(post("a"), owner(1))); err != nil || held {
		t.Errorf("accept of a void reservation: held %t, %v", held, err)
	}
	b.reserve(t, post("a"), owner(1), lead.OutcomeLimited)
}

func TestReserve_TakesOverAVoidReservationOfTheSameKey(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	b.reserve(t, post("a"), owner(2), lead.OutcomeRunning)
	b.exec(t, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - interval '31 seconds', expires_at = expires_at - interval '31 seconds'`)
	b.take(t, post("a"), owner(2))
	b.reserve(t, post("a"), owner(1), lead.OutcomeReplay)
}

func TestReserve_ReservationHoldsThirtySeconds(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	b.exec(t, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - interval '25 seconds', expires_at = expires_at - interval '25 seconds'`)
	b.reserve(t, post("a"), owner(2), lead.OutcomeRunning)
	b.reserve(t, post("b"), owner(3), lead.OutcomeLimited)
	b.accept(t, post("a"), owner(1))
}

func TestReserve_SaysWhenASlotIsFreeAgain(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 2)
	b.take(t, post("a"), owner(1))
	b.take(t, post("b"), owner(2))
	b.exec(t, `UPDATE nigredo.rate_limits SET stamps = ARRAY[stamps[1] - interval '50 minutes', stamps[2] - interval '20 minutes']`)
	r := b.reserve(t, post("c"), owner(3), lead.OutcomeLimited)
	if r.RetryAfter > 10*time.Minute || r.RetryAfter < 9*time.Minute {
		t.Errorf("retry after %s, want just under 10 min", r.RetryAfter)
	}
	b.exec(t, `UPDATE nigredo.rate_limits SET stamps = ARRAY[stamps[1] - interval '11 minutes', stamps[2]]`)
	b.reserve(t, post("c"), owner(3), lead.OutcomeReserved)
	b.reserve(t, post("d"), owner(4), lead.OutcomeLimited)
}

func TestReserve_KeepsAccountsOfAddressesApart(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	for i, row := range []struct {
		address string
		want    lead.Outcome
	}{
		{"203.0.113.7", lead.OutcomeReserved},
		{"203.0.113.8", lead.OutcomeReserved},
		{"::ffff:203.0.113.7", lead.OutcomeLimited},
		{"2001:db8:1:2::1", lead.OutcomeReserved},
		{"2001:db8:1:2:ffff::1", lead.OutcomeLimited},
		{"2001:db8:1:3::1", lead.OutcomeReserved},
	} {
		s := post(fmt.Sprint(i))
		s.Address = row.address
		b.reserve(t, s, owner(i), row.want)
	}
}

func TestReserve_ZeroSlotsIsNoLimit(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	for i := range 30 {
		b.take(t, post(fmt.Sprint(i)), owner(i))
	}
	b.reserve(t, post("3"), owner("again"), lead.OutcomeReplay)
	if n := b.count(t, `SELECT count(*) FROM nigredo.rate_limits`); n != 0 {
		t.Errorf("rows in rate_limits = %d, want none", n)
	}
}

func TestReserve_LoweredLimitHolds(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 5)
	for i := range 5 {
		b.take(t, post(fmt.Sprint(i)), owner(i))
	}
	quota, err := lead.NewQuota(2)
	if err != nil {
		t.Fatal(err)
	}
	b = b.under(quota)
	b.exec(t, `UPDATE nigredo.rate_limits SET stamps = ARRAY(SELECT s - interval '59 minutes' FROM unnest(stamps[:3]) AS s) || stamps[4:]`)
	r := b.reserve(t, post("new"), owner("new"), lead.OutcomeLimited)
	if r.RetryAfter < 59*time.Minute {
		t.Errorf("retry after %s: three slots are free in a minute, but two are in use for an hour", r.RetryAfter)
	}
}

func TestReserve_SixtyFourIdenticalPostsAreOneReservation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	outcomes := map[lead.Outcome]int{}
	err := together(t.Context(), 64, func(ctx context.Context, i int) error {
		r, err := b.Reserve(ctx, post("a"), owner(i))
		mu.Lock()
		defer mu.Unlock()
		outcomes[r.Outcome]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if outcomes[lead.OutcomeReserved] != 1 || outcomes[lead.OutcomeRunning] != 63 {
		t.Errorf("outcomes = %v, want 1 reserved and 63 running", outcomes)
	}
}

func TestReserve_ThirtyDifferentPostsAreTenReservations(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	outcomes := map[lead.Outcome]int{}
	err := together(t.Context(), 30, func(ctx context.Context, i int) error {
		s := post(fmt.Sprint(i))
		r, err := b.Reserve(ctx, s, owner(i))
		if err == nil && r.Outcome == lead.OutcomeReserved {
			_, held, acceptErr := b.Accept(ctx, accepted(s, owner(i)))
			if acceptErr == nil && !held {
				acceptErr = fmt.Errorf("post %d lost its reservation", i)
			}
			err = acceptErr
		}
		mu.Lock()
		defer mu.Unlock()
		outcomes[r.Outcome]++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if outcomes[lead.OutcomeReserved] != 10 || outcomes[lead.OutcomeLimited] != 20 {
		t.Errorf("outcomes = %v, want 10 reserved and 20 limited", outcomes)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.leads`); n != 10 {
		t.Errorf("leads = %d, want 10", n)
	}
}

func TestReserve_OneKeyFromManyAddressesIsOneReservation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for round := range 10 {
		var mu sync.Mutex
		outcomes := map[lead.Outcome]int{}
		err := together(t.Context(), 16, func(ctx context.Context, i int) error {
			s := post(fmt.Sprint("round ", round))
			s.Address = fmt.Sprintf("198.51.100.%d", i)
			r, err := b.Reserve(ctx, s, owner(i))
			mu.Lock()
			defer mu.Unlock()
			outcomes[r.Outcome]++
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if outcomes[lead.OutcomeReserved] != 1 || outcomes[lead.OutcomeRunning] != 15 {
			t.Fatalf("round %d: outcomes = %v, want 1 reserved and 15 running", round, outcomes)
		}
	}
}
