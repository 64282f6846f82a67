package chaos

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/alquimista-ai/nigredo/tests/program"
)

// The inbox of the built-in receiver commits without waiting for the disk. The row
// of the attempt is waited for and comes later, so that what is on record as
// delivered must be remembered, whenever the kill came.
func TestReceiver_KilledAtARandomMomentKnowsWhatWasDelivered(t *testing.T) {
	random := moments(t)
	p, err := program.New(t.Context(), t.TempDir(), "NIGREDO_RATE_LIMIT=0")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	s := startStream(t, p.URL)
	for range kills(1, 10) {
		before := s.count()
		await(t, backWithin, "leads", func() bool { return s.count() > before+20 })
		wait(t, random)
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		delivered, forgotten := recorded(t, p)
		t.Logf("after the kill %d events are on record as delivered", delivered)
		if delivered == 0 || len(forgotten) > 0 {
			t.Errorf("forgotten of %d: %v", delivered, forgotten)
		}
	}
	s.end()

	sentAgain(t, p)
}

// recorded counts the events that were delivered by the attempts' rows, and gives
// those that the receiver does not know.
func recorded(t *testing.T, p *program.Program) (delivered int, forgotten []string) {
	t.Helper()
	rows, err := connect(t, p).Query(t.Context(), `
		SELECT DISTINCT event_id::text, EXISTS (SELECT FROM fibonacci.events e WHERE e.webhook_id = 'msg_' || l.event_id)
		FROM nigredo.webhook_logs l WHERE success`)
	if err != nil {
		t.Fatal(err)
	}
	var id string
	var known bool
	if _, err := pgx.ForEachRow(rows, []any{&id, &known}, func() error {
		delivered++
		if !known {
			forgotten = append(forgotten, id)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return delivered, forgotten
}

// sentAgain sends an event from before the kill again: it is known. So is the
// fault that was set meanwhile.
func sentAgain(t *testing.T, p *program.Program) {
	t.Helper()
	run := func(args ...string) string {
		out, err := p.Run(t.Context(), args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	oldest := func() (id string, repeats int) {
		err := connect(t, p).QueryRow(t.Context(), `SELECT webhook_id, repeats FROM fibonacci.events ORDER BY received_at LIMIT 1`).Scan(&id, &repeats)
		if err != nil {
			t.Fatal(err)
		}
		return id, repeats
	}
	id, before := oldest()
	run("fibonacci", "fault", "--status", "503", "--for", "1h")
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status := sendAs(t, p, run("secret", "show", "--reveal", "--json"), id); status != http.StatusServiceUnavailable {
		t.Errorf("the fault is forgotten: %d", status)
	}
	run("fibonacci", "fault", "--off")
	if status := sendAs(t, p, run("secret", "show", "--reveal", "--json"), id); status != http.StatusOK {
		t.Errorf("sent again: %d", status)
	}
	if _, after := oldest(); after != before+1 {
		t.Errorf("the event was repeated %d times, then %d: it was not known", before, after)
	}
}

// sendAs sends an event to the built-in receiver, which it finds in the log.
func sendAs(t *testing.T, p *program.Program, shown, id string) int {
	t.Helper()
	var secrets struct{ Secrets []struct{ Secret string } }
	if err := json.Unmarshal([]byte(shown), &secrets); err != nil {
		t.Fatal(err)
	}
	signer, err := standardwebhooks.NewWebhook(secrets.Secrets[0].Secret)
	if err != nil {
		t.Fatal(err)
	}
	log := p.Output.String()
	line := log[strings.LastIndex(log, "the built-in receiver listens"):]
	_, line, _ = strings.Cut(line, `"url":"`)
	url, _, _ := strings.Cut(line, `"`)
	const body = `{"type":"lead.created","timestamp":"2026-11-21T12:00:00Z","data":{}}`
	now := time.Now()
	signature, err := signer.Sign(id, now, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)}, "Webhook-Signature": {signature},
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
