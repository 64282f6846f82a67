package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// An execution was stopped while its last call was under way, and the receiver took it.
func TestSweep_MendsAFailureThatAnAttemptContradicts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	aborted := changed(a, firstExecution(a), lead.ExecutionAborted, 0, time.Now())
	b.track(t, aborted, true, lead.StatusFailed)
	b.record(t, success(a, firstExecution(a), 0, 0), 1)
	if got := b.work(t, 0, time.Minute, 500); len(got) != 1 || got[0].Execution != firstExecution(a) {
		t.Fatalf("work %+v", got)
	}
	b.track(t, aborted, true, lead.StatusDelivered) // what describing it says
	b.track(t, aborted, false, "")
	if got := b.work(t, 0, time.Minute, 500); len(got) != 0 {
		t.Errorf("work is left: %+v", got)
	}
}

func TestSweep_MendsARunningThatItsExecutionContradicts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	failed := changed(a, firstExecution(a), lead.ExecutionFailed, 0, time.Now().Add(-time.Minute))
	b.track(t, failed, true, lead.StatusFailed)
	b.exec(t, `UPDATE nigredo.deliveries SET status = 'running', updated_at = updated_at - interval '1 hour'`)
	if got := b.work(t, 0, time.Minute, 500); len(got) != 1 {
		t.Fatalf("work %+v", got)
	}
	b.track(t, failed, true, lead.StatusFailed)
	b.wantDelivery(t, "failed")
}

func TestTrack_SeesTheAttemptThatItWaitedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.track(t, changed(a, firstExecution(a), lead.ExecutionRunning, 0, time.Now().Add(-time.Second)), true, lead.StatusAccepted)
	release := b.hold(t, `INSERT INTO nigredo.webhook_logs
			(id, lead_id, event_id, attempt_number, success, status_code, sent_at, duration, execution_arn, redrive_count, retry_count)
		VALUES (gen_random_uuid(), $1, $2, nigredo.next_attempt($1, $2), true, 200, now(), '1s', 'arn', 0, 0)`, a.Receipt.ID, a.EventID)
	tracked := make(chan error, 1)
	go func() {
		_, err := b.Track(context.WithoutCancel(t.Context()), changed(a, firstExecution(a), lead.ExecutionAborted, 0, time.Now()))
		tracked <- err
	}()
	b.blocked(t, 1)
	release()
	if err := <-tracked; err != nil {
		t.Fatal(err)
	}
	b.wantDelivery(t, "delivered")
}

// The rows of attempts are gone; Step Functions still knows what it did.
func TestTrack_TakesTheOutputForProof(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[lead.Status]lead.Balance{
		lead.StatusDelivered: {Accepted: 1, Delivered: 1},
		lead.StatusWithheld:  {Accepted: 1, Withheld: 1},
		"":                   {Accepted: 1, Unaccounted: 1},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.take(t, post("a"), owner(1))
			b.record(t, success(a, firstExecution(a), 0, 0), 1)
			done := changed(a, firstExecution(a), lead.ExecutionSucceeded, 0, time.Now())
			b.track(t, done, true, lead.StatusDelivered)
			b.exec(t, `DELETE FROM nigredo.webhook_logs`)
			done.Outcome = outcome
			if _, err := b.Track(t.Context(), done); err != nil {
				t.Fatal(err)
			}
			got, err := b.Balance(t.Context())
			if err != nil || got != want {
				t.Errorf("balance %+v, %v, want %+v", got, err, want)
			}
		})
	}
}

func TestBalance_ALeadsStatusAloneWithholdsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, post("a"), owner(1))
	b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '1 day'`)
	b.exec(t, `UPDATE nigredo.leads SET status = 'withheld'`)
	if got, err := b.Balance(t.Context()); err != nil || got.Unaccounted != 1 || got.Withheld != 0 {
		t.Errorf("balance %+v, %v", got, err)
	}
}

func TestTrack_LeavesWhatIsWithheld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.exec(t, `UPDATE nigredo.leads SET status = 'withheld'`)
	if _, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, lead.AttemptKey{Execution: firstExecution(a)}); !errors.Is(err, lead.ErrWithheld) {
		t.Errorf("dispatch: %v", err)
	}
	b.track(t, changed(a, firstExecution(a), lead.ExecutionRunning, 0, time.Now()), true, lead.StatusWithheld)
	b.track(t, changed(a, firstExecution(a), lead.ExecutionAborted, 0, time.Now()), true, lead.StatusWithheld)
	if plan, err := b.PlanRedrive(t.Context(), lastTwoWeeks()); err != nil || plan.Total != 0 || plan.Withheld != 1 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestFailures_AndCampaignsNameErrorsAlike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	aborted := b.take(t, post("aborted"), owner(1))
	b.record(t, attempt(aborted, firstExecution(aborted), 0, 0), 1)
	b.track(t, changed(aborted, firstExecution(aborted), lead.ExecutionAborted, 0, time.Now()), true, lead.StatusFailed)
	late := b.take(t, post("late"), owner(2))
	b.track(t, changed(late, firstExecution(late), lead.ExecutionTimedOut, 0, time.Now()), true, lead.StatusFailed)
	groups, _ := b.failures(t, lead.FailureFilter{From: lastTwoWeeks().From, To: lastTwoWeeks().To})
	if len(groups) != 2 {
		t.Fatalf("groups %+v", groups)
	}
	for _, group := range groups {
		filter := lastTwoWeeks()
		filter.Error = group.Error
		if plan, err := b.PlanRedrive(t.Context(), filter); err != nil || plan.Total != 1 {
			t.Errorf("%q: plan %+v, %v", group.Error, plan, err)
		}
	}
}

// A row that nobody can be asked about must not keep the others from their turn.
func TestSweep_LetsOthersGoFirstAfterALookWithoutAnswer(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	silent := b.take(t, post("silent"), owner("a"))
	b.track(t, changed(silent, "not an ARN", lead.ExecutionRunning, 0, time.Now()), true, lead.StatusAccepted)
	due := b.take(t, post("due"), owner("b"))
	b.exec(t, `UPDATE nigredo.deliveries SET updated_at = updated_at - interval '2 hours' WHERE event_id = $1`, silent.EventID)
	b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '1 hour' WHERE event_id = $1`, due.EventID)
	if work := b.work(t, 0, time.Minute, 1); len(work) != 1 || work[0].EventID != silent.EventID {
		t.Fatalf("first %+v", work)
	}
	if err := b.Looked(t.Context(), silent.EventID); err != nil {
		t.Fatal(err)
	}
	if work := b.work(t, 0, time.Minute, 1); len(work) != 1 || work[0].EventID != due.EventID {
		t.Errorf("then %+v", work)
	}
	if got, err := b.Balance(t.Context()); err != nil || got.Unaccounted != 2 {
		t.Errorf("a look without answer hides a lead: %+v, %v", got, err)
	}
}

func TestDeliveries_TakeNoTimeWithoutEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, post("a"), owner(1))
	for _, column := range []string{"due_at", "updated_at", "checked_at", "created_at"} {
		if _, err := b.pool.Exec(t.Context(), `UPDATE nigredo.deliveries SET `+column+` = '-infinity'`); err == nil {
			t.Errorf("%s may be -infinity", column)
		}
	}
}
