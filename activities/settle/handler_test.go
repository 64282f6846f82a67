package settle_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/settle"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// store answers for each lead and keeps what it was told.
type store struct {
	tracked map[lead.ID]lead.Tracked
	errs    map[lead.ID]error
	balance lead.Balance
	err     error // of Balance
	due     lead.RightsDue
	dueErr  error

	changes []lead.StatusChange
	checked []string
	looked  []uuid.UUID
}

func (s *store) Track(_ context.Context, c lead.StatusChange) (lead.Tracked, error) {
	s.changes = append(s.changes, c)
	if tracked, ok := s.tracked[c.LeadID]; ok {
		return tracked, s.errs[c.LeadID]
	}
	return lead.Tracked{Known: true, Applied: true}, s.errs[c.LeadID]
}

func (s *store) Checked(_ context.Context, event uuid.UUID, execution string) error {
	s.checked = append(s.checked, event.String()+" "+execution)
	return nil
}

func (s *store) Looked(_ context.Context, event uuid.UUID) error {
	s.looked = append(s.looked, event)
	return nil
}

func (s *store) Balance(context.Context) (lead.Balance, error) { return s.balance, s.err }

func (s *store) RightsDue(context.Context) (lead.RightsDue, error) { return s.due, s.dueErr }

const arn = "arn:aws:states:us-east-1:000000000000:express:delivery_sweep:a:b"

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func id(n byte) uuid.UUID {
	return uuid.UUID{1, 147, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, n}
}

func run(t *testing.T, s *store, findings ...string) (out, log string, err error) {
	t.Helper()
	lines := &bytes.Buffer{}
	payload := `{"execution":"` + arn + `","restored":1,"findings":[` + strings.Join(findings, ",") + `]}`
	raw, err := settle.New(task.NewEnv(lines, func() time.Time { return noon }), s).Invoke(t.Context(), []byte(payload))
	return string(raw), lines.String(), err
}

// finding is one of lead 1, with more members.
func finding(outcome, more string) string {
	return `{"outcome":"` + outcome + `","leadId":"` + id(1).String() + `","eventId":"` + id(2).String() + `","executionArn":"arn:x"` + more + `}`
}

func TestSettle_ReadsAFindingAsTheEventThatNeverCame(t *testing.T) {
	t.Parallel()
	change := lead.StatusChange{Execution: "arn:x", LeadID: id(1), EventID: id(2), StartedAt: noon.Add(-time.Hour).Add(123 * time.Millisecond)}
	const began = `,"startedAt":"2026-11-21T11:00:00.123Z"`
	for name, row := range map[string]struct {
		finding string
		want    func(c lead.StatusChange) lead.StatusChange
	}{
		"started": {finding("started", `,"status":"RUNNING","redriveCount":0`+began), func(c lead.StatusChange) lead.StatusChange {
			c.Status = lead.ExecutionRunning
			return c
		}},
		"runs": {finding("described", `,"status":"RUNNING","redriveCount":2`+began), func(c lead.StatusChange) lead.StatusChange {
			c.Status, c.RedriveCount = lead.ExecutionRunning, 2
			return c
		}},
		"failed": {
			finding("described", `,"status":"FAILED","redriveCount":1,"stoppedAt":"2026-11-21T11:00:30Z","error":"Fibonacci.Rejected"`+began),
			func(c lead.StatusChange) lead.StatusChange {
				c.Status, c.RedriveCount, c.Error = lead.ExecutionFailed, 1, "Fibonacci.Rejected"
				c.StoppedAt = time.Date(2026, 11, 21, 11, 0, 30, 0, time.UTC)
				return c
			},
		},
		"vanished": {finding("vanished", `,"redriveCount":3`+began), func(c lead.StatusChange) lead.StatusChange {
			c.Status, c.RedriveCount, c.Error, c.StoppedAt = lead.ExecutionFailed, 3, "Delivery.Vanished", noon
			return c
		}},
	} {
		s := &store{}
		if _, _, err := run(t, s, row.finding); err != nil {
			t.Fatal(err)
		}
		if want := []lead.StatusChange{row.want(change)}; !reflect.DeepEqual(s.changes, want) {
			t.Errorf("%s: got %+v\nwant %+v", name, s.changes, want)
		}
	}
}

