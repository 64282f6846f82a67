package postgres_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// hold begins a transaction that locks what sql names, and gives what ends it.
func (b bench) hold(t *testing.T, sql string, args ...any) (release func()) {
	t.Helper()
	tx, err := b.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Commit(t.Context()); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
			t.Error(err)
		}
	}
}

// blocked waits until n sessions wait for a lock.
func (b bench) blocked(t *testing.T, n int) {
	t.Helper()
	for b.count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) < n {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func oneByOne() lead.NewCampaign {
	return lead.NewCampaign{Canary: 1, RatePerMinute: 600, StopShare: 0.2}
}

func TestCampaign_CancelWhileItListsLeavesNoLeadBusy(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.failed(t, 3, time.Hour)
	c, err := b.CreateCampaign(t.Context(), lead.NewCampaign{Filter: lastTwoWeeks(), Reason: "x", Actor: "y", Canary: 1, RatePerMinute: 600, StopShare: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	release := b.hold(t, `LOCK TABLE nigredo.deliveries IN ACCESS EXCLUSIVE MODE`)
	listed, cancelled := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := b.ListCampaign(t.Context(), c.ID, 1)
		listed <- err
	}()
	b.blocked(t, 1)
	go func() {
		_, ok, err := b.CancelCampaign(t.Context(), c.ID, "y")
		if !ok && err == nil {
			err = errors.New("not cancelled")
		}
		cancelled <- err
	}()
	b.blocked(t, 2)
	release()
	if err := errors.Join(<-listed, <-cancelled); err != nil {
		t.Fatal(err)
	}
	if c = b.reread(t, c.ID); c.Counts != (lead.CampaignCounts{Total: 3, Unsent: 3}) {
		t.Errorf("counts %+v", c.Counts)
	}
	if plan, err := b.PlanRedrive(t.Context(), lastTwoWeeks()); err != nil || plan.Busy != 0 || plan.Total != 3 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestCampaign_ResumeThatMeetsTheStopGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.failed(t, 4, time.Hour)
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	wave := b.wave(t, c, 1)
	b.wave(t, c, 1, results(wave.Items)...)
	b.redriven(t, wave.Items[0], lead.ExecutionFailed, 1)
	b.settle(t, c, 1, 0)
	release := b.hold(t, `SELECT FROM nigredo.redrive_items WHERE state = 'pending' FOR UPDATE`)
	done := make(chan error, 2)
	go func() {
		_, err := b.ChooseBatch(t.Context(), c.ID, c.Part, "arn")
		done <- err
	}()
	b.blocked(t, 1)
	go func() {
		_, _, err := b.ResumeCampaign(t.Context(), c.ID, "y")
		done <- err
	}()
	b.blocked(t, 2)
	release()
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	if c = b.reread(t, c.ID); c.Status != lead.CampaignRunning || c.Counts != (lead.CampaignCounts{Total: 4, Pending: 4}) {
		t.Errorf("campaign %+v", c)
	}
}

// Its execution was stopped in the console between two steps.
func TestCampaign_CancelOfADeadOneReadsTheLastOutcomes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.failed(t, 3, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 60, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	first := b.wave(t, c, 1)
	second := b.wave(t, c, 1, results(first.Items)...) // promised, and then the machine was gone
	if len(second.Items) != 1 {
		t.Fatalf("wave %+v", second)
	}
	cancelled, ok, err := b.CancelCampaign(t.Context(), c.ID, "y")
	if err != nil || !ok || cancelled.Part != 2 {
		t.Fatalf("%t, %+v, %v", ok, cancelled, err)
	}
	b.choose(t, cancelled, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	if wave := b.wave(t, cancelled, 1); len(wave.Items) != 0 {
		t.Errorf("a cancelled campaign sends %+v", wave.Items)
	}
	b.settle(t, cancelled, 1, 2)
	b.redriven(t, first.Items[0], lead.ExecutionSucceeded, 1)
	b.settle(t, cancelled, 1, 1)
	if _, ok, err := b.CancelCampaign(t.Context(), c.ID, "y"); err != nil || !ok {
		t.Errorf("cancel again while an outcome is missing: %t, %v", ok, err)
	}
	b.exec(t, `UPDATE nigredo.redrive_items SET taken_at = taken_at - interval '3 minutes'`)
	b.settle(t, cancelled, 1, 0)
	if c = b.reread(t, c.ID); c.Counts != (lead.CampaignCounts{Total: 3, Delivered: 1, Unsent: 2}) {
		t.Errorf("counts %+v", c.Counts)
	}
	if _, ok, err := b.CancelCampaign(t.Context(), c.ID, "y"); err != nil || ok {
		t.Errorf("cancel of what has ended: %t, %v", ok, err)
	}
}

func TestCampaign_FreshExecutionThatVanishedHasFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.failed(t, 1, 20*24*time.Hour)
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.wave(t, c, 1, results(b.wave(t, c, 1).Items)...)
	b.exec(t, `UPDATE nigredo.deliveries SET updated_at = updated_at - interval '1 day'`)
	for _, work := range b.work(t, 0, time.Minute, 500) {
		// As the sweep has it: milliseconds.
		b.track(t, lead.StatusChange{
			Execution: work.Execution, LeadID: work.LeadID, EventID: work.EventID, Status: lead.ExecutionFailed,
			StartedAt: work.StartedAt.Truncate(time.Millisecond), StoppedAt: time.Now(), RedriveCount: work.RedriveCount, Error: lead.Vanished,
		}, true, lead.StatusFailed)
	}
	b.settle(t, c, 1, 0)
}

func TestCampaign_NoStatusAloneIsBelieved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	never := b.take(t, post("never started"), owner("a"))
	runs := b.take(t, post("runs"), owner("b"))
	b.track(t, changed(runs, firstExecution(runs), lead.ExecutionRunning, 0, time.Now()), true, lead.StatusAccepted)
	proven := b.take(t, post("proven"), owner("c"))
	b.track(t, changed(proven, firstExecution(proven), lead.ExecutionAborted, 0, time.Now()), true, lead.StatusFailed)
	b.record(t, success(proven, firstExecution(proven), 0, 0), 1)
	b.exec(t, `UPDATE nigredo.deliveries SET status = 'failed' WHERE event_id = ANY($1)`, []any{never.EventID, runs.EventID})
	if plan, err := b.PlanRedrive(t.Context(), lastTwoWeeks()); err != nil || plan.Total != 0 {
		t.Errorf("plan %+v, %v", plan, err)
	}
	b.failed(t, 1, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 10, RatePerMinute: 600, StopShare: 1})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.exec(t, `UPDATE nigredo.deliveries SET execution_arn = NULL, execution_status = NULL, execution_started_at = NULL, execution_stopped_at = NULL
		WHERE event_id IN (SELECT event_id FROM nigredo.redrive_items)`)
	if wave := b.wave(t, c, 1); len(wave.Items) != 0 {
		t.Errorf("wave %+v", wave.Items)
	}
}

