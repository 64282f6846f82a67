package campaign

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/xeipuuv/gojsonschema"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// onceEach fails unless each of n leads was sent once.
func (s *stage) onceEach(t *testing.T, n int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[lead.ID]int{}
	for _, attempt := range s.sent {
		seen[attempt.ID]++
	}
	if len(seen) != n || len(s.sent) != n {
		t.Errorf("%d attempts for %d leads, want one each for %d", len(s.sent), len(seen), n)
	}
}

func (s *stage) distinct() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[lead.ID]bool{}
	for _, attempt := range s.sent {
		seen[attempt.ID] = true
	}
	return len(seen)
}

// paced fails when in any minute more was sent than the rate. The engine's timers
// count milliseconds, as its events do.
func (s *stage) paced(t *testing.T, perMinute int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := 0
	for i, attempt := range s.sent {
		for attempt.at.Sub(s.sent[oldest].at) >= time.Minute-time.Millisecond {
			oldest++
		}
		if n := i - oldest + 1; n > perMinute {
			t.Errorf("%d sent within a minute, the rate is %d", n, perMinute)
			return
		}
	}
}

// first is some lead of the books.
func (s *stage) first(t *testing.T) lead.ID {
	t.Helper()
	var id uuid.UUID
	if err := s.pool.QueryRow(t.Context(), `SELECT lead_id FROM nigredo.deliveries ORDER BY lead_id LIMIT 1`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// deaf has somebody else redrive the leads that a query chooses while the books hear
// nothing of it, as when the event of a redrive at the console got lost: each runs for
// two minutes of fake time, and is delivered then.
func (s *stage) deaf(t *testing.T, query string) {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.mute = true
	for _, id := range ids {
		s.slow[id] = 6 // attempts without a database: 2, 4, 8, 16, 32 and 64 seconds
	}
	s.mu.Unlock()
	for _, id := range ids {
		if _, err := s.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: executionARN("fibonacci_delivery", "lead-"+id.String())}); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Second) // the events of the redrives have been and gone
	s.mu.Lock()
	s.mute = false
	s.mu.Unlock()
}

// executions visits the executions of a machine.
func (s *stage) executions(t *testing.T, machine string, visit func(arn string)) {
	t.Helper()
	next := ""
	for {
		page, err := s.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: machineARN(machine), MaxResults: 1000, NextToken: next})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range page.Executions {
			visit(x.ARN)
		}
		if next = page.NextToken; next == "" {
			return
		}
	}
}

// measure gives the longest history and the largest payload of the machines of a
// campaign.
func (s *stage) measure(t *testing.T) (events int64, payload int) {
	t.Helper()
	for _, machine := range []string{"redrive_campaign", "redrive_batch"} {
		s.executions(t, machine, func(arn string) {
			n, size := s.measureOne(t, arn)
			events, payload = max(events, n), max(payload, size)
		})
	}
	return events, payload
}

// The details of an event hold its payload as an escaped text, so they are longer.
func (s *stage) measureOne(t *testing.T, arn string) (events int64, payload int) {
	t.Helper()
	for _, event := range enginetest.History(t.Context(), t, s.Engine, arn) {
		events, payload = max(events, event.ID), max(payload, len(event.Details))
	}
	return events, payload
}

// names gives the names of the executions of n leads, newest lead first.
func (s *stage) names(t *testing.T, n int) []string {
	t.Helper()
	rows, err := s.pool.Query(t.Context(), `SELECT 'lead-' || id FROM nigredo.leads ORDER BY created_at DESC LIMIT $1`, n)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// reached waits in fake time until so many leads of a campaign were taken.
func (s *stage) reached(t *testing.T, id lead.CampaignID, n int) {
	t.Helper()
	for {
		c, ok, err := s.Campaign(t.Context(), id)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if c.Counts.Total-c.Counts.Pending >= n {
			return
		}
		time.Sleep(time.Second)
	}
}

// old makes a failure one of a fortnight ago.
func (s *stage) old(t *testing.T, name string) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), `
		UPDATE nigredo.deliveries SET execution_stopped_at = execution_stopped_at - interval '15 days' WHERE 'lead-' || lead_id = $1`, name); err != nil {
		t.Fatal(err)
	}
}

// ended waits in fake time until a part of a campaign has ended well.
func (s *stage) ended(t *testing.T, c lead.Campaign, part int) {
	t.Helper()
	for {
		x, err := s.DescribeExecution(t.Context(), engine.DescribeInput{
			ExecutionARN: executionARN("redrive_campaign", fmt.Sprintf("redrive-%s-%d", c.ID, part)),
		})
		if err != nil {
			t.Fatal(err)
		}
		switch x.Status {
		case engine.Succeeded:
			return
		case engine.Running:
			time.Sleep(time.Minute)
		default:
			t.Fatalf("part %d is %s", part, x.Status)
		}
	}
}

// conforms holds what goes in and out of an execution to states/schemas.
func (s *stage) conforms(t *testing.T, machine, arn string) {
	t.Helper()
	x, err := s.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string]string{"input": x.Input}
	if x.Output != nil {
		documents["output"] = *x.Output
	}
	for name, document := range documents {
		text, err := states.Schema(machine + "." + name)
		if err != nil {
			t.Fatal(err)
		}
		result, err := gojsonschema.Validate(gojsonschema.NewBytesLoader(text), gojsonschema.NewStringLoader(document))
		if err != nil || !result.Valid() {
			t.Errorf("%s of %s: %v, %v: %s", name, machine, err, result.Errors(), document)
		}
	}
}