func TestSettle_CountsEachFindingOnce(t *testing.T) {
	t.Parallel()
	s := &store{
		tracked: map[lead.ID]lead.Tracked{id(5): {Known: true}, id(6): {}, id(12): {Known: true}},
		errs:    map[lead.ID]error{id(7): errors.New("value of ana@example.com too long")},
		balance: lead.Balance{Accepted: 9, Delivered: 7, InFlight: 2},
	}
	of := func(lead byte, outcome, status string) string {
		f := finding(outcome, `,"status":"`+status+`","redriveCount":0,"startedAt":"2026-11-21T11:00:00Z","stoppedAt":"2026-11-21T11:00:30Z"`)
		return strings.Replace(f, id(1).String(), id(lead).String(), 1)
	}
	out, log, err := run(t, s,
		of(1, "started", "RUNNING"), of(12, "started", "RUNNING"), of(2, "described", "SUCCEEDED"), of(3, "described", "ABORTED"), of(4, "vanished", ""),
		of(5, "described", "RUNNING"), of(6, "described", "FAILED"), of(7, "described", "FAILED"),
		finding("unclear", `,"error":"States.Timeout"`), of(8, "described", "PENDING_REDRIVE"), of(9, "guessed", "FAILED"),
		strings.Replace(of(10, "described", "FAILED"), `"stoppedAt":"2026-11-21T11:00:30Z"`, `"stoppedAt":""`, 1),
		strings.Replace(of(11, "vanished", ""), `"startedAt":"2026-11-21T11:00:00Z"`, `"startedAt":""`, 1))
	want := `{"restored":1,"started":2,"recorded":3,"unchanged":1,"unclear":7,"balance":{"accepted":9,"delivered":7,"failed":0,"withheld":0,"quarantined":0,"inFlight":2,"unaccounted":0}}`
	if err != nil || out != want {
		t.Errorf("got  %s, %v\nwant %s", out, err, want)
	}
	if len(s.checked) != 1 || s.checked[0] != id(2).String()+" arn:x" {
		t.Errorf("checked %v, want the one that had no news", s.checked)
	}
	for _, part := range []string{
		`"message":"Sweep: books settled"`, `"level":"INFO"`, `"unclear":7`, `"unaccounted":0`, `"execution_arn":"` + arn, `"error":"States.Timeout"`,
		`"NigredoSweepRun":1`, `"Unaccounted":0`, `"Namespace":"Nigredo/Webhooks"`,
	} {
		if !strings.Contains(log, part) {
			t.Errorf("log lacks %s: %s", part, log)
		}
	}
	if strings.Contains(log, "ana@") {
		t.Errorf("the log holds personal data: %s", log)
	}
}

func TestSettle_SaysAloudWhatNothingExplains(t *testing.T) {
	t.Parallel()
	_, log, err := run(t, &store{balance: lead.Balance{Accepted: 3, Delivered: 1, Unaccounted: 2}})
	if err != nil || !strings.Contains(log, `"level":"ERROR"`) || !strings.Contains(log, `"unaccounted":2`) || !strings.Contains(log, `"Unaccounted":2`) {
		t.Errorf("%v, log %s", err, log)
	}
}

