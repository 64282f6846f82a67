package campaign

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// What an execution of ours may use of Step Functions' quotas of 25,000 events and
// 262,144 bytes.
const (
	eventLimit   = 20_000
	payloadLimit = 100 * 1000
)

// A rate of one a minute makes batches of ten, so that 2,020 leads go through two
// parts. With NIGREDO_GATE=1 it is 100,000 leads at 6,000 a minute, in three parts.
func TestCampaign_StaysWithinTheQuotasWhateverItsSize(t *testing.T) {
	t.Parallel()
	leads, rate, parts := 2_020, 1, 2
	if os.Getenv("NIGREDO_GATE") != "" {
		leads, rate, parts = 100_000, 6_000, 3
	}
	url, now := testdb.URL(t), time.Now()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, url, now)
		s.books(t, leads)
		s.fail(t, 10)
		s.setEnds(func(lead.ID) error { return nil })
		began := time.Now()
		c := s.finished(t, s.start(t, lead.NewCampaign{Canary: 5, RatePerMinute: rate, StopShare: 0.2}).ID)
		t.Logf("%d leads in %v of fake time, %d parts, %d batches", leads, time.Since(began).Round(time.Second), c.Part, c.Batch)
		if c.Status != lead.CampaignCompleted || c.Counts != (lead.CampaignCounts{Total: leads, Delivered: leads}) || c.Part != parts {
			t.Fatalf("campaign %+v", c)
		}
		s.onceEach(t, leads)
		s.paced(t, rate)
		most, largest := s.measure(t)
		t.Logf("longest history %d events, largest payload %d bytes", most, largest)
		if most > eventLimit || largest > payloadLimit {
			t.Errorf("%d events, %d bytes: over %d or %d", most, largest, eventLimit, payloadLimit)
		}
		if n := s.count(t, `SELECT count(*) FROM nigredo.leads WHERE status <> 'delivered'`); n != 0 {
			t.Errorf("%d leads are not delivered", n)
		}
	})
}

func TestCampaign_SendsNothingAfterACanaryThatFails(t *testing.T) {
	t.Parallel()
	play(t, 50, func(t *testing.T, s *stage) {
		s.setEnds(func(lead.ID) error { return lead.ErrFibonacciUnavailable })
		c := s.finished(t, s.start(t, lead.NewCampaign{Canary: 5, RatePerMinute: 600, StopShare: 0.2}).ID)
		if c.Status != lead.CampaignStopped || c.Counts != (lead.CampaignCounts{Total: 50, Failed: 5, Unsent: 45}) {
			t.Fatalf("campaign %+v", c)
		}
		if n := s.distinct(); n != 5 {
			t.Errorf("%d leads were sent, want the canary of five", n)
		}

		// The receiver is mended.
		s.setEnds(func(lead.ID) error { return nil })
		resumed, ok, err := s.ResumeCampaign(t.Context(), c.ID, "engineer")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		s.startPart(t, resumed)
		if c = s.finished(t, c.ID); c.Status != lead.CampaignCompleted || c.Counts.Delivered != 50 {
			t.Errorf("after the resume: %+v", c)
		}
	})
}

func TestCampaign_PausesWithinAWaveAndGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	play(t, 60, func(t *testing.T, s *stage) {
		s.setEnds(func(lead.ID) error { return nil })
		c := s.start(t, lead.NewCampaign{Canary: 5, RatePerMinute: 60, StopShare: 0.2})
		time.Sleep(30 * time.Second)
		if _, ok, err := s.PauseCampaign(t.Context(), c.ID, "engineer"); err != nil || !ok {
			t.Fatal(ok, err)
		}
		time.Sleep(10 * time.Second)
		before := s.distinct()
		if before == 0 || before > 35 {
			t.Fatalf("%d sent in half a minute at one a second", before)
		}
		time.Sleep(30 * 24 * time.Hour)
		if n := s.distinct(); n != before {
			t.Errorf("%d were sent during the pause", n-before)
		}
		x, err := s.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: executionARN("redrive_campaign", "redrive-"+c.ID.String()+"-1")})
		if err != nil || x.Status != engine.Succeeded {
			t.Errorf("the paused part is %s, %v: a pause must cost nothing", x.Status, err)
		}
		resumed, ok, err := s.ResumeCampaign(t.Context(), c.ID, "engineer")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		s.startPart(t, resumed)
		if c = s.finished(t, c.ID); c.Status != lead.CampaignCompleted || c.Counts.Delivered != 60 {
			t.Errorf("campaign %+v", c)
		}
		s.onceEach(t, 60)
	})
}

