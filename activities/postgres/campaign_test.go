package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const deliveryARN = "arn:aws:states:us-east-1:000000000000:execution:fibonacci_delivery:"

// changed is a status change of the delivery's execution.
func changed(a lead.Accepted, execution string, status lead.ExecutionStatus, redrive int, at time.Time) lead.StatusChange {
	c := lead.StatusChange{
		Execution: execution, LeadID: a.Receipt.ID, EventID: a.EventID,
		Status: status, StartedAt: at.Add(-time.Minute), RedriveCount: redrive,
	}
	if status != lead.ExecutionRunning {
		c.StoppedAt = at
	}
	if status == lead.ExecutionFailed {
		c.Error = lead.ErrFibonacciUnavailable.Error()
	}
	return c
}

func firstExecution(a lead.Accepted) string { return deliveryARN + "lead-" + a.Receipt.ID.String() }

// failed makes n leads whose deliveries failed some time ago, oldest lead first.
func (b bench) failed(t testing.TB, n int, ago time.Duration) []lead.Accepted {
	t.Helper()
	leads := make([]lead.Accepted, n)
	for i := range leads {
		leads[i] = b.take(t, post(fmt.Sprint(ago, i)), owner(fmt.Sprint(ago, i)))
		b.record(t, attempt(leads[i], firstExecution(leads[i]), 0, 0), 1)
		b.track(t, changed(leads[i], firstExecution(leads[i]), lead.ExecutionFailed, 0, time.Now().Add(-ago)), true, lead.StatusFailed)
	}
	return leads
}

func lastTwoWeeks() lead.RedriveFilter {
	return lead.RedriveFilter{From: time.Now().Add(-60 * 24 * time.Hour), To: time.Now().Add(time.Hour)}
}

