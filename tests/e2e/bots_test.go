package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	domain "github.com/alquimista-ai/nigredo/activities/lead"
)

// issued is the answer of GET /api/stamp.
type issued struct {
	Stamp     string    `json:"stamp"`
	ExpiresAt time.Time `json:"expiresAt"`
}

func (i *installation) stamp(t *testing.T) issued {
	t.Helper()
	a := i.call(t, request{method: http.MethodGet, path: "/api/stamp", address: i.address()})
	var s issued
	if err := json.Unmarshal(a.body, &s); err != nil || a.status != http.StatusOK {
		t.Fatalf("stamp: %d %s, %v", a.status, a.body, err)
	}
	return s
}

func TestStamp_IsPublicAndKeptNowhere(t *testing.T) {
	t.Parallel()
	first, second := up.stamp(t), up.stamp(t)
	if first.Stamp == "" || first.Stamp == second.Stamp || len(first.Stamp) > 512 {
		t.Errorf("stamps %q and %q", first.Stamp, second.Stamp)
	}
	if left := time.Until(first.ExpiresAt); left < 23*time.Hour || left > 25*time.Hour {
		t.Errorf("expires in %s, want a day", left)
	}
	a := up.call(t, request{method: http.MethodGet, path: "/api/stamp"})
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("headers %v, want no-store and no cookie", a.header)
	}
	up.call(t, request{method: http.MethodGet, path: "/api/stamp?x=1"}).problem(t, http.StatusBadRequest)
	up.call(t, request{path: "/api/stamp", body: "{}"}).problem(t, http.StatusNotFound)
}

// stampedLead is a whole post of a person, but for the stamp.
func stampedLead(t *testing.T, email, stamp string) string {
	t.Helper()
	return asJSONText(t, map[string]any{
		"name": "Ana D'Ávila", "email": email, "message": "Olá, quanto custa?",
		"consent": map[string]any{"accepted": true}, "checks": map[string]any{"stamp": stamp, "trap": ""},
	})
}

// A person whose stamp is fast, forged or old is delivered like any other.
func TestStamp_HoldsNoPersonBack(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(filepath.Join(up.Dir, "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	var secrets struct{ StampKey string }
	if err := json.Unmarshal(file, &secrets); err != nil {
		t.Fatal(err)
	}
	stamps, err := domain.NewStamper(secrets.StampKey)
	if err != nil {
		t.Fatal(err)
	}
	// The time of a stamp of ours, moved: no signature holds for that.
	moved := strings.Split(up.stamp(t).Stamp, ".")
	moved[1] = fmt.Sprint(time.Now().Add(-48 * time.Hour).UnixMilli())
	for name, stamp := range map[string]string{
		"fast":            up.stamp(t).Stamp,
		"forged":          "v1.1764000000000.AAAAAAAAAAAA." + base64.RawURLEncoding.EncodeToString(make([]byte, 32)),
		"old and forged":  strings.Join(moved, "."),
		"old":             stamps.Issue(time.Now().Add(-48 * time.Hour)),
		"of another form": "on",
		"none":            "",
	} {
		email := person()
		r := up.accept(t, request{address: up.address(), body: stampedLead(t, email, stamp)})
		up.receiver.wait(t, email, 1, soon)
		eventually(t, soon, leadStatus(t, r.ID, "delivered"))
		t.Logf("%s: delivered", name)
	}
}

// operator calls the API as one.
func (h house) operator(t *testing.T, role string, r request) answer {
	t.Helper()
	r.header = map[string]string{"Authorization": "Bearer " + strings.TrimSpace(h.run(t, "token", "--role", role))}
	return h.call(t, r)
}

// requireBooks sees the books with so many leads in each column, and the command
// finds nothing wrong with them.
func (h house) requireBooks(t *testing.T, quarantined, inFlight, delivered int) {
	t.Helper()
	eventually(t, soon, func() error {
		s := h.books(t)
		if s.Quarantined != quarantined || s.InFlight != inFlight || s.Delivered != delivered || s.Failed+s.Withheld+s.Unaccounted != 0 {
			return fmt.Errorf("books %+v, want %d quarantined, %d in flight, %d delivered", s, quarantined, inFlight, delivered)
		}
		return nil
	})
	h.run(t, "leads", "balance")
}

// requireWithheld waits for the end of an execution that sent nothing.
func (h house) requireWithheld(t *testing.T, execution string) {
	t.Helper()
	eventually(t, soon, func() error {
		got, err := h.sfn.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(execution)})
		if err == nil && aws.ToString(got.Output) != `{"outcome":"withheld"}` {
			err = fmt.Errorf("%s: %s", got.Status, aws.ToString(got.Output))
		}
		return err
	})
}

