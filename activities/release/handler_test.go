package release_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/release"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

var (
	now     = time.Date(2026, 11, 21, 12, 0, 0, 123_000_000, time.UTC)
	leadID  = uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	eventID = uuid.MustParse("01930000-0000-7000-8000-00000000000b")
	entryID = uuid.MustParse("01930000-0000-7000-8000-00000000000c")
	freed   = lead.Released{Found: true, Done: true, Status: lead.StatusAccepted, Reference: "NG-7K3M-9Q2X", At: now, EventID: eventID}
)

// world is the store and the starter of one test, with what was asked of them.
type world struct {
	released lead.Released
	err      error // of the store
	startErr error

	asked   []lead.Release
	started []string
	out     bytes.Buffer
}

func (w *world) ReleaseLead(_ context.Context, r lead.Release) (lead.Released, error) {
	w.asked = append(w.asked, r)
	return w.released, w.err
}

func (w *world) StartDelivery(_ context.Context, name string, id lead.ID, event uuid.UUID) error {
	w.started = append(w.started, name+" "+id.String()+" "+event.String())
	return w.startErr
}

func (w *world) call(t *testing.T, role, id, body string) events.APIGatewayProxyResponse {
	t.Helper()
	newID := func() (uuid.UUID, error) { return entryID, nil }
	return tasktest.Call(t, release.New(task.NewEnv(&w.out, func() time.Time { return now }), w, w, newID), events.APIGatewayProxyRequest{
		PathParameters: map[string]string{"id": id}, Body: body, RequestContext: tasktest.SignedIn(role),
	})
}

const reason = `{"reason":"a person, by phone"}`

func TestRelease_FreesTheLeadThenStartsItsDelivery(t *testing.T) {
	t.Parallel()
	w := &world{released: freed}
	response := w.call(t, "operator", leadID.String(), reason)
	want := `{"id":"` + leadID.String() + `","reference":"NG-7K3M-9Q2X","status":"accepted","releasedAt":"2026-11-21T12:00:00.123Z","started":true}`
	if response.StatusCode != 200 || response.Body != want {
		t.Errorf("got %d %s, want %s", response.StatusCode, response.Body, want)
	}
	if len(w.asked) != 1 || w.asked[0] != (lead.Release{ID: entryID, LeadID: leadID, Subject: "subject-1", Reason: "a person, by phone"}) {
		t.Errorf("asked %+v", w.asked)
	}
	if len(w.started) != 1 || w.started[0] != "lead-"+leadID.String()+" "+leadID.String()+" "+eventID.String() {
		t.Errorf("started %v", w.started)
	}
	if strings.Contains(w.out.String(), "by phone") {
		t.Errorf("the log quotes the reason: %s", &w.out)
	}
}

func TestRelease_AStartThatFailsIsLeftToTheSweep(t *testing.T) {
	t.Parallel()
	w := &world{released: freed, startErr: errors.New("throttled")}
	response := w.call(t, "operator", leadID.String(), reason)
	if response.StatusCode != 200 || !strings.Contains(response.Body, `"started":false`) || !strings.Contains(w.out.String(), "the sweep starts it") {
		t.Errorf("%+v, log %s", response, &w.out)
	}
}

func TestRelease_StartsNothingWithoutADueDelivery(t *testing.T) {
	t.Parallel()
	lost := freed
	lost.EventID = uuid.Nil
	w := &world{released: lost}
	if response := w.call(t, "operator", leadID.String(), reason); response.StatusCode != 200 || !strings.Contains(response.Body, `"started":false`) || len(w.started) > 0 {
		t.Errorf("%+v, started %v", response, w.started)
	}
}

func TestRelease_AnExecutionThatRanInTheQuarantineKeepsItsName(t *testing.T) {
	t.Parallel()
	ran := freed
	ran.Taken = true
	w := &world{released: ran}
	w.call(t, "operator", leadID.String(), reason)
	name := "lead-" + leadID.String() + "-" + entryID.String()
	if len(w.started) != 1 || !strings.HasPrefix(w.started[0], name+" ") || len(name) > 80 {
		t.Errorf("started %v, want %s", w.started, name)
	}
}

func TestRelease_RefusesWithWhatIsKnown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		released lead.Released
		status   int
		says     string
	}{
		{"no such lead", lead.Released{}, 404, "no such lead"},
		{"delivered", lead.Released{Found: true, Status: lead.StatusDelivered}, 409, "not quarantined; it is delivered"},
		{"released before", lead.Released{Found: true, Earlier: true, Status: lead.StatusAccepted}, 409, "released already; it is accepted"},
	} {
		w := &world{released: tt.released}
		if response := w.call(t, "operator", leadID.String(), reason); response.StatusCode != tt.status || !strings.Contains(response.Body, tt.says) || len(w.started) > 0 {
			t.Errorf("%s: %+v, started %v", tt.name, response, w.started)
		}
	}
}

func TestRelease_AsksTheStoreForNothingThatIsMalformed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, id, body string
		status         int
	}{
		{"no id", "7", reason, 404},
		{"id in capitals", strings.ToUpper(leadID.String()), reason, 404},
		{"no body", leadID.String(), "", 400},
		{"no reason", leadID.String(), "{}", 422},
		{"an unknown member", leadID.String(), `{"reason":"x","force":true}`, 422},
	} {
		w := &world{released: freed}
		if response := w.call(t, "operator", tt.id, tt.body); response.StatusCode != tt.status || len(w.asked) > 0 {
			t.Errorf("%s: %+v after %d questions, want %d", tt.name, response, len(w.asked), tt.status)
		}
	}
}

func TestRelease_IsForOperators(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"": 401, "auditor": 403, "privacy": 403, "engineer": 403, "operator": 200, "[engineer operator]": 200} {
		w := &world{released: freed}
		response := w.call(t, role, leadID.String(), reason)
		if asked := map[bool]int{true: 1}[status == 200]; response.StatusCode != status || len(w.asked) != asked {
			t.Errorf("role %q: status %d after %d questions, want %d", role, response.StatusCode, len(w.asked), status)
		}
	}
}

func TestRelease_FailuresSayNothingOfTheInside(t *testing.T) {
	t.Parallel()
	for err, status := range map[error]int{lead.ErrDatabaseUnavailable: 503, errors.New("table nigredo.leads is gone"): 500} {
		w := &world{err: err}
		if response := w.call(t, "operator", leadID.String(), reason); response.StatusCode != status || strings.Contains(response.Body, "nigredo.") || len(w.started) > 0 {
			t.Errorf("%v: %+v", err, response)
		}
	}
}