// campaign creates and lists one, and gives it.
func (b bench) campaign(t testing.TB, c lead.NewCampaign) lead.Campaign {
	t.Helper()
	if c.Filter == (lead.RedriveFilter{}) {
		c.Filter = lastTwoWeeks()
	}
	c.Reason, c.Actor = "Fibonacci is back", "engineer-1"
	made, err := b.CreateCampaign(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.ListCampaign(t.Context(), made.ID, made.Part); err != nil {
		t.Fatal(err)
	}
	return b.reread(t, made.ID)
}

func (b bench) reread(t testing.TB, id lead.CampaignID) lead.Campaign {
	t.Helper()
	c, ok, err := b.Campaign(t.Context(), id)
	if err != nil || !ok {
		t.Fatalf("campaign %s: found %t, %v", id, ok, err)
	}
	return c
}

func (b bench) choose(t testing.TB, c lead.Campaign, want lead.Choice) {
	t.Helper()
	got, err := b.ChooseBatch(t.Context(), c.ID, c.Part, "arn:campaign")
	if err != nil || got != want {
		t.Fatalf("choose: %+v, %v, want %+v", got, err, want)
	}
}

func (b bench) wave(t testing.TB, c lead.Campaign, batch int, results ...lead.WaveResult) lead.Wave {
	t.Helper()
	wave, err := b.TakeWave(t.Context(), lead.BatchRef{CampaignID: c.ID, Part: c.Part, Batch: batch}, "arn:batch", results)
	if err != nil {
		t.Fatal(err)
	}
	return wave
}

func (b bench) settle(t testing.TB, c lead.Campaign, batch, want int) {
	t.Helper()
	open, _, err := b.SettleBatch(t.Context(), lead.BatchRef{CampaignID: c.ID, Part: c.Part, Batch: batch})
	if err != nil || open != want {
		t.Fatalf("settle batch %d: %d open, %v, want %d", batch, open, err, want)
	}
}

func results(items []lead.WaveItem) []lead.WaveResult {
	all := make([]lead.WaveResult, len(items))
	for i, item := range items {
		all[i] = lead.WaveResult{Position: item.Position, Outcome: "sent", Mode: item.Mode, Execution: item.Execution}
		if item.Mode == "fresh" {
			all[i].Execution = deliveryARN + item.FreshName
		}
	}
	return all
}

// redriven plays what becomes of a redrive: it runs, then ends with status.
func (b bench) redriven(t testing.TB, item lead.WaveItem, status lead.ExecutionStatus, redrive int) {
	t.Helper()
	a := lead.Accepted{Receipt: lead.Receipt{ID: item.LeadID}, EventID: item.EventID}
	execution, want := item.Execution, lead.StatusFailed
	at := time.Now()
	if item.Mode == "fresh" {
		execution, redrive = deliveryARN+item.FreshName, 0
	}
	running := changed(a, execution, lead.ExecutionRunning, redrive, at)
	closed := changed(a, execution, status, redrive, at)
	if item.Mode == "redrive" { // its start stays the first one's
		if err := b.pool.QueryRow(t.Context(), `SELECT execution_started_at FROM nigredo.deliveries WHERE event_id = $1`, item.EventID).Scan(&running.StartedAt); err != nil {
			t.Fatal(err)
		}
		closed.StartedAt = running.StartedAt
	}
	if _, err := b.Track(t.Context(), running); err != nil { // known already, when the wave was noted
		t.Fatal(err)
	}
	done := attempt(a, execution, redrive, 9)
	if status == lead.ExecutionSucceeded {
		done, want = success(a, execution, redrive, 9), lead.StatusDelivered
	}
	if _, err := b.RecordAttempt(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	b.track(t, closed, true, want)
}

func TestCampaign_PlanTellsWhatItWouldDo(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	recent := b.failed(t, 3, time.Hour)
	old := b.failed(t, 2, 15*24*time.Hour)
	b.failed(t, 1, 61*24*time.Hour) // before the filter's time
	delivered := b.take(t, post("delivered"), owner("delivered"))
	b.record(t, success(delivered, firstExecution(delivered), 0, 0), 1)
	b.track(t, changed(delivered, firstExecution(delivered), lead.ExecutionSucceeded, 0, time.Now()), true, lead.StatusDelivered)
	b.exec(t, `UPDATE nigredo.deliveries SET error_name = 'Fibonacci.Rejected' WHERE lead_id = $1`, recent[0].Receipt.ID)
	b.exec(t, `UPDATE nigredo.webhook_logs SET error_name = 'Fibonacci.Rejected', status_code = 422 WHERE lead_id = $1`, recent[0].Receipt.ID)
	b.exec(t, `UPDATE nigredo.leads SET status = 'quarantined' WHERE id = $1`, recent[1].Receipt.ID)

	plan, err := b.PlanRedrive(t.Context(), lastTwoWeeks())
	if err != nil {
		t.Fatal(err)
	}
	if plan.Total != 4 || plan.Redrivable != 2 || plan.Fresh != 2 || plan.WouldFailAgain != 1 || plan.Withheld != 1 || plan.Busy != 0 {
		t.Errorf("plan %+v", plan)
	}
	if want := []lead.RedriveCause{{Error: "Fibonacci.Unavailable", StatusCode: 500, Count: 3}, {Error: "Fibonacci.Rejected", StatusCode: 422, Count: 1}}; !slices.Equal(plan.Causes, want) {
		t.Errorf("causes %+v", plan.Causes)
	}
	if age := time.Since(plan.Oldest); age < 14*24*time.Hour || time.Until(plan.SoonestExpiry) > 14*24*time.Hour || time.Until(plan.SoonestExpiry) < 13*24*time.Hour {
		t.Errorf("oldest %v, soonest expiry %v", plan.Oldest, plan.SoonestExpiry)
	}
	// The newest lead goes first; old and recent were made in this order.
	if len(plan.Sample) != 4 || plan.Sample[0].LeadID != old[1].Receipt.ID || !plan.Sample[0].Fresh || plan.Sample[3].LeadID != recent[0].Receipt.ID || plan.Sample[3].Fresh {
		t.Errorf("sample %+v", plan.Sample)
	}
	for name, f := range map[string]lead.RedriveFilter{
		"error":        {From: lastTwoWeeks().From, To: lastTwoWeeks().To, Error: "Fibonacci.Rejected"},
		"status class": {From: lastTwoWeeks().From, To: lastTwoWeeks().To, StatusClass: "4xx"},
		"lead":         {From: lastTwoWeeks().From, To: lastTwoWeeks().To, LeadID: recent[0].Receipt.ID},
	} {
		if plan, err := b.PlanRedrive(t.Context(), f); err != nil || plan.Total != 1 || plan.WouldFailAgain != 1 {
			t.Errorf("by %s: %+v, %v", name, plan, err)
		}
	}
	c := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 0.2})
	if c.Counts.Total != 4 {
		t.Errorf("the campaign took %d leads, the plan said 4", c.Counts.Total)
	}
	if again, err := b.PlanRedrive(t.Context(), lastTwoWeeks()); err != nil || again.Total != 0 || again.Busy != 4 {
		t.Errorf("plan beside the campaign: %+v, %v", again, err)
	}
}

