package postgres_test

import (
	"context"
	"slices"
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
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind LIKE 'delivery.%'`); n != 5 {
		t.Errorf("ledger entries = %d, want one for each change and one for the redrive", n)
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
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind LIKE 'delivery.%' AND kind <> 'delivery.redriven_outside'`); n != 2 {
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

// outside counts the entries for redrives made outside.
func (b bench) outside(t testing.TB, c lead.StatusChange) int {
	t.Helper()
	return b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.redriven_outside' AND lead_id = $1 AND actor = $2
		AND details = jsonb_build_object('redriveCount', $3::integer)`, c.LeadID, c.Execution, c.RedriveCount)
}

func TestTrack_RedriveMadeOutsideIsWrittenOnce(t *testing.T) {
	t.Parallel()
	for name, story := range map[string]func(a lead.Accepted) []lead.StatusChange{
		"both events": func(a lead.Accepted) []lead.StatusChange {
			return []lead.StatusChange{change(a, lead.ExecutionFailed, 0, 30), change(a, lead.ExecutionRunning, 1, 0), change(a, lead.ExecutionFailed, 1, 60)}
		},
		"only its end": func(a lead.Accepted) []lead.StatusChange {
			return []lead.StatusChange{change(a, lead.ExecutionFailed, 0, 30), change(a, lead.ExecutionSucceeded, 1, 60)}
		},
		"the first that is heard at all": func(a lead.Accepted) []lead.StatusChange {
			return []lead.StatusChange{change(a, lead.ExecutionRunning, 1, 0)}
		},
		"repeated": func(a lead.Accepted) []lead.StatusChange {
			return []lead.StatusChange{change(a, lead.ExecutionRunning, 1, 0), change(a, lead.ExecutionRunning, 1, 0), change(a, lead.ExecutionFailed, 1, 60)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for _, c := range story(b.take(t, post("a"), owner(1))) {
				if _, err := b.Track(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				if c.RedriveCount > 0 && b.outside(t, c) != 1 {
					t.Errorf("after %s, redrive %d: %d entries for it, want 1", c.Status, c.RedriveCount, b.outside(t, c))
				}
			}
		})
	}
}

// Both changes begin before either has ended: the second must see what the first
// one wrote, not what was there when it began.
func TestTrack_TwoAtOnceWriteARedriveOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.track(t, change(a, lead.ExecutionFailed, 0, 30), true, lead.StatusFailed)
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context()) //nolint:errcheck // it is over when all goes well
	if _, err := tx.Exec(t.Context(), `SELECT 1 FROM nigredo.deliveries FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 2)
	for waiting, c := range []lead.StatusChange{change(a, lead.ExecutionRunning, 1, 0), change(a, lead.ExecutionFailed, 1, 60)} {
		go func() {
			_, err := b.Track(context.WithoutCancel(t.Context()), c)
			errs <- err
		}()
		for b.count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) <= waiting {
			if t.Context().Err() != nil {
				t.Fatal("it does not wait")
			}
		}
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	b.wantDelivery(t, "failed")
	if n := b.outside(t, change(a, lead.ExecutionFailed, 1, 60)); n != 1 {
		t.Errorf("%d entries for the redrive, want 1", n)
	}
}

func TestTrack_RedriveOfOursIsNoneMadeOutside(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.exec(t, `CREATE OR REPLACE FUNCTION nigredo.redriven_by_us(p_execution_arn text, p_redrive_count integer) RETURNS boolean
		LANGUAGE sql STABLE AS $$ SELECT p_execution_arn LIKE 'arn:lead-%' AND p_redrive_count <= 1 $$`)
	for redrive, want := range []int{0, 0, 1} {
		c := change(a, lead.ExecutionFailed, redrive, 30)
		b.track(t, c, true, lead.StatusFailed)
		if n := b.outside(t, c); n != want {
			t.Errorf("redrive %d: %d entries, want %d", redrive, n, want)
		}
	}
}