func TestCampaign_SettlesWhatCanHaveNoOutcomeAnyMore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	leads := b.failed(t, 2, 20*24*time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 120, StopShare: 1})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.wave(t, c, 1, results(b.wave(t, c, 1).Items)...)
	b.settle(t, c, 1, 2)
	// One is erased, the other started by hand as well, and that one is the newest.
	erased := leads[0].Receipt.ID
	for _, table := range []string{"webhook_logs", "deliveries", "consents", "form_submissions"} {
		b.exec(t, `DELETE FROM nigredo.`+table+` WHERE lead_id = $1`, erased)
	}
	b.exec(t, `DELETE FROM nigredo.leads WHERE id = $1`, erased)
	byHand := changed(leads[1], firstExecution(leads[1])+"-99", lead.ExecutionFailed, 0, time.Now().Add(time.Minute))
	byHand.StartedAt = time.Now().Add(time.Second)
	b.track(t, byHand, true, lead.StatusFailed)
	b.settle(t, c, 1, 0)
	if c = b.reread(t, c.ID); c.Counts != (lead.CampaignCounts{Total: 2, Failed: 1, Withheld: 1}) {
		t.Errorf("counts %+v", c.Counts)
	}
}

func TestCampaign_DoesNotClaimTheRedrivesOfOthers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.failed(t, 1, time.Hour)[0]
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.wave(t, c, 1, lead.WaveResult{Position: b.wave(t, c, 1).Items[0].Position, Outcome: "overtaken"})
	b.track(t, changed(a, firstExecution(a), lead.ExecutionRunning, 1, time.Now()), true, lead.StatusAccepted)
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.redriven_outside'`); n != 1 {
		t.Errorf("%d entries for a redrive made outside", n)
	}
}

