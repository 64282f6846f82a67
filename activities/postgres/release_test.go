package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// quarantine takes a post that the bot checks held back.
func (b bench) quarantine(t *testing.T, name string) lead.Accepted {
	t.Helper()
	s := post(name)
	s.Verdict = lead.VerdictSpam
	s.Signals = []lead.Signal{{Name: "stamp_fast", Weight: 40}, {Name: "pitch_seo", Weight: 60}}
	return b.take(t, s, owner(name))
}

func releaseOf(id lead.ID) lead.Release {
	return lead.Release{ID: uuid.Must(uuid.NewV7()), LeadID: id, Subject: "operator-1", Reason: "a person, by phone"}
}

func TestReleaseLead_MakesTheDeliveryDue(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.quarantine(t, "a")
	b.books(t, lead.Balance{Accepted: 1, Quarantined: 1})
	got, err := b.ReleaseLead(t.Context(), releaseOf(a.Receipt.ID))
	want := lead.Released{
		Found: true, Done: true, Status: lead.StatusAccepted, Reference: a.Receipt.Reference, At: got.At, EventID: a.EventID,
	}
	if err != nil || got != want || time.Since(got.At).Abs() > time.Minute {
		t.Fatalf("got  %+v, %v\nwant %+v", got, err, want)
	}
	b.books(t, lead.Balance{Accepted: 1, InFlight: 1})
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE lead_id = $1 AND kind = 'lead.released' AND actor = 'operator-1'
		AND details = '{"reason": "a person, by phone"}' AND at = $2`, a.Receipt.ID, got.At); n != 1 {
		t.Errorf("%d ledger entries, want one with who, when and why", n)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.leads WHERE status = 'accepted' AND verdict = 'spam' AND status_changed_at = $1`, got.At); n != 1 {
		t.Error("the lead is not accepted, or the verdict was rewritten")
	}
	if _, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, lead.AttemptKey{Execution: "x"}); err != nil {
		t.Errorf("dispatch: %v", err)
	}
}

func TestReleaseLead_LeavesWhatIsNotQuarantined(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if got, err := b.ReleaseLead(t.Context(), releaseOf(uuid.Must(uuid.NewV7()))); err != nil || got != (lead.Released{}) {
		t.Errorf("nobody's id: %+v, %v", got, err)
	}
	clean := b.take(t, post("clean"), owner("clean"))
	if got, err := b.ReleaseLead(t.Context(), releaseOf(clean.Receipt.ID)); err != nil || !got.Found || got.Done || got.Earlier || got.Status != lead.StatusAccepted {
		t.Errorf("accepted: %+v, %v", got, err)
	}
	for _, status := range []lead.Status{lead.StatusDelivered, lead.StatusFailed, lead.StatusWithheld} {
		b.exec(t, `UPDATE nigredo.leads SET status = $1`, string(status))
		if got, err := b.ReleaseLead(t.Context(), releaseOf(clean.Receipt.ID)); err != nil || got.Done || got.Status != status {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'lead.released'`); n != 0 {
		t.Errorf("%d ledger entries of nothing", n)
	}
}

func TestReleaseLead_OfManyAtOnceOneIsDone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.quarantine(t, "a")
	var done, earlier atomic.Int32
	err := together(t.Context(), 8, func(ctx context.Context, _ int) error {
		got, err := b.ReleaseLead(ctx, releaseOf(a.Receipt.ID))
		if got.Done {
			done.Add(1)
		}
		if got.Earlier {
			earlier.Add(1)
		}
		return err
	})
	if err != nil || done.Load() != 1 || earlier.Load() != 7 {
		t.Errorf("%d done, %d told that it was released before, %v; want 1 and 7", done.Load(), earlier.Load(), err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'lead.released'`); n != 1 {
		t.Errorf("%d ledger entries, want one", n)
	}
}

// Somebody started the delivery by hand, and it sent nothing: the books see the
// lead as withheld until it is released.
func TestReleaseLead_AfterAnExecutionInTheQuarantine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.quarantine(t, "a")
	execution := "arn:aws:states:us-east-1:000000000000:execution:fibonacci_delivery:lead-" + a.Receipt.ID.String()
	at := time.Now().Add(-time.Minute).UTC()
	_, err := b.Track(t.Context(), lead.StatusChange{
		Execution: execution, LeadID: a.Receipt.ID, EventID: a.EventID, Status: lead.ExecutionSucceeded, StartedAt: at, StoppedAt: at.Add(time.Second),
	})
	if err != nil {
		t.Fatal(err)
	}
	r := releaseOf(a.Receipt.ID)
	got, err := b.ReleaseLead(t.Context(), r)
	if err != nil || !got.Done || !got.Taken || got.EventID != a.EventID {
		t.Fatalf("%+v, %v", got, err)
	}
	b.books(t, lead.Balance{Accepted: 1, InFlight: 1})
	// Where the release did not come to start it, the sweep does: under the same name.
	if work := b.work(t, 0, time.Minute, 10); len(work) != 1 || work[0].Name != "lead-"+a.Receipt.ID.String()+"-"+r.ID.String() {
		t.Errorf("work %+v", work)
	}
}