func TestCampaign_SendsACanaryFirstThenBatchesUntilEveryLeadHasItsOutcome(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	leads := b.failed(t, 7, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 180, StopShare: 0.5})
	if c.Status != lead.CampaignRunning || c.Counts.Pending != 7 || c.Batch != 0 {
		t.Fatalf("campaign %+v", c)
	}

	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1}) // asked again
	wave := b.wave(t, c, 1)
	if len(wave.Items) != 2 || wave.Pause != 1 {
		t.Fatalf("wave %+v, want the canary of two", wave)
	}
	newest := leads[6]
	first := wave.Items[0]
	if first.LeadID != newest.Receipt.ID || first.EventID != newest.EventID || first.Mode != "redrive" || first.Execution != firstExecution(newest) {
		t.Errorf("first item %+v", first)
	}
	if again := b.wave(t, c, 1); !slices.Equal(again.Items, wave.Items) {
		t.Errorf("the answer got lost, and the next one differs: %+v", again.Items)
	}
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1}) // broke off: the same batch goes on
	if rest := b.wave(t, c, 1, results(wave.Items)...); len(rest.Items) != 0 {
		t.Fatalf("more than the canary: %+v", rest)
	}
	b.settle(t, c, 1, 2)
	for _, item := range wave.Items {
		b.redriven(t, item, lead.ExecutionSucceeded, 1)
	}
	b.settle(t, c, 1, 0)

	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 2})
	var all []lead.WaveItem
	for wave = b.wave(t, c, 2); len(wave.Items) > 0; wave = b.wave(t, c, 2, results(wave.Items)...) {
		if len(wave.Items) > 3 {
			t.Errorf("wave of %d at 180 a minute and a pause of a second", len(wave.Items))
		}
		all = append(all, wave.Items...)
	}
	if len(all) != 5 {
		t.Fatalf("%d leads in the second batch, want 5", len(all))
	}
	for _, item := range all {
		b.redriven(t, item, lead.ExecutionSucceeded, 1)
	}
	b.settle(t, c, 2, 0)
	b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})

	c = b.reread(t, c.ID)
	if c.Status != lead.CampaignCompleted || c.Counts != (lead.CampaignCounts{Total: 7, Delivered: 7}) || c.FinishedAt.IsZero() {
		t.Errorf("campaign %+v", c)
	}
	if len(c.Actions) != 2 || c.Actions[0].Action != "created" || c.Actions[0].Actor != "engineer-1" || c.Actions[1].Action != "completed" {
		t.Errorf("actions %+v", c.Actions)
	}
	items, err := b.CampaignItems(t.Context(), c.ID, 2, 3)
	if err != nil || len(items) != 3 || items[0].Position != 3 || items[0].State != "delivered" || items[0].Batch != 2 || items[0].RedriveCount != 1 {
		t.Errorf("items %+v, %v", items, err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.redriven' AND actor = 'engineer-1'`); n != 7 {
		t.Errorf("%d ledger entries for seven redrives", n)
	}
}

