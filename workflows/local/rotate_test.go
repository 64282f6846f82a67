package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

func rotate(t *testing.T, dir string, overlap time.Duration, force bool, now time.Time) Rotation {
	t.Helper()
	r, err := RotateSecret(dir, overlap, force, now)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// nowInForce gives the secrets of a folder as a program that starts now has them.
func nowInForce(t *testing.T, dir string, now time.Time) []string {
	t.Helper()
	secrets, err := signing(settled{Config: Config{DataDir: dir}, log: zap.NewNop()}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	got, err := secrets()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func wantInForce(t *testing.T, dir string, now time.Time, want ...string) {
	t.Helper()
	if got := nowInForce(t, dir, now); !reflect.DeepEqual(got, want) {
		t.Errorf("at %s %d secrets are in force, want %d, the newest first", now.Format(time.TimeOnly), len(got), len(want))
	}
	shown, used, err := WebhookSecrets(dir, now)
	if err != nil || !used || len(shown) != len(want) {
		t.Fatalf("%d are shown, %v, %v", len(shown), used, err)
	}
	for i, s := range shown {
		if s.Secret != want[i] || s.Until.IsZero() != (i == 0) {
			t.Errorf("secret %d is shown as another one, or with an end at %s", i, s.Until)
		}
	}
}

func TestRotateSecret_OldOneStaysForTheOverlap(t *testing.T) {
	t.Parallel()
	dir := started(t)
	before, err := readSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	first := rotate(t, dir, time.Hour, false, noon)
	wantInForce(t, dir, noon.Add(time.Hour-1), first.Secret, before.WebhookSecret)
	wantInForce(t, dir, noon.Add(time.Hour), first.Secret)

	_, err = RotateSecret(dir, time.Hour, false, noon.Add(time.Hour-1))
	var rotating *RotatingError
	if !errors.As(err, &rotating) || !rotating.Until.Equal(noon.Add(time.Hour)) {
		t.Errorf("a second rotation: %v", err)
	}
	wantInForce(t, dir, noon, first.Secret, before.WebhookSecret) // nothing was changed

	forced := rotate(t, dir, time.Hour, true, noon.Add(time.Minute))
	wantInForce(t, dir, noon.Add(time.Minute), forced.Secret, first.Secret)
	later := rotate(t, dir, 0, false, noon.Add(2*time.Hour))
	wantInForce(t, dir, noon.Add(2*time.Hour), later.Secret)

	after, err := readSecrets(dir)
	if err != nil || after.LoginKey != before.LoginKey {
		t.Errorf("the key of the login was changed, %v", err)
	}
	if info, err := os.Stat(secretsFile(dir)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

func TestRotateSecret_Refuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		dir     string
		overlap time.Duration
		want    error
	}{
		"a negative overlap": {started(t), -1, ErrOverlap},
		"a long overlap":     {started(t), maxOverlap + 1, ErrOverlap},
		"nothing started":    {filepath.Join(t.TempDir(), "none"), time.Hour, fs.ErrNotExist},
		"another at once":    {held(t), time.Hour, flock.ErrHeld},
	} {
		if _, err := RotateSecret(test.dir, test.overlap, true, noon); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if name == "nothing started" {
			if _, err := os.Stat(test.dir); !errors.Is(err, fs.ErrNotExist) {
				t.Error("a folder was made")
			}
		}
	}
}

// held is a folder where a rotation is under way.
func held(t *testing.T) string {
	t.Helper()
	dir := started(t)
	lock, err := flock.Try(secretsFile(dir) + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Release() })
	return dir
}

func TestRotateSecret_RefusesWhileTheEnvironmentHasTheSecrets(t *testing.T) {
	t.Parallel()
	dir := started(t)
	var log bytes.Buffer
	start := func(environment string) []string {
		env := task.NewEnv(&log, time.Now)
		secrets, err := signing(settled{Config: Config{DataDir: dir, WebhookSecret: environment}, log: env.Log}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := secrets()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	a, b := newWebhookSecret(), newWebhookSecret()
	if got := start(a + " " + b); !reflect.DeepEqual(got, []string{a, b}) {
		t.Errorf("%d secrets in force, want both of the environment", len(got))
	}
	if !strings.Contains(log.String(), "FIBONACCI_WEBHOOK_SECRET") {
		t.Error("the log does not say where the secrets come from")
	}
	if _, err := RotateSecret(dir, time.Hour, true, noon); !errors.Is(err, ErrSecretsUnused) {
		t.Errorf("rotated all the same: %v", err)
	}
	if _, used, err := WebhookSecrets(dir, noon); used || err != nil {
		t.Errorf("shown as used, %v", err)
	}
	if got := start(""); len(got) != 1 || got[0] == a || got[0] == b {
		t.Error("the folder's own secret is not in force again")
	}
	r := rotate(t, dir, time.Hour, false, time.Now())
	for _, secret := range []string{a, b, r.Secret} {
		if strings.Contains(log.String(), secret[len("whsec_"):len("whsec_")+8]) {
			t.Error("the log holds a secret")
		}
	}
}

func TestSigning_KeepsTheSecretsWhenTheFileIsDamaged(t *testing.T) {
	t.Parallel()
	dir := started(t)
	var log bytes.Buffer
	secrets, err := signing(settled{Config: Config{DataDir: dir}, log: task.NewEnv(&log, time.Now).Log}, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	want, _ := secrets()
	for _, damage := range []func() error{
		func() error {
			return os.WriteFile(secretsFile(dir), []byte(`{"webhookSecret":"whsec_c2VjcmV0LWRldGFpbA==","login`), 0o600)
		},
		func() error { return os.Remove(secretsFile(dir)) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		log.Reset()
		for range 3 {
			if got, err := secrets(); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%d secrets, %v; want those before", len(got), err)
			}
		}
		if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), `"ERROR"`) || strings.Contains(log.String(), "c2VjcmV0LWRldGFpbA") {
			t.Errorf("the log says %s; want one error that quotes nothing", log.String())
		}
	}
}

// The phases of a rotation. In the odd ones it is uncertain what is in force.
const (
	before int32 = iota
	rotating
	overlap
	ending
	after
)

// rotationLoad receives events, verifies each with the old secret alone, with the
// new secret alone and as the built-in receiver does, and notes what is wrong by
// the phases in which the event was sent and received.
type rotationLoad struct {
	phase    atomic.Int32
	old, new atomic.Pointer[standardwebhooks.Webhook]
	builtIn  http.Handler
	received chan int32 // the phase of each event that was sent and received in one
	done     <-chan struct{}

	mu     sync.Mutex
	faults []string
}

func (l *rotationLoad) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var sent int32
	_, _ = fmt.Sscanf(r.Header.Get("Webhook-Id"), "msg_%d_", &sent)
	now := l.phase.Load()
	verified := func(v *standardwebhooks.Webhook) bool { return v != nil && v.Verify(body, r.Header) == nil }
	byOld, byNew := verified(l.old.Load()), verified(l.new.Load())
	signatures := len(strings.Fields(r.Header.Get("Webhook-Signature")))
	answer := httptest.NewRecorder()
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	l.builtIn.ServeHTTP(answer, again)

	wrong := now <= overlap && !byOld || // the old one is good until the overlap ends
		sent >= overlap && !byNew || // the new one from the rotation on
		answer.Code != http.StatusOK
	if sent == now {
		switch now {
		case before:
			wrong = wrong || byNew || signatures != 1
		case overlap:
			wrong = wrong || signatures != 2
		case after:
			wrong = wrong || byOld || signatures != 1
		}
	}
	if wrong {
		l.mu.Lock()
		l.faults = append(l.faults, fmt.Sprintf("sent in phase %d, received in %d: verified by the old secret %v, by the new %v, built-in receiver %d, %d signatures",
			sent, now, byOld, byNew, answer.Code, signatures))
		l.mu.Unlock()
	}
	w.WriteHeader(answer.Code)
	if sent == now {
		select {
		case l.received <- now:
		case <-l.done:
		}
	}
}

// await returns when so many events were sent and received in the phase.
func (l *rotationLoad) await(t *testing.T, phase int32, events int) {
	t.Helper()
	for events > 0 {
		select {
		case got := <-l.received:
			if got == phase {
				events--
			}
		case <-t.Context().Done():
			t.Fatal("the test ended")
		}
	}
}

func TestRotateSecret_UnderLoadNoReceiverRefuses(t *testing.T) {
	t.Parallel()
	const events = 200 // of each phase
	dir := started(t)
	var clock atomic.Int64 // since noon
	secrets, err := signing(settled{Config: Config{DataDir: dir}, log: zap.NewNop()}, func() time.Time { return noon.Add(time.Duration(clock.Load())) })
	if err != nil {
		t.Fatal(err)
	}
	receiver, err := fibonacci.New(task.NewEnv(io.Discard, time.Now), secrets, fibonacci.NewMemory(100_000), bus{log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l := &rotationLoad{builtIn: proxied(receiver), received: make(chan int32), done: ctx.Done()}
	verifier := func(secret string) *standardwebhooks.Webhook {
		v, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	l.old.Store(verifier(nowInForce(t, dir, noon)[0]))
	server := httptest.NewServer(l)
	defer server.Close()
	sender, err := deliver.NewSender(deliver.Target{URL: server.URL, Secrets: secrets, Private: true}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var senders sync.WaitGroup
	for n := range 4 {
		senders.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("msg_%d_%d_%d", l.phase.Load(), n, i)
				sender.Send(t.Context(), id, []byte(`{"type":"lead.created","timestamp":"2026-11-21T12:00:00Z","data":{"n":"\u2028 é"}}`))
			}
		})
	}
	l.await(t, before, events)
	l.phase.Store(rotating)
	l.new.Store(verifier(rotate(t, dir, time.Hour, false, noon).Secret))
	l.phase.Store(overlap)
	l.await(t, overlap, events)
	clock.Store(int64(time.Hour - 1))
	l.await(t, overlap, events)
	l.phase.Store(ending)
	clock.Store(int64(time.Hour))
	l.phase.Store(after)
	l.await(t, after, events)
	stop()
	senders.Wait()
	for _, fault := range l.faults {
		t.Error(fault)
	}
}