// Somebody started the delivery by hand, it saw the quarantine, and the news of it come
// after the release: the lead is still owed.
func TestTrack_WhatAnExecutionSawInTheQuarantineWithholdsNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		execution string // by hand
		runs      string // "": its start is never told
		taken     bool
	}{
		"under the first name":                            {"lead-%s", "", true},
		"under the first name, told after":                {"lead-%s", "after", true},
		"under the first name, told before":               {"lead-%s", "before", true},
		"under another name":                              {"by-hand-%s", "", false},
		"under another name, told before":                 {"by-hand-%s", "before", false},
		"under a name that the first is the beginning of": {"lead-%s-2", "after", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.quarantine(t, "a")
			execution := deliveryARN + fmt.Sprintf(row.execution, a.Receipt.ID)
			running := lead.StatusChange{
				Execution: execution, LeadID: a.Receipt.ID, EventID: a.EventID, Status: lead.ExecutionRunning, StartedAt: time.Now().UTC(),
			}
			withheld := running
			withheld.Status, withheld.Outcome = lead.ExecutionSucceeded, lead.StatusWithheld
			if row.runs == "before" {
				b.track(t, running, true, lead.StatusQuarantined)
			}
			r := releaseOf(a.Receipt.ID)
			if got, err := b.ReleaseLead(t.Context(), r); err != nil || !got.Done || (got.EventID == uuid.Nil) != (row.runs == "before") {
				t.Fatalf("%+v, %v", got, err)
			}
			if row.runs == "after" {
				b.track(t, running, true, lead.StatusAccepted)
			}
			withheld.StoppedAt = time.Now().UTC()
			b.track(t, withheld, true, lead.StatusAccepted)
			b.wantDelivery(t, "due")
			b.track(t, withheld, false, "")
			b.books(t, lead.Balance{Accepted: 1, InFlight: 1})

			first := "lead-" + a.Receipt.ID.String()
			if row.taken {
				first += "-" + r.ID.String()
			}
			if work := b.work(t, 0, time.Minute, 10); len(work) != 1 || work[0].Execution != "" || work[0].Name != first {
				t.Errorf("work %+v, want %s to start", work, first)
			}
			b.record(t, success(a, deliveryARN+first, 0, 0), 1)
			sent := changed(a, deliveryARN+first, lead.ExecutionSucceeded, 0, time.Now().Add(2*time.Minute))
			sent.Outcome = lead.StatusDelivered
			b.track(t, sent, true, lead.StatusDelivered)
			b.track(t, withheld, false, "")
			b.books(t, lead.Balance{Accepted: 1, Delivered: 1})
		})
	}
}

// The release came first, and the execution that it started finds the lead erased.
func TestTrack_WhatIsErasedAfterItsReleaseStaysWithheld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.quarantine(t, "a")
	if _, err := b.ReleaseLead(t.Context(), releaseOf(a.Receipt.ID)); err != nil {
		t.Fatal(err)
	}
	b.exec(t, `UPDATE nigredo.leads SET status = 'withheld'`)
	for _, started := range []time.Time{time.Now().Add(-time.Hour), time.Now()} {
		withheld := changed(a, firstExecution(a), lead.ExecutionSucceeded, 0, started.Add(time.Minute))
		withheld.Outcome = lead.StatusWithheld
		b.track(t, withheld, true, lead.StatusWithheld)
		b.wantDelivery(t, "withheld")
	}
	b.books(t, lead.Balance{Accepted: 1, Withheld: 1})
}

