package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

var started = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// change is a status change of the first execution for a, n seconds after its start.
func change(a lead.Accepted, status lead.ExecutionStatus, redrive, n int) lead.StatusChange {
	c := lead.StatusChange{
		Execution: "arn:lead-" + a.Receipt.ID.String(), LeadID: a.Receipt.ID, EventID: a.EventID,
		Status: status, StartedAt: started, RedriveCount: redrive,
	}
	if status != lead.ExecutionRunning {
		c.StoppedAt = started.Add(time.Duration(n) * time.Second)
	}
	if status == lead.ExecutionFailed {
		c.Error = "Fibonacci.Unavailable"
	}
	return c
}

func (b bench) track(t testing.TB, c lead.StatusChange, applied bool, want lead.Status) {
	t.Helper()
	got, err := b.Track(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Known || got.Applied != applied || applied && got.Status != want {
		t.Fatalf("track %s, redrive %d: %+v, want applied %t and %s", c.Status, c.RedriveCount, got, applied, want)
	}
	if applied && b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE lead_id = $1 AND status = $2`, c.LeadID, got.Delivery) != 1 {
		t.Errorf("track %s, redrive %d: the delivery is not %q", c.Status, c.RedriveCount, got.Delivery)
	}
}

func (b bench) wantDelivery(t testing.TB, want string) {
	t.Helper()
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE status = $1`, want); n != 1 {
		t.Errorf("delivery is not %s", want)
	}
}

func TestTrack_FollowsADeliveryThroughFailureAndRedrive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.track(t, change(a, lead.ExecutionRunning, 0, 0), true, lead.StatusAccepted)
	b.wantDelivery(t, "running")
	b.record(t, attempt(a, "lead-1", 0, 0), 1)
	b.track(t, change(a, lead.ExecutionFailed, 0, 30), true, lead.StatusFailed)
	b.wantDelivery(t, "failed")
	b.track(t, change(a, lead.ExecutionRunning, 1, 0), true, lead.StatusAccepted)
	b.wantDelivery(t, "running")
	b.record(t, success(a, "lead-1", 1, 0), 2)
	b.track(t, change(a, lead.ExecutionSucceeded, 1, 60), true, lead.StatusDelivered)
	b.wantDelivery(t, "delivered")
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind LIKE 'delivery.%'`); n != 4 {
		t.Errorf("ledger entries = %d, want one for each change", n)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.failed'
		AND details = '{"executionStatus": "FAILED", "redriveCount": 0, "error": "Fibonacci.Unavailable"}'`); n != 1 {
		t.Error("the failure's entry does not name its error")
	}
}

func TestTrack_RepeatsAndLateEventsChangeNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.track(t, change(a, lead.ExecutionFailed, 0, 30), true, lead.StatusFailed)
	b.track(t, change(a, lead.ExecutionFailed, 0, 30), false, "")
	b.track(t, change(a, lead.ExecutionRunning, 0, 0), false, "")
	b.track(t, change(a, lead.ExecutionRunning, 1, 0), true, lead.StatusAccepted)
	b.track(t, change(a, lead.ExecutionFailed, 0, 30), false, "")
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind LIKE 'delivery.%'`); n != 2 {
		t.Errorf("ledger entries = %d, want 2", n)
	}
}

func TestTrack_SuccessWithoutASuccessfulAttemptIsWithheld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.track(t, change(a, lead.ExecutionSucceeded, 0, 1), true, lead.StatusWithheld)
	b.wantDelivery(t, "withheld")
}

func TestTrack_FailureAfterASuccessfulAttemptIsDelivered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.record(t, success(a, "lead-1", 0, 0), 1)
	b.track(t, change(a, lead.ExecutionTimedOut, 0, 99), true, lead.StatusDelivered)
}

func TestTrack_QuarantineStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := post("a")
	s.Verdict = lead.VerdictSpam
	a := b.take(t, s, owner(1))
	b.track(t, change(a, lead.ExecutionRunning, 0, 0), true, lead.StatusQuarantined)
	b.track(t, change(a, lead.ExecutionSucceeded, 0, 1), true, lead.StatusQuarantined)
	b.wantDelivery(t, "withheld")
}

func TestTrack_FreshExecutionOutranksTheOldOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	fresh := change(a, lead.ExecutionRunning, 0, 0)
	fresh.Execution += "-2"
	fresh.StartedAt = started.Add(15 * 24 * time.Hour)
	b.track(t, change(a, lead.ExecutionFailed, 3, 30), true, lead.StatusFailed)
	b.track(t, fresh, true, lead.StatusAccepted)
	b.track(t, change(a, lead.ExecutionFailed, 4, 60), false, "")
	b.wantDelivery(t, "running")
}

func TestTrack_FindsTheDeliveryByLeadAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	c := change(a, lead.ExecutionRunning, 0, 0)
	c.EventID = uuid.Nil
	b.track(t, c, true, lead.StatusAccepted)
	b.wantDelivery(t, "running")
}

func TestTrack_UnknownExecutionChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, other := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	stranger := change(accepted(post("c"), owner(3)), lead.ExecutionFailed, 0, 1)
	mixed := change(a, lead.ExecutionFailed, 0, 1)
	mixed.EventID = other.EventID
	for _, c := range []lead.StatusChange{stranger, mixed} {
		got, err := b.Track(t.Context(), c)
		if err != nil || got.Known || got.Applied {
			t.Errorf("track = %+v, %v, want an unknown one", got, err)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE status = 'due'`); n != 2 {
		t.Errorf("deliveries due = %d, want both", n)
	}
}

// Whatever the order, the repeats and the overlap, the newest change wins.
func TestTrack_AnyOrderEndsTheSame(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	rapid.Check(t, func(rt *rapid.T) {
		name := uuid.NewString()
		a := b.take(t, post(name), owner(name))
		story := []lead.StatusChange{
			change(a, lead.ExecutionRunning, 0, 0), change(a, lead.ExecutionFailed, 0, 30),
			change(a, lead.ExecutionRunning, 1, 0), change(a, lead.ExecutionAborted, 1, 60),
			change(a, lead.ExecutionRunning, 2, 0), change(a, lead.ExecutionTimedOut, 2, 90),
		}
		told := story[:rapid.IntRange(1, len(story)).Draw(rt, "events")]
		repeats := rapid.SliceOfN(rapid.IntRange(0, len(told)-1), 0, 6).Draw(rt, "repeats")
		order := rapid.Permutation(append([]int{}, indices(len(told), repeats)...)).Draw(rt, "order")
		err := together(t.Context(), 3, func(ctx context.Context, worker int) error {
			for i, event := range order {
				if i%3 != worker {
					continue
				}
				if _, err := b.Track(ctx, told[event]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			rt.Fatal(err)
		}
		last := told[len(told)-1]
		want := lead.StatusFailed
		if last.Status == lead.ExecutionRunning {
			want = lead.StatusAccepted
		}
		if n := b.count(t, `SELECT count(*) FROM nigredo.leads l JOIN nigredo.deliveries d ON d.lead_id = l.id
			WHERE l.id = $1 AND l.status = $2 AND d.execution_status = $3 AND d.redrive_count = $4`,
			a.Receipt.ID, string(want), string(last.Status), last.RedriveCount); n != 1 {
			rt.Fatalf("after %d events: lead is not %s as of %s, redrive %d", len(told), want, last.Status, last.RedriveCount)
		}
	})
}

// indices are 0 to n-1 and some of them again.
func indices(n int, again []int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return append(all, again...)
}
