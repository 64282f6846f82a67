package campaign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const id = "01980000-0000-7000-8000-00000000c0c0"

// books answers each step as told. What the real ones do is tested with the
// database, in package postgres.
type books struct {
	err     error
	wave    lead.Wave
	results []lead.WaveResult
	batch   lead.BatchRef
	since   time.Duration
	found   lead.Campaign
	ok      bool
}

func (b *books) ListCampaign(context.Context, lead.CampaignID, int) (int, error) { return 3, b.err }

func (b *books) ChooseBatch(context.Context, lead.CampaignID, int, string) (lead.Choice, error) {
	return lead.Choice{Action: lead.ChoiceSend, Batch: 7}, b.err
}

func (b *books) TakeWave(_ context.Context, batch lead.BatchRef, _ string, results []lead.WaveResult) (lead.Wave, error) {
	b.batch, b.results = batch, results
	return b.wave, b.err
}

func (b *books) SettleBatch(_ context.Context, batch lead.BatchRef) (int, time.Duration, error) {
	b.batch = batch
	return 3, b.since, b.err
}

func (b *books) Campaign(context.Context, lead.CampaignID) (lead.Campaign, bool, error) {
	return b.found, b.ok, b.err
}

func step(t *testing.T, b *books, fields string) (out, log string, err error) {
	t.Helper()
	var lines bytes.Buffer
	handler := New(task.NewEnv(&lines, time.Now), b)
	raw, err := handler.Invoke(t.Context(), fmt.Appendf(nil, `{"campaignId":%q,"part":1,"execution":"arn:x",%s}`, id, fields))
	return string(raw), lines.String(), err
}

func name(err error) string {
	var adapted messages.InvokeResponse_Error
	errors.As(err, &adapted)
	return adapted.Type
}

func TestCampaign_AnswersEachStepInTheShapeOfItsMachine(t *testing.T) {
	t.Parallel()
	item := lead.WaveItem{Position: 4, LeadID: uuid.MustParse(id), EventID: uuid.MustParse(id), Mode: "redrive", Execution: "arn:e", Token: "t", FreshName: "n"}
	b := &books{
		wave: lead.Wave{Items: []lead.WaveItem{item}, Pause: 2}, ok: true,
		found: lead.Campaign{Status: lead.CampaignStopped, StopReason: "batch 1", Counts: lead.CampaignCounts{Total: 9, Delivered: 1, Failed: 2, Withheld: 1, Skipped: 2, Unsent: 3}},
	}
	tests := map[string]string{
		`"step":"list"`:   `{"pause":3}`,
		`"step":"choose"`: `{"action":"send","batch":7}`,
		`"step":"take","batch":3,"results":[{"position":1,"outcome":"sent","mode":"fresh","executionArn":"arn:n"},{"position":2,"outcome":"error","error":"X"}]`: `{"items":[{"position":4,"leadId":"` + id + `","eventId":"` + id + `","mode":"redrive","executionArn":"arn:e","token":"t","freshName":"n"}],"pause":2}`,
		`"step":"settle","batch":3`: `{"open":3,"pause":1}`,
		`"step":"report"`:           `{"ended":"stopped","total":9,"delivered":1,"failed":2,"withheld":1,"skipped":2,"unsent":3}`,
	}
	for fields, want := range tests {
		if out, _, err := step(t, b, fields); err != nil || out != want {
			t.Errorf("%s: %s, %v, want %s", fields, out, err, want)
		}
	}
	if want := (lead.BatchRef{CampaignID: uuid.MustParse(id), Part: 1, Batch: 3}); b.batch != want {
		t.Errorf("batch %+v, want %+v", b.batch, want)
	}
}

func TestCampaign_GivesNoLeadsAsAnEmptyList(t *testing.T) {
	t.Parallel()
	if out, _, err := step(t, &books{wave: lead.Wave{Pause: 1}}, `"step":"take","batch":1,"results":[]`); err != nil || out != `{"items":[],"pause":1}` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestCampaign_AsksLessOftenTheLongerItWaits(t *testing.T) {
	t.Parallel()
	for since, want := range map[time.Duration]int{0: 1, 9 * time.Second: 1, 10 * time.Second: 3, time.Minute: 15, 10 * time.Minute: 60, time.Hour: 60} {
		if got := pause(since); got != want {
			t.Errorf("%v after the last was sent: %d s, want %d", since, got, want)
		}
	}
}

func TestCampaign_RefusesWhatNoMachineSends(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{
		`"step":""`, `"step":"send"`, `"step":"take"`, `"step":"settle","batch":0`, `"step":"take","batch":1,"results":[{"position":1,"outcome":"lost"}]`,
		`"step":"list","leadId":"x"`, `"step":"list","part":0`, `"step":"list","execution":""`, `"step":"list","campaignId":"00000000-0000-0000-0000-000000000000"`,
	} {
		if _, _, err := step(t, &books{}, fields); name(err) != "Lead.Invalid" {
			t.Errorf("%s: %v", fields, err)
		}
	}
}

func TestCampaign_FailsUnderTheNameOfWhatFailed(t *testing.T) {
	t.Parallel()
	for _, fields := range []string{`"step":"list"`, `"step":"choose"`, `"step":"take","batch":1`, `"step":"settle","batch":1`, `"step":"report"`} {
		_, log, err := step(t, &books{err: fmt.Errorf("x: %w", lead.ErrDatabaseUnavailable), ok: true}, fields)
		if name(err) != "Database.Unavailable" || !strings.Contains(log, `"campaign_id":"`+id+`"`) || !strings.Contains(log, `"execution_arn":"arn:x"`) {
			t.Errorf("%s: %v, log %s", fields, err, log)
		}
	}
	if _, _, err := step(t, &books{}, `"step":"report"`); name(err) != "Lead.Invalid" {
		t.Errorf("report of no campaign: %v", err)
	}
}

func TestCampaign_LogsItsEnd(t *testing.T) {
	t.Parallel()
	_, log, err := step(t, &books{ok: true, found: lead.Campaign{Status: lead.CampaignCompleted, Counts: lead.CampaignCounts{Total: 2, Delivered: 2}}}, `"step":"report"`)
	if err != nil || !strings.Contains(log, `"message":"Campaign: ended"`) || !strings.Contains(log, `"status":"completed"`) || !strings.Contains(log, `"delivered":2`) {
		t.Errorf("%v, log %s", err, log)
	}
}
