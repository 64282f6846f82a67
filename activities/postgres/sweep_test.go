package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const sweeper = "arn:aws:states:us-east-1:000000000000:express:delivery_sweep:a:b"

// lose takes a lead's delivery row away.
func (b bench) lose(t testing.TB, a lead.Accepted) {
	t.Helper()
	b.exec(t, `DELETE FROM nigredo.deliveries WHERE lead_id = $1`, a.Receipt.ID)
}

func (b bench) restore(t testing.TB, a lead.Accepted, want bool) {
	t.Helper()
	if restored, err := b.Restore(t.Context(), a.Receipt.ID, sweeper); err != nil || restored != want {
		t.Errorf("restored %t, %v; want %t", restored, err, want)
	}
}

func TestRestore_FindsTheEventIDWhereverItIsKnown(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]string{
		"in the ledger":                   `SELECT 1`,
		"in the stored answer alone":      `UPDATE nigredo.ledger SET details = details - 'eventId'`,
		"in the attempts, though it went": `UPDATE nigredo.ledger SET details = jsonb_set(details, '{eventId}', '"0198c1a2-0000-7000-8000-000000000001"')`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.take(t, post("a"), owner(1))
			b.exec(t, `ALTER TABLE nigredo.ledger DISABLE TRIGGER ledger_append_only`)
			b.exec(t, forget)
			if name == "in the attempts, though it went" {
				b.record(t, attempt(a, "lead-1", 0, 0), 1)
				b.exec(t, `ALTER TABLE nigredo.webhook_logs DROP CONSTRAINT webhook_logs_event_id_fkey`)
			}
			b.lose(t, a)
			b.restore(t, a, true)
			if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries d JOIN nigredo.leads l ON l.id = d.lead_id
				WHERE d.event_id = $1 AND d.status = 'due' AND d.due_at = l.created_at AND d.execution_arn IS NULL`, a.EventID); n != 1 {
				t.Error("the delivery is not due under its event id since the lead was accepted")
			}
			if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.restored' AND actor = $1
				AND details = jsonb_build_object('eventId', $2::uuid, 'known', true)`, sweeper, a.EventID); n != 1 {
				t.Error("no ledger entry says so")
			}
		})
	}
}

func TestRestore_GivesAFreshEventIDWhereNoneIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.exec(t, `ALTER TABLE nigredo.ledger DISABLE TRIGGER ledger_append_only`)
	b.exec(t, `UPDATE nigredo.ledger SET details = details - 'eventId'`)
	b.exec(t, `DELETE FROM nigredo.idempotency_keys`)
	b.lose(t, a)
	b.restore(t, a, true)
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries d JOIN nigredo.ledger g ON g.lead_id = d.lead_id
		WHERE d.event_id <> $1 AND g.details = jsonb_build_object('eventId', d.event_id, 'known', false)`, a.EventID); n != 1 {
		t.Error("the delivery has no fresh event id, or the ledger does not say that it is one")
	}
}

func TestRestore_HoldsTheDeliveryOfAQuarantinedLead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := post("a")
	s.Verdict = lead.VerdictSpam
	a := b.take(t, s, owner(1))
	b.lose(t, a)
	b.restore(t, a, true)
	b.wantDelivery(t, "held")
	b.books(t, lead.Balance{Accepted: 1, Quarantined: 1})
}

func TestRestore_LeavesWhatIsThereOrGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.restore(t, a, false)
	b.restore(t, accepted(post("b"), owner(2)), false)
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.restored'`); n != 0 {
		t.Errorf("%d entries, want none", n)
	}
}

func (b bench) work(t testing.TB, owed, silent time.Duration, limit int) []lead.Work {
	t.Helper()
	work, err := b.Work(t.Context(), owed, silent, limit)
	if err != nil {
		t.Fatal(err)
	}
	return work
}

func events(work []lead.Work) []uuid.UUID {
	ids := make([]uuid.UUID, len(work))
	for i, w := range work {
		ids[i] = w.EventID
	}
	return ids
}

