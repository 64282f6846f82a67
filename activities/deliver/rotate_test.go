package deliver

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func verifies(t *testing.T, secret string, body []byte, header http.Header) bool {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return verifier.Verify(body, header) == nil
}

// The sender asks with every attempt: a program that runs signs with what is in
// force, without a restart.
func TestSender_SignsWithTheSecretsInForceNow(t *testing.T) {
	t.Parallel()
	calls := 0
	var got []byte
	var header http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls++
		got, _ = io.ReadAll(r.Body)
		header = r.Header
	}))
	t.Cleanup(server.Close)
	inForce := fixed(secret('a'))
	s, err := NewSender(Target{URL: server.URL, Private: true, Secrets: func() ([]string, error) { return inForce() }}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.CloseIdleConnections)

	body := []byte(`{"a": "Ana D'Ávila \u2028"}`)
	for name, step := range map[string]struct {
		secrets  []string
		old, new bool
	}{
		"before a rotation": {[]string{secret('a')}, true, false},
		"while it goes on":  {[]string{secret('b'), secret('a')}, true, true},
		"after it":          {[]string{secret('b')}, false, true},
	} {
		inForce = fixed(step.secrets...)
		if r := s.Send(t.Context(), "msg_1", body); r.failure != nil {
			t.Fatalf("%s: %+v", name, r)
		}
		signatures := strings.Fields(header.Get("Webhook-Signature"))
		if len(signatures) != len(step.secrets) || string(got) != string(body) {
			t.Errorf("%s: %d signatures over %s, want %d", name, len(signatures), got, len(step.secrets))
		}
		if verifies(t, secret('a'), got, header) != step.old || verifies(t, secret('b'), got, header) != step.new {
			t.Errorf("%s: want the old secret to verify: %v, the new one: %v", name, step.old, step.new)
		}
		header.Set("Webhook-Signature", signatures[0])
		if !verifies(t, step.secrets[0], got, header) {
			t.Errorf("%s: the first signature is not of the first secret", name)
		}
	}

	calls = 0
	for name, secrets := range map[string]func() ([]string, error){
		"unreadable": func() ([]string, error) { return nil, errors.New("secret-detail") },
		"none":       fixed(),
		"not one":    fixed("secret-detail"),
	} {
		inForce = secrets
		r := s.Send(t.Context(), "msg_1", body)
		if !errors.Is(r.failure, lead.ErrFibonacciUnavailable) || strings.Contains(r.failure.Error(), "secret-detail") || calls != 0 {
			t.Errorf("%s: %v after %d calls; want an attempt that failed, with nothing sent and nothing told", name, r.failure, calls)
		}
	}
}