// One lead's way through quarantine, release and delivery, and what everybody sees
// of it on the way.
func TestQuarantine_ReleasedLeadIsDeliveredOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	botEmail, humanEmail := person(), person()
	spam := asJSONText(t, map[string]any{
		"name": "Mark Davis", "email": botEmail, "message": "Buy cheap backlinks! Guest posts, do-follow. https://best-backlinks.example.shop",
		"consent": map[string]any{"accepted": true}, "checks": map[string]any{"stamp": h.stamp(t).Stamp},
	})
	bot := h.call(t, request{address: h.address(), body: spam})
	human := h.call(t, request{address: h.address(), body: lead(humanEmail)})
	held, taken := bot.receipt(t), human.receipt(t)
	requireSameShape(t, bot, human)
	h.receiver.wait(t, humanEmail, 1, soon)
	h.requireBooks(t, 1, 0, 1)
	// The intake takes its time with an execution that has nothing to deliver.
	h.requireWithheld(t, strings.Replace(deliveryOf(held.ID), ":lead-", ":held-", 1))

	// The bot's repeat gets the first answer, and starts nothing either.
	if again := h.accept(t, request{address: h.address(), body: spam}); again.ID != held.ID {
		t.Errorf("the repeat is lead %s, want %s", again.ID, held.ID)
	}
	var seen struct {
		Status  string `json:"status"`
		Verdict string `json:"verdict"`
		Signals []struct {
			Name   string `json:"name"`
			Weight int    `json:"weight"`
		} `json:"signals"`
	}
	a := h.operator(t, "operator", request{method: http.MethodGet, path: "/api/leads/" + held.ID})
	if err := json.Unmarshal(a.body, &seen); err != nil {
		t.Fatal(err)
	}
	var signals []string
	for _, s := range seen.Signals {
		signals = append(signals, s.Name)
	}
	if seen.Status != "quarantined" || seen.Verdict != "spam" || !slices.Contains(signals, "stamp_fast") || !slices.Contains(signals, "pitch_seo") {
		t.Errorf("an operator sees %s", a.body)
	}

	path := "/api/leads/" + held.ID + "/release"
	const reason = `{"reason":"known to sales"}`
	h.call(t, request{path: path, body: reason}).problem(t, http.StatusUnauthorized)
	for _, role := range []string{"engineer", "auditor", "privacy"} {
		h.operator(t, role, request{path: path, body: reason}).problem(t, http.StatusForbidden)
	}
	h.operator(t, "operator", request{path: path, body: `{}`}).problem(t, http.StatusUnprocessableEntity)
	h.operator(t, "operator", request{path: path, body: `x`}).problem(t, http.StatusBadRequest)
	h.operator(t, "operator", request{path: "/api/leads/01930000-0000-7000-8000-00000000000a/release", body: reason}).problem(t, http.StatusNotFound)
	if p := h.operator(t, "operator", request{path: "/api/leads/" + taken.ID + "/release", body: reason}).problem(t, http.StatusConflict); !strings.Contains(p.Detail, "not quarantined; it is delivered") {
		t.Errorf("release of a delivered lead: %s", p.Detail)
	}
	h.requireBooks(t, 1, 0, 1)
	if n := len(h.receiver.got(botEmail)); n != 0 {
		t.Fatalf("the receiver has %d calls before the release", n)
	}

	if out := h.run(t, "leads", "release", held.Reference, "--reason", "known to sales"); !strings.Contains(out, "Released "+held.Reference) {
		t.Errorf("the command says %s", out)
	}
	h.receiver.wait(t, botEmail, 1, soon)
	h.requireBooks(t, 0, 0, 2)
	if p := h.operator(t, "operator", request{path: path, body: reason}).problem(t, http.StatusConflict); !strings.Contains(p.Detail, "released already; it is delivered") {
		t.Errorf("a second release: %s", p.Detail)
	}
	if _, err := h.Run(t.Context(), "leads", "release", held.ID, "--reason", "again"); err == nil || !strings.Contains(err.Error(), "exit status 5") {
		t.Errorf("a second release by the command: %v, want exit code 5", err)
	}
	if _, err := h.sfn.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(deliveryOf(held.ID))}); err != nil {
		t.Errorf("the delivery has not the name that lead_intake gives: %v", err)
	}
	if did := h.sweep(t, 2, `{"minimumAgeSeconds":0}`); did.Started+did.Restored != 0 {
		t.Errorf("the sweep did %+v after a release, want nothing", did)
	}
	if n := len(h.receiver.got(botEmail)); n != 1 {
		t.Errorf("the receiver has %d calls, want 1", n)
	}
	if got := h.text(t, `SELECT count(*) || ' ' || min(details::text) FROM nigredo.ledger WHERE lead_id = $1 AND kind = 'lead.released'`, held.ID); got != `1 {"reason": "known to sales"}` {
		t.Errorf("ledger: %s", got)
	}
}

