package persist_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/persist"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// store plays a script: what each call to Accept finds, and what a claim says.
type store struct {
	accepts     []error // nil: held; errNotHeld: nothing written; else the failure
	reservation lead.Reservation
	reserveErr  error
	releaseErr  error
	calls       []string
	accepted    lead.Accepted
}

var errNotHeld = errors.New("not held")

var acceptedAt = time.Date(2026, 11, 21, 12, 0, 0, 100_000_000, time.UTC)

func (s *store) Accept(_ context.Context, a lead.Accepted) (time.Time, bool, error) {
	s.calls = append(s.calls, "accept")
	s.accepted = a
	result := s.accepts[0]
	s.accepts = s.accepts[1:]
	switch {
	case result == nil:
		return acceptedAt, true, nil
	case errors.Is(result, errNotHeld):
		return time.Time{}, false, nil
	}
	return time.Time{}, false, result
}

func (s *store) Reserve(context.Context, lead.Submission, string) (lead.Reservation, error) {
	s.calls = append(s.calls, "reserve")
	return s.reservation, s.reserveErr
}

func (s *store) Release(ctx context.Context, _ lead.Key, _ string) error {
	s.calls = append(s.calls, "release")
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.releaseErr
}

var (
	leadID  = uuid.MustParse("01930000-0000-7000-8000-0123456789ab")
	eventID = uuid.MustParse("01930000-0000-7000-8000-000000000002")
)

func setup(s *store) (*task.Handler, *bytes.Buffer) {
	log := &bytes.Buffer{}
	now := time.Date(2026, 11, 21, 12, 0, 0, 250_000_000, time.UTC)
	ids := []uuid.UUID{leadID, eventID}
	env := task.NewEnv(log, func() time.Time { return now })
	return persist.New(env, s, func() (uuid.UUID, error) {
		id := ids[0]
		ids = ids[1:]
		return id, nil
	}), log
}