func TestCampaign_RefusalWhoseRedriveHappenedWasSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.failed(t, 1, time.Hour)
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	item := b.wave(t, c, 1).Items[0]
	b.redriven(t, item, lead.ExecutionSucceeded, 1)
	b.wave(t, c, 1, lead.WaveResult{Position: item.Position, Outcome: "error", Error: "States.Timeout"})
	b.settle(t, c, 1, 0)
	b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
	if c = b.reread(t, c.ID); c.Status != lead.CampaignCompleted || c.Counts.Delivered != 1 {
		t.Errorf("campaign %+v", c)
	}
}

func TestCampaign_ACanaryOfNobodyShowsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	leads := b.failed(t, 8, time.Hour)
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.exec(t, `UPDATE nigredo.leads SET status = 'withheld' WHERE id = $1`, leads[7].Receipt.ID)
	b.wave(t, c, 1)
	b.settle(t, c, 1, 0)
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 2})
	if n := b.count(t, `SELECT count(*) FROM nigredo.redrive_items WHERE batch = 2`); n != 1 {
		t.Errorf("%d leads follow a canary that was not sent", n)
	}
}

func TestCampaign_NamesGoOnAfterTheItemsArePurged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.failed(t, 1, 20*24*time.Hour)[0]
	for n := 2; n <= 3; n++ {
		c := b.campaign(t, oneByOne())
		b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
		wave := b.wave(t, c, 1)
		if want := fmt.Sprintf("lead-%s-%d", a.Receipt.ID, n); wave.Items[0].FreshName != want {
			t.Fatalf("name %s, want %s", wave.Items[0].FreshName, want)
		}
		b.wave(t, c, 1, results(wave.Items)...)
		b.redriven(t, wave.Items[0], lead.ExecutionFailed, 0)
		b.settle(t, c, 1, 0)
		b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
		b.exec(t, `DELETE FROM nigredo.redrive_items`)
		b.exec(t, `UPDATE nigredo.deliveries SET execution_stopped_at = execution_stopped_at - interval '30 days'`)
	}
}

func TestCampaign_StopsAboveItsShareNotAtIt(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		share  float64
		failed int
		want   lead.CampaignStatus
	}{
		"no failure is allowed, and there is none": {0, 0, lead.CampaignRunning},
		"no failure is allowed, and there is one":  {0, 1, lead.CampaignStopped},
		"exactly the share":                        {0.5, 2, lead.CampaignRunning},
		"above the share":                          {0.5, 3, lead.CampaignStopped},
		"all may fail":                             {1, 4, lead.CampaignRunning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := withQuota(t, 0)
			b.failed(t, 5, time.Hour)
			c := b.campaign(t, lead.NewCampaign{Canary: 4, RatePerMinute: 240, StopShare: row.share})
			b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
			wave := b.wave(t, c, 1)
			b.wave(t, c, 1, results(wave.Items)...)
			for i, item := range wave.Items {
				status := lead.ExecutionSucceeded
				if i < row.failed {
					status = lead.ExecutionFailed
				}
				b.redriven(t, item, status, 1)
			}
			b.settle(t, c, 1, 0)
			if _, err := b.ChooseBatch(t.Context(), c.ID, c.Part, "arn"); err != nil {
				t.Fatal(err)
			}
			if got := b.reread(t, c.ID); got.Status != row.want {
				t.Errorf("%s, %s; want %s", got.Status, got.StopReason, row.want)
			}
		})
	}
}