// The events of what was sent may never arrive: the books count it as running, so
// that the sweep asks for it.
func TestCampaign_CountsWhatItSentAsRunning(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 1, 15*24*time.Hour)
	b.failed(t, 1, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 120, StopShare: 1})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	wave := b.wave(t, c, 1)
	b.wave(t, c, 1, results(wave.Items)...)
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries AS d JOIN nigredo.redrive_items AS i USING (event_id)
		WHERE d.status = 'running' AND d.execution_arn = i.execution_arn AND d.redrive_count = i.redrive_count`); n != 2 {
		t.Errorf("%d of two are running", n)
	}
	for _, item := range wave.Items {
		b.redriven(t, item, lead.ExecutionSucceeded, 1)
	}
	b.settle(t, c, 1, 0)
}

func TestCampaign_StopsWhenTooManyFailAndGoesOnWithACanary(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 6, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 2, RatePerMinute: 600, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	canary := b.wave(t, c, 1)
	b.wave(t, c, 1, results(canary.Items)...)
	for _, item := range canary.Items {
		b.redriven(t, item, lead.ExecutionFailed, 1)
	}
	b.settle(t, c, 1, 0)
	b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
	c = b.reread(t, c.ID)
	if c.Status != lead.CampaignStopped || c.Counts != (lead.CampaignCounts{Total: 6, Failed: 2, Unsent: 4}) ||
		c.StopReason != "batch 1: 2 of 2 failed, most often Fibonacci.Unavailable" {
		t.Fatalf("campaign %+v", c)
	}

	resumed, ok, err := b.ResumeCampaign(t.Context(), c.ID, "engineer-2")
	if err != nil || !ok || resumed.Part != 2 || resumed.Status != lead.CampaignRunning || resumed.Counts.Pending != 6 || resumed.StopReason != "" {
		t.Fatalf("resume: %t, %+v, %v", ok, resumed, err)
	}
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSuperseded})
	if wave := b.wave(t, c, 3); len(wave.Items) != 0 {
		t.Errorf("the part that was resumed over still takes %+v", wave)
	}
	b.choose(t, resumed, lead.Choice{Action: lead.ChoiceSend, Batch: 3})
	second := b.wave(t, resumed, 3)
	if len(second.Items) != 2 || second.Items[0].Token == canary.Items[0].Token || second.Items[0].LeadID != canary.Items[0].LeadID {
		t.Fatalf("second canary %+v after %+v: a repeated token would redrive nothing", second.Items, canary.Items)
	}
	b.wave(t, resumed, 3, results(second.Items)...)
	b.settle(t, resumed, 3, 2) // the failures of the first canary are not its outcome
	for _, item := range second.Items {
		b.redriven(t, item, lead.ExecutionSucceeded, 2)
	}
	b.settle(t, resumed, 3, 0)
	b.choose(t, resumed, lead.Choice{Action: lead.ChoiceSend, Batch: 4})
}

func TestCampaign_PastTheWindowStartsAFreshExecution(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	leads := b.failed(t, 1, 15*24*time.Hour)
	id := leads[0].Receipt.ID
	for n := 2; n <= 3; n++ {
		c := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 1})
		b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
		wave := b.wave(t, c, 1)
		name := fmt.Sprintf("lead-%s-%d", id, n)
		if len(wave.Items) != 1 || wave.Items[0].Mode != "fresh" || wave.Items[0].FreshName != name || wave.Items[0].EventID != leads[0].EventID {
			t.Fatalf("wave %+v, want a fresh execution %s", wave.Items, name)
		}
		b.wave(t, c, 1, results(wave.Items)...)
		b.settle(t, c, 1, 1) // the old failure is not its outcome
		b.redriven(t, wave.Items[0], lead.ExecutionFailed, 0)
		b.settle(t, c, 1, 0)
		b.choose(t, c, lead.Choice{Action: lead.ChoiceFinish})
		// Another fortnight passes.
		b.exec(t, `UPDATE nigredo.deliveries SET execution_started_at = execution_started_at - interval '15 days', execution_stopped_at = execution_stopped_at - interval '15 days'`)
	}
}

func TestCampaign_LooksAgainBeforeItSends(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	leads := b.failed(t, 5, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 5, RatePerMinute: 60, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	of := func(i int) uuid.UUID { return leads[i].Receipt.ID }
	b.exec(t, `UPDATE nigredo.deliveries SET status = 'delivered' WHERE lead_id = $1`, of(4))
	b.exec(t, `UPDATE nigredo.deliveries SET status = 'running', execution_status = 'RUNNING', execution_stopped_at = NULL WHERE lead_id = $1`, of(3))
	b.exec(t, `UPDATE nigredo.leads SET status = 'withheld' WHERE id = $1`, of(2))
	wave := b.wave(t, c, 1)
	if len(wave.Items) != 1 || wave.Items[0].LeadID != of(1) {
		t.Fatalf("wave %+v", wave.Items)
	}
	wave = b.wave(t, c, 1, lead.WaveResult{Position: wave.Items[0].Position, Outcome: "overtaken"})
	wave = b.wave(t, c, 1, lead.WaveResult{Position: wave.Items[0].Position, Outcome: "error", Error: "Sfn.SfnException"})
	if len(wave.Items) != 0 {
		t.Fatalf("wave %+v", wave.Items)
	}
	b.settle(t, c, 1, 0)
	if c = b.reread(t, c.ID); c.Counts != (lead.CampaignCounts{Total: 5, Failed: 1, Withheld: 1, Skipped: 3}) {
		t.Errorf("counts %+v", c.Counts)
	}
	items, err := b.CampaignItems(t.Context(), c.ID, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, item := range items {
		notes = append(notes, item.Note)
	}
	want := "delivered meanwhile|redriven by somebody else meanwhile|erased or quarantined meanwhile|redriven or delivered by somebody else meanwhile|Step Functions refused the redrive"
	if got := strings.Join(notes, "|"); got != want || items[4].Error != "Sfn.SfnException" {
		t.Errorf("notes %s, error %s", got, items[4].Error)
	}
}

func TestCampaign_PauseResumeAndCancelKeepToWhatIsPossible(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 4, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	canary := b.wave(t, c, 1)
	paused, ok, err := b.PauseCampaign(t.Context(), c.ID, "engineer-2")
	if err != nil || !ok || paused.Status != lead.CampaignPaused {
		t.Fatalf("pause: %t, %+v, %v", ok, paused, err)
	}
	if wave := b.wave(t, c, 1, results(canary.Items)...); len(wave.Items) != 0 {
		t.Errorf("a paused campaign gives %+v", wave.Items)
	}
	b.choose(t, c, lead.Choice{Action: lead.ChoicePaused})
	if again, ok, err := b.PauseCampaign(t.Context(), c.ID, "engineer-2"); err != nil || ok || again.Status != lead.CampaignPaused {
		t.Errorf("pause twice: %t, %+v, %v", ok, again, err)
	}
	resumed, ok, err := b.ResumeCampaign(t.Context(), c.ID, "engineer-2")
	if err != nil || !ok || resumed.Part != 2 || resumed.Status != lead.CampaignRunning {
		t.Fatalf("resume: %t, %+v, %v", ok, resumed, err)
	}
	b.choose(t, resumed, lead.Choice{Action: lead.ChoiceSend, Batch: 1}) // its canary has no outcome yet
	b.redriven(t, canary.Items[0], lead.ExecutionSucceeded, 1)
	b.settle(t, resumed, 1, 0)
	cancelled, ok, err := b.CancelCampaign(t.Context(), c.ID, "engineer-3")
	if err != nil || !ok || cancelled.Status != lead.CampaignCancelled || cancelled.Counts != (lead.CampaignCounts{Total: 4, Delivered: 1, Unsent: 3}) {
		t.Fatalf("cancel: %t, %+v, %v", ok, cancelled, err)
	}
	b.choose(t, resumed, lead.Choice{Action: lead.ChoiceSuperseded})
	b.choose(t, cancelled, lead.Choice{Action: lead.ChoiceFinish})
	for name, steer := range map[string]func() (lead.Campaign, bool, error){
		"pause":  func() (lead.Campaign, bool, error) { return b.PauseCampaign(t.Context(), c.ID, "x") },
		"resume": func() (lead.Campaign, bool, error) { return b.ResumeCampaign(t.Context(), c.ID, "x") },
		"cancel": func() (lead.Campaign, bool, error) { return b.CancelCampaign(t.Context(), c.ID, "x") },
	} {
		if got, ok, err := steer(); err != nil || ok || got.Status != lead.CampaignCancelled {
			t.Errorf("%s of a cancelled campaign: %t, %+v, %v", name, ok, got, err)
		}
	}
	if got, ok, err := b.PauseCampaign(t.Context(), uuid.New(), "x"); err != nil || ok || got.ID != uuid.Nil {
		t.Errorf("pause of none: %t, %+v, %v", ok, got, err)
	}
	if _, err := b.ListCampaign(t.Context(), uuid.New(), 1); !errors.Is(err, lead.ErrInvalid) {
		t.Errorf("list of none: %v", err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.redrive_actions WHERE campaign_id = $1`, c.ID); n != 4 {
		t.Errorf("%d actions, want created, paused, resumed, cancelled", n)
	}
}

