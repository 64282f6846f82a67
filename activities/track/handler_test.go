package track_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/track"
)

// store keeps the changes and gives one answer.
type store struct {
	tracked lead.Tracked
	err     error
	changes []lead.StatusChange
	ended   []string
}

func (s *store) EndCampaign(_ context.Context, id lead.CampaignID, part int, execution string, status lead.ExecutionStatus) (bool, error) {
	s.ended = append(s.ended, fmt.Sprint(id, " ", part, " ", execution, " ", status))
	return true, s.err
}

func (s *store) Track(_ context.Context, change lead.StatusChange) (lead.Tracked, error) {
	s.changes = append(s.changes, change)
	return s.tracked, s.err
}

const (
	leadID  = "01930000-0000-7000-8000-00000000000a"
	eventID = "01930000-0000-7000-8000-00000000000b"
	arn     = "arn:aws:states:us-east-1:000000000000:execution:fibonacci_delivery:lead-" + leadID
)

// failed is a recorded event; a test replaces parts of it.
const failed = `{"version":"0","id":"1f1e","source":"aws.states","detail-type":"Step Functions Execution Status Change",
 "account":"000000000000","time":"2026-11-21T12:00:31Z","region":"us-east-1","resources":["` + arn + `"],
 "detail":{"executionArn":"` + arn + `","stateMachineArn":"arn:aws:states:us-east-1:000000000000:stateMachine:fibonacci_delivery",
  "name":"lead-` + leadID + `","status":"FAILED","startDate":1700000000123,"stopDate":1700000031456,
  "input":"{\"leadId\":\"` + leadID + `\",\"eventId\":\"` + eventID + `\"}","output":null,"error":"Fibonacci.Unavailable","cause":"answered 500",
  "inputDetails":{"included":true},"outputDetails":null,"stateMachineVersionArn":null,"stateMachineAliasArn":null,
  "redriveCount":2,"redriveDate":1700000020000,"redriveStatus":"REDRIVABLE","redriveStatusReason":null}}`

func run(t *testing.T, s *store, event string) (string, error) {
	t.Helper()
	log := &bytes.Buffer{}
	raw, err := track.New(task.NewEnv(log, time.Now), s).Invoke(t.Context(), []byte(event))
	if err == nil && string(raw) != "{}" {
		t.Errorf("result = %s, want {}", raw)
	}
	return log.String(), err
}

func TestTrack_ReadsTheWholeEvent(t *testing.T) {
	t.Parallel()
	s := &store{tracked: lead.Tracked{Known: true, Applied: true, Delivery: "failed", Status: lead.StatusFailed}}
	log, err := run(t, s, failed)
	if err != nil {
		t.Fatal(err)
	}
	want := lead.StatusChange{
		Execution: arn, LeadID: uuid.MustParse(leadID), EventID: uuid.MustParse(eventID), Status: lead.ExecutionFailed,
		StartedAt: time.UnixMilli(1700000000123).UTC(), StoppedAt: time.UnixMilli(1700000031456).UTC(),
		RedriveCount: 2, Error: "Fibonacci.Unavailable",
	}
	if len(s.changes) != 1 || s.changes[0] != want {
		t.Errorf("change = %+v, want %+v", s.changes, want)
	}
	for _, part := range []string{`"execution_arn":"` + arn, `"lead_id":"` + leadID, `"lead_status":"failed"`, `"activity":"track"`} {
		if !strings.Contains(log, part) {
			t.Errorf("log lacks %s: %s", part, log)
		}
	}
}

func TestTrack_FindsTheLeadInTheNameWhenTheInputIsLeftOut(t *testing.T) {
	t.Parallel()
	input := `"{\"leadId\":\"` + leadID + `\",\"eventId\":\"` + eventID + `\"}"`
	for name, event := range map[string]string{
		"input left out":      strings.Replace(failed, input, "null", 1),
		"input of another":    strings.Replace(failed, input, `"{}"`, 1),
		"input unreadable":    strings.Replace(failed, input, `"{"`, 1),
		"deliberate re-send":  strings.Replace(strings.Replace(failed, input, "null", 1), `"name":"lead-`+leadID, `"name":"lead-`+leadID+`-2`, 1),
		"ids of the wrong js": strings.Replace(failed, input, `"{\"leadId\":1}"`, 1),
	} {
		s := &store{tracked: lead.Tracked{Known: true}}
		if _, err := run(t, s, event); err != nil {
			t.Fatal(err)
		}
		if len(s.changes) != 1 || s.changes[0].LeadID.String() != leadID || s.changes[0].EventID != uuid.Nil {
			t.Errorf("%s: changes = %+v", name, s.changes)
		}
	}
}