func TestCampaign_JudgesALongBatchOnItsWay(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 80, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 80, RatePerMinute: 1500, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	var noted []lead.WaveResult
	sent := 0
	for {
		wave := b.wave(t, c, 1, noted...)
		if len(wave.Items) == 0 {
			break
		}
		sent += len(wave.Items)
		noted = results(wave.Items)
		for _, item := range wave.Items {
			b.redriven(t, item, lead.ExecutionFailed, 1)
		}
	}
	c = b.reread(t, c.ID)
	if sent != 50 || c.Status != lead.CampaignStopped || c.Counts != (lead.CampaignCounts{Total: 80, Failed: 50, Unsent: 30}) {
		t.Errorf("%d sent, %+v", sent, c)
	}
	b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
}

func TestCampaign_ALateRepeatOfATakeChangesNoOutcome(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 2, time.Hour)
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	item := b.wave(t, c, 1).Items[0]
	b.wave(t, c, 1, results([]lead.WaveItem{item})...)
	b.redriven(t, item, lead.ExecutionSucceeded, 1)
	b.settle(t, c, 1, 0)
	b.wave(t, c, 1, lead.WaveResult{Position: item.Position, Outcome: "error", Error: "States.Timeout"})
	if got := b.reread(t, c.ID).Counts; got.Delivered != 1 || got.Failed != 0 {
		t.Errorf("counts %+v", got)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.redriven'`); n != 1 {
		t.Errorf("%d entries for one redrive", n)
	}
}

func TestCampaign_APartThatIsSupersededTakesNothing(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 3, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 3, RatePerMinute: 60, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	if _, ok, err := b.ResumeCampaign(t.Context(), c.ID, "y"); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if wave := b.wave(t, c, 1); len(wave.Items) != 0 {
		t.Errorf("the earlier part takes %+v", wave.Items)
	}
}

func TestCampaign_ResumeLeavesToOthersWhatTheyHold(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 3, time.Hour)
	c := b.campaign(t, oneByOne())
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	wave := b.wave(t, c, 1)
	b.wave(t, c, 1, results(wave.Items)...)
	b.redriven(t, wave.Items[0], lead.ExecutionFailed, 1)
	b.settle(t, c, 1, 0)
	b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
	other := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 1})
	if other.Counts.Pending != 3 {
		t.Fatalf("the other campaign has %+v", other.Counts)
	}
	resumed, ok, err := b.ResumeCampaign(t.Context(), c.ID, "y")
	if err != nil || !ok || resumed.Counts != (lead.CampaignCounts{Total: 3, Failed: 1, Unsent: 2}) {
		t.Errorf("resumed: %t, %+v, %v", ok, resumed.Counts, err)
	}
}

func TestCampaign_ADeadExecutionPausesIt(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 2, time.Hour)
	c := b.campaign(t, oneByOne())
	if ended, err := b.EndCampaign(t.Context(), c.ID, 3, "arn:c", lead.ExecutionFailed); err != nil || ended {
		t.Errorf("a part that is not the one that goes on: %t, %v", ended, err)
	}
	if ended, err := b.EndCampaign(t.Context(), c.ID, 1, "arn:c", lead.ExecutionAborted); err != nil || !ended {
		t.Fatal(ended, err)
	}
	if c = b.reread(t, c.ID); c.Status != lead.CampaignPaused || c.StopReason != "its execution was ABORTED; resume to go on" || c.Actions[len(c.Actions)-1].Actor != "arn:c" {
		t.Errorf("campaign %+v", c)
	}
	if resumed, ok, err := b.ResumeCampaign(t.Context(), c.ID, "y"); err != nil || !ok || resumed.Status != lead.CampaignRunning || resumed.StopReason != "" {
		t.Errorf("resume: %t, %+v, %v", ok, resumed, err)
	}
}