func TestCampaign_PausedBeforeItIsListedListsAfterTheResume(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 2, time.Hour)
	c, err := b.CreateCampaign(t.Context(), lead.NewCampaign{Filter: lastTwoWeeks(), Reason: "x", Actor: "y", Canary: 1, RatePerMinute: 60, StopShare: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := b.PauseCampaign(t.Context(), c.ID, "y"); err != nil || !ok {
		t.Fatalf("pause: %t, %v", ok, err)
	}
	resumed, ok, err := b.ResumeCampaign(t.Context(), c.ID, "y")
	if err != nil || !ok || resumed.Status != lead.CampaignPlanned {
		t.Fatalf("resume: %t, %+v, %v", ok, resumed, err)
	}
	if _, err := b.ListCampaign(t.Context(), c.ID, resumed.Part); err != nil {
		t.Fatal(err)
	}
	b.choose(t, resumed, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
}

func TestCampaign_NextPartTakesOver(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 2, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	if _, err := b.ListCampaign(t.Context(), c.ID, 3); err != nil { // of a part that nobody started
		t.Fatal(err)
	}
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	if _, err := b.ListCampaign(t.Context(), c.ID, 2); err != nil {
		t.Fatal(err)
	}
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSuperseded})
	c.Part = 2
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	if n := b.count(t, `SELECT count(*) FROM nigredo.redrive_items`); n != 2 {
		t.Errorf("%d items after a second listing, want 2", n)
	}
}