// A start that fails leaves the release standing, and the sweep starts the delivery.
func TestQuarantine_SweepStartsWhatAReleaseCouldNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	email := person()
	held := h.accept(t, request{address: h.address(), body: `{"name":"Ana Souza","email":"` + email + `","consent":{"accepted":true},"checks":{"trap":"x"}}`})
	// A machine on which nothing runs goes at once.
	h.requireWithheld(t, strings.Replace(deliveryOf(held.ID), ":lead-", ":held-", 1))
	machine := aws.String(machines + "fibonacci_delivery")
	whole, err := h.sfn.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: machine})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.sfn.DeleteStateMachine(t.Context(), &sfn.DeleteStateMachineInput{StateMachineArn: machine}); err != nil {
		t.Fatal(err)
	}

	if out := h.run(t, "leads", "release", held.ID, "--reason", "known to sales"); !strings.Contains(out, "could not be started just now") {
		t.Errorf("the command says %s", out)
	}
	h.requireBooks(t, 0, 1, 0)
	eventually(t, soon, func() error {
		_, err := h.sfn.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
			Name: whole.Name, Definition: whole.Definition, RoleArn: whole.RoleArn, Type: whole.Type,
		})
		return err
	})
	h.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '5 minutes'`)
	if did := h.sweep(t, 1, `{}`); did.Started != 1 {
		t.Errorf("the sweep did %+v, want one started", did)
	}
	h.receiver.wait(t, email, 1, soon)
	h.requireBooks(t, 0, 0, 1)
}

// Somebody starts the delivery by hand first: it sees the quarantine, and has the name.
func TestQuarantine_ReleaseAfterAStartByHandIsDelivered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	email := person()
	held := h.accept(t, request{address: h.address(), body: `{"name":"Ana Souza","email":"` + email + `","consent":{"accepted":true},"checks":{"trap":"x"}}`})
	byHand := deliveryOf(held.ID)
	event := h.text(t, `SELECT event_id::text FROM nigredo.deliveries WHERE lead_id = $1`, held.ID)
	if _, err := h.sfn.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machines + "fibonacci_delivery"), Name: aws.String("lead-" + held.ID),
		Input: aws.String(`{"leadId":"` + held.ID + `","eventId":"` + event + `"}`),
	}); err != nil {
		t.Fatal(err)
	}
	h.requireWithheld(t, byHand)
	h.run(t, "leads", "release", held.ID, "--reason", "known to sales")
	// Whether its news came before or after the release, what it left is owed.
	eventually(t, soon, func() error {
		if h.text(t, `SELECT count(*)::text FROM nigredo.ledger WHERE lead_id = $1 AND kind = 'delivery.withheld'`, held.ID) == "0" {
			return errors.New("its end is not heard of")
		}
		return nil
	})
	h.sweep(t, 1, `{"minimumAgeSeconds":0}`)
	h.receiver.wait(t, email, 1, soon)
	h.requireBooks(t, 0, 0, 1)
}

// requireSameShape fails unless two answers differ in ids and times alone.
func requireSameShape(t *testing.T, one, other answer) {
	t.Helper()
	keys := func(a answer) []string {
		var body map[string]any
		if err := json.Unmarshal(a.body, &body); err != nil {
			t.Fatal(err)
		}
		if body["status"] != "accepted" {
			t.Errorf("status %v: a bot learns that it was caught", body["status"])
		}
		return slices.Sorted(maps.Keys(body))
	}
	headers := func(a answer) []string { return slices.Sorted(maps.Keys(a.header)) }
	if one.status != other.status || !slices.Equal(keys(one), keys(other)) || !slices.Equal(headers(one), headers(other)) {
		t.Errorf("answers differ:\n%d %v %s\n%d %v %s", one.status, one.header, one.body, other.status, other.header, other.body)
	}
}