// What the sweep learned by asking stands, when the event it did not wait for comes.
func TestTrack_LateEventAfterALookChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.track(t, change(a, lead.ExecutionFailed, 1, 30), true, lead.StatusFailed) // as described
	for _, late := range []lead.StatusChange{
		change(a, lead.ExecutionRunning, 0, 0), change(a, lead.ExecutionFailed, 0, 20), change(a, lead.ExecutionRunning, 1, 0), change(a, lead.ExecutionFailed, 1, 30),
	} {
		b.track(t, late, false, "")
	}
	vanished := change(a, lead.ExecutionFailed, 1, 3600)
	vanished.Error = lead.Vanished
	b.track(t, vanished, true, lead.StatusFailed)
	b.track(t, change(a, lead.ExecutionSucceeded, 1, 40), false, "")
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE status = 'failed' AND error_name = 'Delivery.Vanished'`); n != 1 {
		t.Error("the delivery does not show that its execution vanished")
	}
}

func TestTrack_RepeatSetsAFalseClaimRight(t *testing.T) {
	t.Parallel()
	for _, claim := range []string{
		`UPDATE nigredo.leads SET status = 'delivered'`,
		`UPDATE nigredo.deliveries SET status = 'delivered'`,
	} {
		b := setup(t)
		a := b.take(t, post("a"), owner(1))
		b.track(t, change(a, lead.ExecutionFailed, 1, 30), true, lead.StatusFailed)
		b.exec(t, claim)
		b.track(t, change(a, lead.ExecutionFailed, 0, 20), false, "")
		b.track(t, change(a, lead.ExecutionFailed, 1, 30), true, lead.StatusFailed)
		b.track(t, change(a, lead.ExecutionFailed, 1, 30), false, "")
		b.wantDelivery(t, "failed")
	}
}

// An execution with up to three redrives, and a fresh one after it: whatever is
// dropped, repeated, late or at the same time, the row is that of the newest news
// that came, and no redrive is written twice.
func TestTrack_AnyOrderEndsTheSame(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	rapid.Check(t, func(rt *rapid.T) {
		name := uuid.NewString()
		a := b.take(t, post(name), owner(name))
		told := story(rt, a)
		came := rapid.SliceOfN(rapid.IntRange(0, len(told)-1), 1, 2*len(told)).Draw(rt, "came")
		err := together(t.Context(), 3, func(ctx context.Context, worker int) error {
			for i, event := range came {
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
		last := told[slices.Max(came)]
		want := lead.StatusFailed
		switch last.Status {
		case lead.ExecutionRunning:
			want = lead.StatusAccepted
		case lead.ExecutionSucceeded:
			want = lead.StatusWithheld
		}
		if n := b.count(t, `SELECT count(*) FROM nigredo.leads l JOIN nigredo.deliveries d ON d.lead_id = l.id
			WHERE l.id = $1 AND l.status = $2 AND d.execution_arn = $3 AND d.execution_status = $4 AND d.redrive_count = $5`,
			a.Receipt.ID, string(want), last.Execution, string(last.Status), last.RedriveCount); n != 1 {
			rt.Fatalf("of %v came %v: lead is not %s as of %s, redrive %d", told, came, want, last.Status, last.RedriveCount)
		}
		if last.RedriveCount > 0 && b.outside(t, last) != 1 {
			rt.Fatalf("of %v came %v: %d entries for redrive %d, want 1", told, came, b.outside(t, last), last.RedriveCount)
		}
		if n := b.count(t, `SELECT count(*) - count(DISTINCT (actor, details)) FROM nigredo.ledger
			WHERE lead_id = $1 AND kind = 'delivery.redriven_outside'`, a.Receipt.ID); n != 0 {
			rt.Fatalf("of %v came %v: %d redrives are written twice", told, came, n)
		}
	})
}

// story is what Step Functions would tell of one delivery, oldest news first.
func story(rt *rapid.T, a lead.Accepted) []lead.StatusChange {
	closed := []lead.ExecutionStatus{lead.ExecutionFailed, lead.ExecutionTimedOut, lead.ExecutionAborted}
	var told []lead.StatusChange
	for redrive := range rapid.IntRange(1, 4).Draw(rt, "runs") {
		told = append(told, change(a, lead.ExecutionRunning, redrive, 0),
			change(a, rapid.SampledFrom(closed).Draw(rt, "end"), redrive, 30*(redrive+1)))
	}
	if !rapid.Bool().Draw(rt, "fresh") {
		return told
	}
	for _, c := range []lead.StatusChange{change(a, lead.ExecutionRunning, 0, 0), change(a, lead.ExecutionSucceeded, 0, 40)} {
		c.Execution += "-2"
		c.StartedAt = started.Add(15 * 24 * time.Hour)
		if !c.StoppedAt.IsZero() {
			c.StoppedAt = c.StoppedAt.Add(15 * 24 * time.Hour)
		}
		told = append(told, c)
	}
	return told
}