func TestCampaign_StepsOfOneCampaignAtOncePromiseEachLeadOnce(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 12, time.Hour)
	c := b.campaign(t, lead.NewCampaign{Canary: 12, RatePerMinute: 600, StopShare: 0.2})
	b.choose(t, c, lead.Choice{Action: lead.ChoiceSend, Batch: 1})
	tokens := make(chan string, 200)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			wave, err := b.TakeWave(t.Context(), lead.BatchRef{CampaignID: c.ID, Part: 1, Batch: 1}, "arn:batch", nil)
			// Busy: more callers than connections.
			if err != nil && !errors.Is(err, lead.ErrDatabaseUnavailable) {
				t.Error(err)
			}
			for _, item := range wave.Items {
				tokens <- item.Token
			}
		})
	}
	wg.Wait()
	close(tokens)
	distinct := map[string]bool{}
	for token := range tokens {
		distinct[token] = true
	}
	if len(distinct) != 10 {
		t.Errorf("%d tokens for a wave of ten", len(distinct))
	}
}

func TestCampaign_TwoCampaignsNeverHoldOneLead(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.failed(t, 3, time.Hour)
	first := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 0.2})
	second := b.campaign(t, lead.NewCampaign{Canary: 1, RatePerMinute: 60, StopShare: 0.2})
	if first.Counts.Total != 3 || second.Counts.Total != 0 {
		t.Errorf("%d and %d leads", first.Counts.Total, second.Counts.Total)
	}
	b.choose(t, second, lead.Choice{Action: lead.ChoiceFinish})
	list, err := b.Campaigns(t.Context(), lead.Position{}, 10)
	if err != nil || len(list) != 2 || list[0].ID != second.ID || list[0].Status != lead.CampaignCompleted || list[1].Counts.Pending != 3 {
		t.Errorf("list %+v, %v", list, err)
	}
	page, err := b.Campaigns(t.Context(), lead.Position{CreatedAt: second.CreatedAt, ID: second.ID}, 10)
	if err != nil || len(page) != 1 || page[0].ID != first.ID {
		t.Errorf("next page %+v, %v", page, err)
	}
}