func payload(t *testing.T, change func(*lead.Submission)) []byte {
	t.Helper()
	in := task.Intake{
		Submission: lead.Submission{
			Name: "Marker Name", Email: "marker@example.com", Source: "newsletter", Locale: "en", Verdict: lead.VerdictClean,
			Key: lead.Key{Hash: strings.Repeat("ab", 32), Fingerprint: strings.Repeat("cd", 32), Keep: time.Hour},
		},
		Execution: "arn:execution", StartedAt: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC),
	}
	if change != nil {
		change(&in.Submission)
	}
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func invoke(t *testing.T, h *task.Handler, payload []byte) persist.Result {
	t.Helper()
	raw, err := h.Invoke(t.Context(), payload)
	if err != nil {
		t.Fatal(err)
	}
	var result persist.Result
	if err := json.Unmarshal(raw, &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// lines are the log lines, metrics among them.
func lines(t *testing.T, log *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for raw := range strings.Lines(log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(raw), &line); err != nil {
			t.Fatal(err)
		}
		all = append(all, line)
	}
	return all
}

func find(all []map[string]any, key string, value any) map[string]any {
	for _, line := range all {
		if v, ok := line[key]; ok && (value == nil || v == value) {
			return line
		}
	}
	return nil
}

func TestPersist_AnswersLogsAndCountsALead(t *testing.T) {
	t.Parallel()
	s := &store{accepts: []error{nil}}
	h, log := setup(s)
	got := invoke(t, h, payload(t, nil))
	if got.Outcome != "accepted" || got.LeadID != leadID.String() || got.EventID != eventID.String() || !got.Deliver {
		t.Errorf("result = %+v", got)
	}
	want := `{"id":"` + leadID.String() + `","reference":"NG-DF4H-Q4F9","status":"accepted","createdAt":"2026-11-21T12:00:00.100Z"}`
	if got.Answer.StatusCode != 201 || got.Answer.Body != want || got.Answer.Headers["Location"] != "/api/leads/"+leadID.String() {
		t.Errorf("answer = %+v, want %s", got.Answer, want)
	}
	if _, replayed := got.Answer.Headers["Idempotent-Replayed"]; replayed {
		t.Error("a first answer says it is a repeat")
	}
	all := lines(t, log)
	created := find(all, "message", "Lead created")
	if created == nil || created["source"] != "newsletter" || created["lead_id"] != leadID.String() || created["execution_arn"] != "arn:execution" || created["activity"] != "persist" {
		t.Errorf("log line = %v", created)
	}
	if m := find(all, "NigredoLeadSubmissions", 1.0); m == nil || m["endpoint"] != "POST /api/leads" {
		t.Error("the lead is not counted")
	}
	if m := find(all, "ApiLatency", nil); m == nil || m["ApiLatency"] != 250.0 {
		t.Errorf("latency = %v, want 250 ms from the start of the execution", m)
	}
	if strings.Contains(log.String(), "arker") {
		t.Errorf("the log holds personal data: %s", log)
	}
	if s.accepted.Execution != "arn:execution" || s.accepted.Submission.Email != "marker@example.com" || s.accepted.StartedAt.IsZero() {
		t.Errorf("stored %+v", s.accepted)
	}
}

func TestPersist_FormIsSentToItsReceiptPage(t *testing.T) {
	t.Parallel()
	h, _ := setup(&store{accepts: []error{nil}})
	got := invoke(t, h, payload(t, func(s *lead.Submission) { s.Form, s.Locale = true, "pt-BR" }))
	if got.Answer.StatusCode != 303 || got.Answer.Headers["Location"] != "/obrigado/?ref=NG-DF4H-Q4F9" {
		t.Errorf("answer = %+v", got.Answer)
	}
}

func TestPersist_SpamIsAnsweredLikeAnyOtherAndNotDelivered(t *testing.T) {
	t.Parallel()
	h, _ := setup(&store{accepts: []error{nil}})
	got := invoke(t, h, payload(t, func(s *lead.Submission) { s.Verdict = lead.VerdictSpam }))
	if got.Deliver || got.Answer.StatusCode != 201 || !strings.Contains(got.Answer.Body, `"status":"accepted"`) {
		t.Errorf("result = %+v", got)
	}
}

func replay(owner string) lead.Reservation {
	return lead.Reservation{
		Outcome: lead.OutcomeReplay, Owner: owner, Deliver: true, EventID: uuid.MustParse("01930000-0000-7000-8000-00000000000e"),
		Receipt: lead.Receipt{
			ID: uuid.MustParse("01930000-0000-7000-8000-00000000000f"), Reference: "NG-2222-2222",
			Status: lead.StatusAccepted, CreatedAt: acceptedAt,
		},
	}
}

func TestPersist_RepeatGivesFirstAnswer(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		owner    string
		replayed string
		message  string
	}{
		"answer lost":           {"arn:execution", "", "Lead created"},
		"taken in by another":   {"arn:other", "true", "Lead replayed"},
		"reservation went void": {"arn:much-later", "true", "Lead replayed"},
	} {
		s := &store{accepts: []error{errNotHeld}, reservation: replay(row.owner)}
		h, log := setup(s)
		got := invoke(t, h, payload(t, nil))
		if got.LeadID != s.reservation.Receipt.ID.String() || got.EventID != s.reservation.EventID.String() || !got.Deliver {
			t.Errorf("%s: %+v, want the first ids", name, got)
		}
		if got.Answer.StatusCode != 201 || !strings.Contains(got.Answer.Body, "NG-2222-2222") || got.Answer.Headers["Idempotent-Replayed"] != row.replayed {
			t.Errorf("%s: answer = %+v", name, got.Answer)
		}
		if find(lines(t, log), "message", row.message) == nil {
			t.Errorf("%s: the log does not say %q: %s", name, row.message, log)
		}
		if !slices.Equal(s.calls, []string{"accept", "reserve"}) {
			t.Errorf("%s: calls = %v", name, s.calls)
		}
	}
}

func TestPersist_LostReservationIsClaimedOnceMore(t *testing.T) {
	t.Parallel()
	s := &store{accepts: []error{errNotHeld, nil}, reservation: lead.Reservation{Outcome: lead.OutcomeReserved}}
	h, _ := setup(s)
	if got := invoke(t, h, payload(t, nil)); got.LeadID != leadID.String() {
		t.Errorf("result = %+v", got)
	}
	if !slices.Equal(s.calls, []string{"accept", "reserve", "accept"}) {
		t.Errorf("calls = %v", s.calls)
	}
}