// The law gives 15 days: 10 days after a request came in somebody hears of it.
func TestSettle_RemindsOfRightsRequests(t *testing.T) {
	t.Parallel()
	const line = `"message":"Sweep: rights requests are open"`
	for level, due := range map[string]lead.RightsDue{
		"INFO": {Open: 4}, "WARN": {Open: 4, Soon: 3, AtOnce: 1}, "ERROR": {Open: 4, Soon: 3, AtOnce: 2, Overdue: 1},
	} {
		_, log, err := run(t, &store{due: due})
		said := ""
		for l := range strings.Lines(log) {
			if strings.Contains(l, line) {
				said = l
			}
		}
		if err != nil || !strings.Contains(said, `"level":"`+level+`"`) || !strings.Contains(said, `"open":4`) || !strings.Contains(said, `"execution_arn":"`+arn) {
			t.Errorf("%s: %v, %s", level, err, log)
		}
		if want := fmt.Sprintf(`"RightsDueIn2Days":%d,"RightsDueIn5Days":%d,"RightsOpen":4,"RightsOverdue":%d`, due.AtOnce, due.Soon, due.Overdue); !strings.Contains(log, want) {
			t.Errorf("%s: no %s in %s", level, want, log)
		}
	}
	if _, log, err := run(t, &store{}); err != nil || strings.Contains(log, line) || !strings.Contains(log, `"RightsOpen":0`) {
		t.Errorf("none open: %v, %s", err, log)
	}
}

func TestSettle_FailsWhileTheDatabaseIsAway(t *testing.T) {
	t.Parallel()
	runs := finding("described", `,"status":"RUNNING","startedAt":"2026-11-21T11:00:00Z"`)
	for name, s := range map[string]*store{
		"recording": {errs: map[lead.ID]error{id(1): lead.ErrDatabaseUnavailable}},
		"balancing": {err: lead.ErrDatabaseUnavailable},
		"counting":  {dueErr: lead.ErrDatabaseUnavailable},
	} {
		_, log, err := run(t, s, runs)
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != "Database.Unavailable" || strings.Contains(log, "NigredoSweepRun") {
			t.Errorf("%s: error = %v, log %s: the machine must try again, and no run has ended", name, err, log)
		}
	}
}

func TestSettle_RefusesWhatTheMachineCannotHaveMade(t *testing.T) {
	t.Parallel()
	for _, payload := range []string{`{}`, `{"execution":"x","findings":{}}`, `{"execution":"x","findings":[{"leadId":"x"}]}`, `{"execution":"x","extra":1}`} {
		_, err := settle.New(task.NewEnv(&bytes.Buffer{}, time.Now), &store{}).Invoke(t.Context(), []byte(payload))
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != "Lead.Invalid" {
			t.Errorf("%s: error = %v, want Lead.Invalid", payload, err)
		}
	}
}

// The books say that it runs, later than Step Functions says that it stopped: a look
// at it is no sign of life, and it must not count as in flight for that.
func TestSettle_AnEndThatIsNotTakenIsNoSignOfLife(t *testing.T) {
	t.Parallel()
	for _, f := range []string{
		finding("described", `,"status":"SUCCEEDED","redriveCount":0,"startedAt":"2026-11-21T11:00:00Z","stoppedAt":"2026-11-21T11:00:30Z"`),
		finding("vanished", `,"redriveCount":0,"startedAt":"2026-11-21T11:00:00Z"`),
		finding("unclear", `,"error":"States.Timeout"`),
	} {
		s := &store{tracked: map[lead.ID]lead.Tracked{id(1): {Known: true}}}
		if _, _, err := run(t, s, f); err != nil || len(s.checked) != 0 || len(s.looked) != 1 || s.looked[0] != id(2) {
			t.Errorf("%s: checked %v, looked at %v, %v", f, s.checked, s.looked, err)
		}
	}
}

func TestSettle_SaysWhichStatementFailed(t *testing.T) {
	t.Parallel()
	s := &store{errs: map[lead.ID]error{id(1): task.In("track delivery", errors.New("value of ana@example.com too long"))}}
	_, log, err := run(t, s, finding("vanished", `,"redriveCount":0,"startedAt":"2026-11-21T11:00:00Z"`))
	if err != nil || !strings.Contains(log, `"operation":"track delivery"`) || strings.Contains(log, "ana@") {
		t.Errorf("%v, log %s", err, log)
	}
}