// Two parts at once: the one that is resumed over must not send beside the other.
func TestCampaign_ResumeWhileItRunsSupersedesTheFirstPart(t *testing.T) {
	t.Parallel()
	play(t, 180, func(t *testing.T, s *stage) {
		s.setEnds(func(lead.ID) error { return nil })
		c := s.start(t, lead.NewCampaign{Canary: 5, RatePerMinute: 60, StopShare: 0.2})
		for range 3 {
			time.Sleep(12 * time.Second)
			resumed, ok, err := s.ResumeCampaign(t.Context(), c.ID, "engineer")
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			s.startPart(t, resumed)
		}
		if c = s.finished(t, c.ID); c.Status != lead.CampaignCompleted || c.Counts.Delivered != 180 || c.Part != 4 {
			t.Errorf("campaign %+v", c)
		}
		s.onceEach(t, 180)
		s.paced(t, 60)
	})
}

func TestCampaign_LeavesToOthersWhatTheyRedrive(t *testing.T) {
	t.Parallel()
	play(t, 12, func(t *testing.T, s *stage) {
		s.setEnds(func(lead.ID) error { return nil })
		s.deaf(t, `SELECT lead_id FROM nigredo.deliveries ORDER BY lead_id LIMIT 4`)
		c := s.finished(t, s.start(t, lead.NewCampaign{Canary: 12, RatePerMinute: 600, StopShare: 0.2}).ID)
		if c.Status != lead.CampaignCompleted || c.Counts != (lead.CampaignCounts{Total: 12, Delivered: 8, Skipped: 4}) {
			t.Errorf("campaign %+v", c)
		}
		time.Sleep(5 * time.Minute)
		s.onceEach(t, 12)
		if n := s.count(t, `SELECT count(*) FROM nigredo.ledger WHERE kind = 'delivery.redriven_outside'`); n != 4 {
			t.Errorf("%d redrives made outside are in the ledger, want 4", n)
		}
	})
}

// What fails for one lead is that lead's result, not the campaign's.
func TestCampaign_GoesOnBelowTheShareAndReportsEachLead(t *testing.T) {
	t.Parallel()
	play(t, 40, func(t *testing.T, s *stage) {
		poison := s.first(t)
		s.setEnds(func(id lead.ID) error {
			if id == poison {
				return lead.ErrFibonacciRejected
			}
			return nil
		})
		c := s.finished(t, s.start(t, lead.NewCampaign{Canary: 10, RatePerMinute: 600, StopShare: 0.2}).ID)
		if c.Status != lead.CampaignCompleted || c.Counts != (lead.CampaignCounts{Total: 40, Delivered: 39, Failed: 1}) {
			t.Fatalf("campaign %+v", c)
		}
		items, err := s.CampaignItems(t.Context(), c.ID, 0, 100)
		if err != nil || len(items) != 40 {
			t.Fatal(len(items), err)
		}
		for _, item := range items {
			if want := map[bool]string{true: "failed", false: "delivered"}[item.LeadID == poison]; item.State != want {
				t.Errorf("%+v, want %s", item, want)
			}
		}
	})
}

// Somebody pauses and resumes at once, again and again: each part would send a wave.
func TestCampaign_PauseAndResumeKeepTheRate(t *testing.T) {
	t.Parallel()
	play(t, 20, func(t *testing.T, s *stage) {
		s.setEnds(func(lead.ID) error { return nil })
		c := s.start(t, lead.NewCampaign{Canary: 5, RatePerMinute: 6, StopShare: 0.2})
		for range 30 {
			time.Sleep(700 * time.Millisecond)
			if _, ok, err := s.PauseCampaign(t.Context(), c.ID, "engineer"); err != nil || !ok {
				t.Fatal(ok, err)
			}
			resumed, ok, err := s.ResumeCampaign(t.Context(), c.ID, "engineer")
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			s.startPart(t, resumed)
		}
		if c = s.finished(t, c.ID); c.Status != lead.CampaignCompleted || c.Counts.Delivered != 20 {
			t.Errorf("campaign %+v", c)
		}
		s.onceEach(t, 20)
		s.paced(t, 6)
	})
}