func TestWork_GivesBothKindsOldestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old, silent, young, heard, held := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2)), b.take(t, post("c"), owner(3)), b.take(t, post("d"), owner(4)), post("e")
	held.Verdict = lead.VerdictSpam
	b.take(t, held, owner(5))
	for _, a := range []lead.Accepted{silent, heard} {
		b.track(t, change(a, lead.ExecutionRunning, 0, 0), true, lead.StatusAccepted)
	}
	b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '3 minutes' WHERE event_id = $1`, old.EventID)
	b.exec(t, `UPDATE nigredo.deliveries SET updated_at = updated_at - interval '9 minutes', checked_at = clock_timestamp() - interval '2 minutes' WHERE event_id = $1`, silent.EventID)

	got := b.work(t, 30*time.Second, time.Minute, 500)
	if len(got) != 2 || got[0] != (lead.Work{LeadID: old.Receipt.ID, EventID: old.EventID, Name: "lead-" + old.Receipt.ID.String()}) ||
		got[1] != (lead.Work{LeadID: silent.Receipt.ID, EventID: silent.EventID, Execution: "arn:lead-" + silent.Receipt.ID.String(), StartedAt: started}) {
		t.Errorf("got %+v, want the old one, then the silent one", got)
	}
	if got := b.work(t, 30*time.Second, time.Minute, 1); len(got) != 1 || got[0].EventID != old.EventID {
		t.Errorf("limit 1: got %+v, want the old one", got)
	}
	if got := events(b.work(t, 0, time.Minute, 500)); len(got) != 3 || got[2] != young.EventID {
		t.Errorf("age 0: got %v, want the young one as well", got)
	}
	if err := b.Checked(t.Context(), silent.EventID, "arn:lead-"+silent.Receipt.ID.String()); err != nil {
		t.Fatal(err)
	}
	if got := events(b.work(t, 30*time.Second, time.Minute, 500)); len(got) != 1 || got[0] != old.EventID {
		t.Errorf("after a look: got %v, want the old one alone", got)
	}
}

func TestWork_StartsNothingForWhatIsHeldOrWithheld(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]string{
		"held, and the lead claims delivery":     `UPDATE nigredo.leads SET status = 'delivered'; UPDATE nigredo.deliveries SET status = 'held'`,
		"withheld, and the lead claims delivery": `UPDATE nigredo.leads SET status = 'delivered'; UPDATE nigredo.deliveries SET status = 'withheld'`,
		"the lead is withheld":                   `UPDATE nigredo.leads SET status = 'withheld'`,
		"the lead is quarantined":                `UPDATE nigredo.leads SET status = 'quarantined'`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.take(t, post("a"), owner(1))
			b.exec(t, state)
			b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '1 hour'`)
			if got := b.work(t, 0, 0, 500); len(got) != 0 {
				t.Errorf("got %+v, want nothing", got)
			}
		})
	}
}

func TestWork_AsksForClaimsWithoutProof(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed, never, proven := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2)), b.take(t, post("c"), owner(3))
	b.track(t, change(failed, lead.ExecutionFailed, 2, 30), true, lead.StatusFailed)
	b.record(t, success(proven, "lead-1", 0, 0), 1)
	b.track(t, change(proven, lead.ExecutionSucceeded, 0, 30), true, lead.StatusDelivered)
	b.exec(t, `UPDATE nigredo.deliveries SET status = 'delivered'`)
	got := b.work(t, time.Hour, time.Hour, 500)
	if len(got) != 2 || got[0].EventID != never.EventID || got[0].Execution != "" || got[1].EventID != failed.EventID || got[1].RedriveCount != 2 {
		t.Errorf("got %+v, want the one that was never started and the one that failed", got)
	}
}

func TestWork_AsksForWhatWasSentAndNeverStartsItAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sent, tried := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	b.record(t, attempt(sent, "arn:sent", 0, 0), 1)
	b.record(t, success(sent, "arn:sent", 2, 1), 2)
	b.record(t, attempt(tried, "arn:tried", 0, 0), 1)
	got := b.work(t, 0, time.Minute, 500)
	if len(got) != 2 || got[0].Execution != "arn:sent" || got[0].RedriveCount != 2 || got[0].StartedAt.IsZero() || got[1].Execution != "arn:tried" {
		t.Fatalf("got %+v, want the executions of the attempts", got)
	}
	vanished := lead.StatusChange{
		Execution: got[0].Execution, LeadID: got[0].LeadID, EventID: got[0].EventID, Status: lead.ExecutionFailed,
		StartedAt: got[0].StartedAt, StoppedAt: time.Now(), RedriveCount: got[0].RedriveCount, Error: lead.Vanished,
	}
	b.track(t, vanished, true, lead.StatusDelivered)
}

func TestChecked_IsOfTheExecutionThatWasAsked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	c := change(a, lead.ExecutionRunning, 0, 0)
	b.track(t, c, true, lead.StatusAccepted)
	if err := b.Checked(t.Context(), a.EventID, "arn:another"); err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE checked_at IS NOT NULL`); n != 0 {
		t.Error("a look at another execution counts")
	}
}
