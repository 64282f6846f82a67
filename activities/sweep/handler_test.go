package sweep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/sweep"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// store has lost rows and work, and keeps what was asked.
type store struct {
	lost     []lead.ID
	work     []lead.Work
	err      error             // of Work
	refused  map[lead.ID]error // of Restore
	restored []lead.ID
	owed     time.Duration
	silent   time.Duration
	limit    int
}

func (s *store) Undelivered(context.Context, int) ([]lead.ID, error) { return s.lost, nil }

func (s *store) Restore(_ context.Context, id lead.ID, execution string) (bool, error) {
	if execution != arn {
		return false, errors.New("the sweep does not sign")
	}
	if err := s.refused[id]; err != nil {
		return false, err
	}
	s.restored = append(s.restored, id)
	return true, nil
}

func (s *store) Work(_ context.Context, owed, silent time.Duration, limit int) ([]lead.Work, error) {
	s.owed, s.silent, s.limit = owed, silent, limit
	return s.work, s.err
}

const (
	arn     = "arn:aws:states:us-east-1:000000000000:express:delivery_sweep:a:b"
	machine = "arn:aws:states:us-east-1:000000000000:stateMachine:fibonacci_delivery"
	payload = `{"execution":"` + arn + `","machineArn":"` + machine + `","minimumAgeSeconds":30}`
)

func id(n byte) uuid.UUID {
	return uuid.UUID{1, 147, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, n}
}

func run(t *testing.T, s *store, payload string) (out, log string, err error) {
	t.Helper()
	lines := &bytes.Buffer{}
	raw, err := sweep.New(task.NewEnv(lines, time.Now), s).Invoke(t.Context(), []byte(payload))
	return string(raw), lines.String(), err
}

func TestSweep_NamesWhatToStartAndWhatToAsk(t *testing.T) {
	t.Parallel()
	s := &store{work: []lead.Work{
		{LeadID: id(1), EventID: id(2), Name: "lead-" + id(1).String()},
		{
			LeadID: id(3), EventID: id(4), Execution: "arn:aws:states:us-east-1:000000000000:execution:fibonacci_delivery:lead-" + id(3).String() + "-2",
			StartedAt: time.Date(2026, 11, 21, 12, 0, 0, 120e6, time.UTC), RedriveCount: 1,
		},
	}}
	out, _, err := run(t, s, payload)
	execution := "arn:aws:states:us-east-1:000000000000:execution:fibonacci_delivery:"
	want := fmt.Sprintf(`{"restored":0,"work":[`+
		`{"kind":"owed","leadId":%[1]q,"eventId":%[2]q,"name":"lead-%[3]s","executionArn":"%[4]slead-%[3]s","startedAt":"","redriveCount":0},`+
		`{"kind":"unknown","leadId":%[5]q,"eventId":%[6]q,"name":"lead-%[7]s-2","executionArn":"%[4]slead-%[7]s-2","startedAt":"2026-11-21T12:00:00.120Z","redriveCount":1}]}`,
		id(1), id(2), id(1), execution, id(3), id(4), id(3))
	if err != nil || out != want {
		t.Errorf("got  %s, %v\nwant %s", out, err, want)
	}
	if s.owed != 30*time.Second || s.silent != time.Minute || s.limit != 500 {
		t.Errorf("asked for what is owed for %s or silent for %s, at most %d", s.owed, s.silent, s.limit)
	}
}

func TestSweep_HasNoWork(t *testing.T) {
	t.Parallel()
	if out, _, err := run(t, &store{}, payload); err != nil || out != `{"restored":0,"work":[]}` {
		t.Errorf("got %s, %v: a Map needs an array", out, err)
	}
}

func TestSweep_OneThatCannotBeRestoredHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	s := &store{lost: []lead.ID{id(1), id(2), id(3)}, refused: map[lead.ID]error{id(2): errors.New("ana@example.com is not unique")}}
	out, log, err := run(t, s, payload)
	if err != nil || !strings.Contains(out, `"restored":2`) || len(s.restored) != 2 {
		t.Errorf("got %s, %v", out, err)
	}
	if !strings.Contains(log, "delivery not restored") || !strings.Contains(log, id(2).String()) || strings.Contains(log, "ana@") {
		t.Errorf("log %s", log)
	}
}

func TestSweep_FailsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*store{
		"restoring": {lost: []lead.ID{id(1)}, refused: map[lead.ID]error{id(1): lead.ErrDatabaseUnavailable}},
		"looking":   {err: lead.ErrDatabaseUnavailable},
	} {
		_, _, err := run(t, s, payload)
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != "Database.Unavailable" {
			t.Errorf("%s: error = %v: the machine must try again", name, err)
		}
	}
}

func TestSweep_RefusesWhatTheMachineCannotHaveMade(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{
		`{}`, `{"execution":"` + arn + `"}`,
		strings.Replace(payload, machine, "fibonacci_delivery", 1), strings.Replace(payload, machine, machine+":live", 1), strings.Replace(payload, "30", "-1", 1), strings.Replace(payload, "30", `"30"`, 1),
	} {
		_, _, err := run(t, &store{}, payload)
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != "Lead.Invalid" {
			t.Errorf("%s: error = %v, want Lead.Invalid", payload, err)
		}
	}
}

// The answer is a state's output: 262,144 bytes at most.
func TestSweep_AFullAnswerFitsWell(t *testing.T) {
	t.Parallel()
	s := &store{}
	for range sweep.Limit {
		s.work = append(s.work, lead.Work{
			LeadID: id(1), EventID: id(2), StartedAt: time.Now(), RedriveCount: 100,
			Execution: "arn:aws:states:ap-southeast-1:123456789012:execution:nigredo-production-fibonacci_delivery:lead-" + id(1).String() + "-10",
		})
	}
	out, _, err := run(t, s, payload)
	if err != nil || len(out) > 200_000 || !json.Valid([]byte(out)) {
		t.Errorf("%d bytes, %v", len(out), err)
	}
}