// The sweep restores the lost delivery of a lead in the moment in which it is released:
// whoever is second sees what the first does.
func TestRestore_AndReleaseAgreeWhoeverIsFirst(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		first  string
		second func(ctx context.Context, b bench, a lead.Accepted) error
	}{
		"release, then restore": {
			`UPDATE nigredo.leads SET status = 'accepted' WHERE id = $1 AND $2::uuid IS NOT NULL`,
			func(ctx context.Context, b bench, a lead.Accepted) error {
				_, err := b.Restore(ctx, a.Receipt.ID, sweeper)
				return err
			},
		},
		"restore, then release": {
			`WITH lost AS MATERIALIZED (SELECT id FROM nigredo.leads WHERE id = $1 FOR SHARE)
			INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, created_at, updated_at)
			SELECT $2, lost.id, 'lead.created', 'held', now(), now() FROM lost`,
			func(ctx context.Context, b bench, a lead.Accepted) error {
				_, err := b.ReleaseLead(ctx, releaseOf(a.Receipt.ID))
				return err
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.quarantine(t, "a")
			b.lose(t, a)
			commit := b.hold(t, row.first, a.Receipt.ID, a.EventID)
			done := make(chan error, 1)
			go func() { done <- row.second(context.WithoutCancel(t.Context()), b, a) }()
			b.blocked(t, 1)
			commit()
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			b.wantDelivery(t, "due")
			b.books(t, lead.Balance{Accepted: 1, InFlight: 1})
		})
	}
}

func TestReleaseLead_WithoutADeliveryIsTheSweepsToRestore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.quarantine(t, "a")
	b.exec(t, `DELETE FROM nigredo.deliveries`)
	if got, err := b.ReleaseLead(t.Context(), releaseOf(a.Receipt.ID)); err != nil || !got.Done || got.EventID != uuid.Nil {
		t.Fatalf("%+v, %v", got, err)
	}
	if restored, err := b.Restore(t.Context(), a.Receipt.ID, "sweep"); err != nil || !restored {
		t.Fatalf("restored %t, %v", restored, err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE event_id = $1 AND status = 'due'`, a.EventID); n != 1 {
		t.Error("the delivery is not due under its own event id")
	}
}

// A release that was never started is the sweep's after five minutes.
func TestReleaseLead_IsWorkOfTheSweep(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.quarantine(t, "a")
	if _, err := b.ReleaseLead(t.Context(), releaseOf(a.Receipt.ID)); err != nil {
		t.Fatal(err)
	}
	if work, err := b.Work(t.Context(), 5*time.Minute, 10*time.Minute, 10); err != nil || len(work) != 0 {
		t.Errorf("at once: %v, %v", work, err)
	}
	b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '5 minutes'`)
	if work, err := b.Work(t.Context(), 5*time.Minute, 10*time.Minute, 10); err != nil || len(work) != 1 || work[0].EventID != a.EventID {
		t.Errorf("after five minutes: %v, %v", work, err)
	}
}

func TestReleaseLead_WithoutADatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.pool.Close()
	if _, err := b.ReleaseLead(t.Context(), releaseOf(uuid.Nil)); !errors.Is(err, lead.ErrDatabaseUnavailable) {
		t.Errorf("%v, want Database.Unavailable", err)
	}
}

func TestView_ShowsWhatTheBotChecksSaw(t *testing.T) {
	t.Parallel()
	b := setup(t)
	held, clean := b.quarantine(t, "held"), b.take(t, post("clean"), owner("clean"))
	for _, tt := range []struct {
		id   lead.ID
		want []lead.Signal
	}{
		{held.Receipt.ID, held.Submission.Signals},
		{clean.Receipt.ID, nil},
	} {
		got, ok, err := b.View(t.Context(), lead.View{ID: uuid.Must(uuid.NewV7()), LeadID: tt.id, Subject: "operator-1"})
		if err != nil || !ok || !slices.Equal(got.Signals, tt.want) {
			t.Errorf("%+v, %t, %v; want %+v", got.Signals, ok, err, tt.want)
		}
	}
}

// Somebody started its delivery, and it failed before the lead was quarantined: there
// is nothing to start, and it must not look as if something were on its way.
func TestReleaseLead_WhoseDeliveryFailedHasFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.failed(t, 1, time.Hour)[0]
	b.exec(t, `UPDATE nigredo.leads SET status = 'quarantined'`)
	done, err := b.ReleaseLead(t.Context(), releaseOf(a.Receipt.ID))
	if err != nil || !done.Done || done.Status != lead.StatusFailed || done.EventID != uuid.Nil {
		t.Errorf("%+v, %v", done, err)
	}
	if plan, err := b.PlanRedrive(t.Context(), lastTwoWeeks()); err != nil || plan.Total != 1 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}