// The judge stops the campaign while leads are promised: a resume must not forget them.
func TestCampaign_ResumeAfterAStopOnTheWayForgetsNobody(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 80, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 80, RatePerMinute: 1500, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	var noted []lead.WaveResult
	for range 2 {
		wave := b.wave(t, c, 1, noted...)
		noted = results(wave.Items)
		for _, item := range wave.Items {
			b.redriven(t, item, lead.ExecutionFailed, 1)
		}
	}
	b.wave(t, c, 1, noted[:20]...) // five answers got lost: the judge waits, and promises more
	b.wave(t, c, 1, noted[20:]...) // and stops, with a wave that nobody answered for
	c = b.reread(t, c.ID)
	if c.Status != lead.CampaignStopped || c.Counts.Sent == 0 {
		t.Fatalf("campaign %+v", c)
	}
	if _, ok, err := b.CancelCampaign(t.Context(), c.ID, "y"); err != nil || !ok {
		t.Errorf("cancel of a stopped one with leads promised: %t, %v", ok, err)
	}
	c = b.reread(t, c.ID)
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.exec(t, `UPDATE nigredo.redrive_items SET taken_at = taken_at - interval '3 minutes' WHERE state = 'taken'`)
	b.settle(t, c, 1, 0)
	if plan, err := b.PlanRedrive(t.Context(), lastTwoWeeks()); err != nil || plan.Busy != 0 {
		t.Errorf("plan %+v, %v", plan, err)
	}
}

func TestCampaign_StoppedOnItsWayResumesTheBatch(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 3, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 60, StopShare: 0})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	first := b.wave(t, c, 1)
	b.wave(t, c, 1, results(first.Items)...) // the second is promised
	b.exec(t, `UPDATE nigredo.redrives SET status = 'stopped', stop_reason = 'x', finished_at = clock_timestamp()`)
	resumed, ok, err := b.ResumeCampaign(t.Context(), c.ID, "y")
	if err != nil || !ok || resumed.Batch != 1 {
		t.Fatalf("%t, %+v, %v", ok, resumed, err)
	}
	b.choose(t, resumed, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	if again := b.wave(t, resumed, 1); len(again.Items) != 1 {
		t.Errorf("the promised lead is forgotten: %+v", again)
	}
}

// A cancelled campaign reads the outcome of what nobody noted, and the ledger names it.
func TestCampaign_WhatWasSentAndNeverNotedIsInTheLedger(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 2, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 120, StopShare: 1})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	wave := b.wave(t, c, 1)
	b.redriven(t, wave.Items[0], lead.ExecutionSucceeded, 1)
	running := changed(lead.Accepted{Receipt: lead.Receipt{ID: wave.Items[1].LeadID}, EventID: wave.Items[1].EventID},
		wave.Items[1].Execution, lead.ExecutionRunning, 1, time.Now())
	if _, err := b.Track(t.Context(), running); err != nil {
		t.Fatal(err)
	}
	cancelled, ok, err := b.CancelCampaign(t.Context(), c.ID, "y")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	b.exec(t, `UPDATE nigredo.redrive_items SET taken_at = taken_at - interval '3 minutes'`)
	b.settle(t, cancelled, 1, 1) // the second still runs
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.redriven' AND lead_id = $1`, wave.Items[0].LeadID); n != 1 {
		t.Errorf("%d entries for what was sent and never noted", n)
	}
	b.redriven(t, wave.Items[1], lead.ExecutionFailed, 1)
	b.settle(t, cancelled, 1, 0)
	if got := b.reread(t, c.ID).Counts; got != (lead.CampaignCounts{Total: 2, Delivered: 1, Failed: 1}) {
		t.Errorf("counts %+v", got)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind IN ('delivery.redriven', 'delivery.redriven_outside')`); n != 2 {
		t.Errorf("%d entries for two redrives", n)
	}
}