func TestPersist_ErrorsHaveTheNamesOfTheMachine(t *testing.T) {
	t.Parallel()
	away := &sqlError{}
	for name, row := range map[string]struct {
		store *store
		want  string
		calls []string
	}{
		"limited meanwhile":  {&store{accepts: []error{errNotHeld}, reservation: lead.Reservation{Outcome: lead.OutcomeLimited}}, "Lead.RateLimited", []string{"accept", "reserve"}},
		"conflict meanwhile": {&store{accepts: []error{errNotHeld}, reservation: lead.Reservation{Outcome: lead.OutcomeConflict}}, "Lead.Conflict", []string{"accept", "reserve"}},
		"running meanwhile":  {&store{accepts: []error{errNotHeld}, reservation: lead.Reservation{Outcome: lead.OutcomeRunning}}, "Lead.Running", []string{"accept", "reserve"}},
		"lost twice":         {&store{accepts: []error{errNotHeld, errNotHeld}, reservation: lead.Reservation{Outcome: lead.OutcomeReserved}}, "Lead.Running", []string{"accept", "reserve", "accept"}},
		"database away":      {&store{accepts: []error{away}}, "Database.Unavailable", []string{"accept", "release"}},
		"release fails too":  {&store{accepts: []error{away}, releaseErr: away}, "Database.Unavailable", []string{"accept", "release"}},
		"claim fails":        {&store{accepts: []error{errNotHeld}, reserveErr: away}, "Database.Unavailable", []string{"accept", "reserve"}},
		"second try fails":   {&store{accepts: []error{errNotHeld, away}, reservation: lead.Reservation{Outcome: lead.OutcomeReserved}}, "Database.Unavailable", []string{"accept", "reserve", "accept", "release"}},
		"a defect":           {&store{accepts: []error{errors.New("marker@example.com is not null")}}, task.Failed, []string{"accept", "release"}},
	} {
		h, log := setup(row.store)
		_, err := h.Invoke(t.Context(), payload(t, nil))
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != row.want {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
		if !slices.Equal(row.store.calls, row.calls) {
			t.Errorf("%s: calls = %v, want %v", name, row.store.calls, row.calls)
		}
		if strings.Contains(log.String(), "arker") || strings.Contains(reported.Message, "arker") {
			t.Errorf("%s: log or error holds personal data: %s %s", name, log, reported.Message)
		}
	}
}

// sqlError is a failure as a store reports it.
type sqlError struct{}

func (*sqlError) Error() string        { return "accept lead: sqlstate 57P01" }
func (*sqlError) SQLState() string     { return "57P01" }
func (*sqlError) Is(target error) bool { return target == lead.ErrDatabaseUnavailable }

func TestPersist_ReleasesAfterTheTasksTimeIsUp(t *testing.T) {
	t.Parallel()
	s := &store{accepts: []error{&sqlError{}}}
	h, log := setup(s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Invoke(ctx, payload(t, nil)); err == nil {
		t.Fatal("want a failure")
	}
	if !slices.Equal(s.calls, []string{"accept", "release"}) || strings.Contains(log.String(), "slot held") {
		t.Errorf("calls = %v, log %s: the slot is not given back", s.calls, log)
	}
}

func TestPersist_RefusesAnInputThatIsNotOfTheContract(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`{}`, `[]`, `null`, `{"submission":{},"execution":"x","startedAt":"2026-11-21T12:00:00Z"}`, `{"submission":{},"execution":"x","startedAt":"yesterday"}`, `{"execution":"x","unknown":1}`} {
		s := &store{}
		h, _ := setup(s)
		_, err := h.Invoke(t.Context(), []byte(in))
		var reported messages.InvokeResponse_Error
		if !errors.As(err, &reported) || reported.Type != "Lead.Invalid" || len(s.calls) != 0 {
			t.Errorf("%s: %v after %v, want Lead.Invalid", in, err, s.calls)
		}
	}
}