func TestTrack_RunningHasNoEnd(t *testing.T) {
	t.Parallel()
	event := strings.Replace(strings.Replace(failed, `"FAILED"`, `"RUNNING"`, 1), `"stopDate":1700000031456`, `"stopDate":null`, 1)
	event = strings.Replace(event, `"error":"Fibonacci.Unavailable"`, `"error":null`, 1)
	// Late: the attempt succeeded before its execution was heard of.
	s := &store{tracked: lead.Tracked{Known: true, Applied: true, Delivery: "running", Status: lead.StatusDelivered}}
	log, err := run(t, s, event)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"execution_status":"RUNNING"`, `"delivery_status":"running"`, `"lead_status":"delivered"`} {
		if !strings.Contains(log, part) {
			t.Errorf("log lacks %s: %s", part, log)
		}
	}
	if len(s.changes) != 1 || !s.changes[0].StoppedAt.IsZero() || s.changes[0].Error != "" {
		t.Errorf("changes = %+v", s.changes)
	}
}

func TestTrack_DropsWhatIsOfNoDelivery(t *testing.T) {
	t.Parallel()
	other := func(old, new string) string { return strings.ReplaceAll(failed, old, new) }
	for name, event := range map[string]string{
		"another machine's":  other(leadID, "x"),
		"unknown status":     other(`"FAILED"`, `"PENDING_REDRIVE"`),
		"closed without end": other(`"stopDate":1700000031456`, `"stopDate":null`),
		"no start":           other(`"startDate":1700000000123`, `"startDate":0`),
		"negative redrive":   other(`"redriveCount":2`, `"redriveCount":-1`),
	} {
		s := &store{}
		log, err := run(t, s, event)
		if err != nil || len(s.changes) != 0 || !strings.Contains(log, "belongs to no delivery") {
			t.Errorf("%s: %v, changes %v, log %s", name, err, s.changes, log)
		}
	}
	s := &store{}
	nothing := strings.ReplaceAll(other("lead-"+leadID, "held-"+leadID), eventID, leadID)
	if log, err := run(t, s, nothing); err != nil || len(s.changes) != 0 || log != "" {
		t.Errorf("of an execution that delivers nothing: %v, changes %v, log %s", err, s.changes, log)
	}
	if log, err := run(t, s, `{"detail":{}}`); err != nil || len(s.changes) != 0 || log != "" {
		t.Errorf("of another machine: %v, changes %v, log %s", err, s.changes, log)
	}
}

func TestTrack_UnknownExecutionIsLoggedAndForgotten(t *testing.T) {
	t.Parallel()
	log, err := run(t, &store{}, failed)
	if err != nil || !strings.Contains(log, "execution belongs to no delivery") {
		t.Errorf("%v, log %s", err, log)
	}
}

func TestTrack_FailsWhenItCannotKeepTheBooks(t *testing.T) {
	t.Parallel()
	_, err := run(t, &store{err: lead.ErrDatabaseUnavailable}, failed)
	var reported messages.InvokeResponse_Error
	if !errors.As(err, &reported) || reported.Type != "Database.Unavailable" {
		t.Errorf("error = %v: EventBridge must try again", err)
	}
	if _, err := run(t, &store{}, `{"detail":"FAILED"}`); err == nil {
		t.Error("took an event of the wrong shape")
	}
}

func TestTrack_PausesACampaignWhoseExecutionDied(t *testing.T) {
	t.Parallel()
	event := func(name, status string) string {
		return `{"detail":{"executionArn":"arn:c","name":"` + name + `","status":"` + status + `","startDate":1700000000123,"stopDate":1700000031456}}`
	}
	for _, status := range []string{"FAILED", "TIMED_OUT", "ABORTED"} {
		s := &store{}
		log, err := run(t, s, event("redrive-"+leadID+"-12", status))
		if want := []string{leadID + " 12 arn:c " + status}; err != nil || !slices.Equal(s.ended, want) || !strings.Contains(log, "resume it") {
			t.Errorf("%s: %v, %v, log %s", status, s.ended, err, log)
		}
	}
	for _, e := range []string{
		event("redrive-"+leadID+"-12", "RUNNING"), event("redrive-"+leadID+"-12", "SUCCEEDED"), event("redrive-"+leadID, "FAILED"),
		event("redrive-"+leadID+"-x", "FAILED"), event("redrive-"+leadID+"-0", "FAILED"), event("batch", "FAILED"), event("redrive-", "FAILED"),
	} {
		s := &store{}
		if log, err := run(t, s, e); err != nil || len(s.ended) != 0 || len(s.changes) != 0 || log != "" {
			t.Errorf("%s: ended %v, %v, log %s", e, s.ended, err, log)
		}
	}
	s := &store{err: lead.ErrDatabaseUnavailable}
	if _, err := run(t, s, event("redrive-"+leadID+"-1", "ABORTED")); err == nil {
		t.Error("the database is away, and nobody is told")
	}
}
