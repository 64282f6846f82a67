package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
	"github.com/alquimista-ai/nigredo/workflows/local/inbox"
)

// builtIn is the receiver of a running program, as a sender sees it.
type builtIn struct {
	url    string
	signer *standardwebhooks.Webhook
}

// findReceiver finds the receiver in the log of the program that started last.
func findReceiver(tb testing.TB, cfg local.Config, log string) builtIn {
	tb.Helper()
	var line struct{ Message, URL string }
	for _, l := range strings.Split(log, "\n") {
		if strings.Contains(l, "the built-in receiver listens") {
			if err := json.Unmarshal([]byte(l), &line); err != nil {
				tb.Fatal(err)
			}
		}
	}
	secrets, _, err := local.WebhookSecrets(cfg.DataDir, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	signer, err := standardwebhooks.NewWebhook(secrets[0].Secret)
	if err != nil {
		tb.Fatal(err)
	}
	return builtIn{line.URL, signer}
}

// send sends an event and gives the status of the answer.
func (b builtIn) send(tb testing.TB, id string) int {
	tb.Helper()
	body := `{"type":"lead.created","timestamp":"2026-11-21T12:00:00.000Z","data":{"id":"0198c1a2-0000-7000-8000-000000000001","name":"Ana Marker"}}`
	now := time.Now()
	signature, err := b.signer.Sign(id, now, []byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, b.url, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header = http.Header{
		"Webhook-Id": {id}, "Webhook-Timestamp": {strconv.FormatInt(now.Unix(), 10)}, "Webhook-Signature": {signature},
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read below
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		tb.Fatal(err)
	}
	return response.StatusCode
}

func listed(t *testing.T, url string, about uuid.UUID) []inbox.Entry {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // the end of the test
	entries, err := inbox.List(t.Context(), conn, about, 100)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestReceiver_KnowsAnEventAgainAfterARestart(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	for restart := range 2 {
		out := &output{}
		cfg.Output = out
		i, err := local.Start(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := findReceiver(t, cfg, out.String()).send(t, "msg_1"); got != http.StatusOK {
			t.Errorf("restart %d: %d", restart, got)
		}
		if err := i.Close(); err != nil {
			t.Fatal(err)
		}
		for said, want := range map[string]bool{`"Bus: event taken"`: restart == 0, "event known already": restart == 1, "Marker": false} {
			if strings.Contains(out.String(), said) != want {
				t.Errorf("restart %d: the log says %s: want %v", restart, said, want)
			}
		}
	}
	if got := listed(t, cfg.DatabaseURL, uuid.Nil); len(got) != 1 || got[0].Repeats != 1 {
		t.Errorf("listed: %+v", got)
	}
}

func TestReceiver_FaultAppliesToTheRunningProgramAndEnds(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	out := &output{}
	cfg.Output = out
	start(t, cfg)
	r := findReceiver(t, cfg, out.String())
	if _, err := local.SetFault(cfg.DataDir, fibonacci.Fault{Status: 503, Share: 1}, time.Minute, time.Now()); err != nil {
		t.Fatal(err)
	}
	stranger := builtIn{url: r.url}
	stranger.signer, _ = standardwebhooks.NewWebhookRaw(make([]byte, 32))
	for name, sender := range map[string]builtIn{"the sender": r, "a stranger": stranger} {
		if got := sender.send(t, "msg_1"); got != http.StatusServiceUnavailable {
			t.Errorf("%s: %d during the fault", name, got)
		}
	}
	if len(listed(t, cfg.DatabaseURL, uuid.Nil)) != 0 {
		t.Error("an event was taken during the fault")
	}
	// One that was set two minutes ago for one minute.
	if _, err := local.SetFault(cfg.DataDir, fibonacci.Fault{Status: 503, Share: 1}, time.Minute, time.Now().Add(-2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := r.send(t, "msg_1"); got != http.StatusOK {
		t.Errorf("%d after the fault", got)
	}
	if err := os.WriteFile(filepath.Join(cfg.DataDir, "fault"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := r.send(t, "msg_2"); got != http.StatusOK || !strings.Contains(out.String(), "no fault is in force") {
		t.Errorf("%d with a damaged file, which the log must name", got)
	}
}

func TestRotateSecret_ReachesTheRunningProgram(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	out := &output{}
	cfg.Output = out
	i := start(t, cfg)
	r := findReceiver(t, cfg, out.String())
	rotation, err := local.RotateSecret(cfg.DataDir, time.Hour, false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := r.send(t, "msg_1"); got != http.StatusOK {
		t.Errorf("signed with the old secret: %d", got)
	}
	if got := findReceiver(t, cfg, out.String()).send(t, "msg_2"); got != http.StatusOK {
		t.Errorf("signed with the new secret: %d", got)
	}
	id := post(t, i)
	awaitStatus(t, i, id, "delivered")
	if got := listed(t, cfg.DatabaseURL, uuid.MustParse(id)); len(got) != 1 || got[0].Type != "lead.created" {
		t.Errorf("the lead's event is listed as %+v", got)
	}
	if _, err := local.RotateSecret(cfg.DataDir, 0, true, time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := r.send(t, "msg_3"); got != http.StatusUnauthorized {
		t.Errorf("signed with a secret that ended: %d", got)
	}
	if strings.Contains(out.String(), rotation.Secret[len("whsec_"):]) {
		t.Error("the log holds a secret")
	}
}

// BenchmarkReceiver measures the built-in receiver of "nigredo up" over HTTP, on a
// database that syncs what it commits: one event after the other, each new.
func BenchmarkReceiver(b *testing.B) {
	out := &output{}
	cfg := local.Config{
		Addr: "127.0.0.1:0", SFNAddr: "127.0.0.1:0", DataDir: filepath.Join(b.TempDir(), "data"),
		DatabaseURL: testdb.Durable(b).Config().ConnString(), Cache: cluster.CacheDir(os.Getenv), Output: out,
	}
	i, err := local.Start(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	defer i.Close() //nolint:errcheck // the end of the benchmark
	r := findReceiver(b, cfg, out.String())
	var took []time.Duration
	for b.Loop() {
		started := time.Now()
		if got := r.send(b, fmt.Sprintf("msg_%d", len(took))); got != http.StatusOK {
			b.Fatal(got)
		}
		took = append(took, time.Since(started))
	}
	slices.Sort(took)
	for name, share := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99, "max-ms": 1} {
		at := min(len(took)-1, int(share*float64(len(took))))
		b.ReportMetric(float64(took[at].Microseconds())/1000, name)
	}
}
