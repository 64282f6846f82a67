package receiver_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/receiver"
)

// hijacked gives the handler the bare connection.
func hijacked(t *testing.T, answer func(net.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		answer(conn)
		_ = conn.Close()
	})
}

func reset(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }

func TestCheck_NoAnswerIsOneVerdict(t *testing.T) {
	t.Parallel()
	hang := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server see the client go
		<-r.Context().Done()
	})
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)
	old := httptest.NewUnstartedServer(http.NotFoundHandler())
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	t.Cleanup(old.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, test := range map[string]struct{ url, want string }{
		"hangs":           {serve(t, hang), "no answer within"},
		"resets":          {serve(t, hijacked(t, reset)), "closed before an answer"},
		"closes":          {serve(t, hijacked(t, func(net.Conn) {})), "closed before an answer"},
		"answers garbage": {serve(t, hijacked(t, func(c net.Conn) { _, _ = c.Write([]byte("secret-detail\r\n\r\n")) })), "not an answer in HTTP"},
		"endless headers": {serve(t, hijacked(t, endless)), "not an answer in HTTP"},
		"nobody listens":  {closed.URL, "refused"},
		"no such host":    {"https://receiver.invalid/", "could not be resolved"},
		"untrusted":       {untrusted.URL, "not trusted"},
		"speaks TLS 1.1":  {old.URL, "TLS handshake"},
		"speaks no TLS":   {strings.Replace(serve(t, http.NotFoundHandler()), "http:", "https:", 1), "does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			card := check(t, test.url, receiver.Options{Timeout: time.Second, Limit: time.Second / 2})
			if card.Reachable || !strings.HasPrefix(card.Verdict, "Not reachable: ") || !strings.Contains(card.Verdict, test.want) {
				t.Errorf("%q; want %q", card.Verdict, test.want)
			}
			if card.Failed != 1 || card.NotRun != 10 || card.Checks[0].Fix == "" {
				t.Errorf("%+v", card)
			}
			if document, _ := json.Marshal(card); strings.Contains(string(document), "secret-detail") {
				t.Errorf("the scorecard quotes what a stranger sent: %s", document)
			}
		})
	}
}

func endless(c net.Conn) {
	_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n"))
	for line := []byte("X: " + strings.Repeat("x", 1000) + "\r\n"); ; {
		if _, err := c.Write(line); err != nil {
			return
		}
	}
}

func TestCheck_SilenceIsJudgedBySlowAnswerAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.good.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.ContentLength != 20<<10 {
			return true
		}
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return false
	}
	card := check(t, serve(t, b.good), receiver.Options{Timeout: time.Second, Limit: time.Second / 2})
	if got := of(card, receiver.Failed); !slices.Equal(got, []string{"slow answer"}) || card.NotRun != 1 {
		t.Errorf("failed %q, not run %q", got, of(card, receiver.NotRun))
	}
}

func TestCheck_StopsAskingWhoDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	requests := 0
	b.good.before = func(_ http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		requests++
		late := requests > 1
		mu.Unlock()
		if late {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}
		return !late
	}
	card := check(t, serve(t, b.good), receiver.Options{Timeout: time.Second, Limit: time.Second / 2})
	if got := of(card, receiver.Failed); !slices.Equal(got, []string{"slow answer"}) {
		t.Errorf("failed %q", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if requests != 4 {
		t.Errorf("%d requests, want one and three without an answer", requests)
	}
}

func TestCheck_ResetOnOneEventFailsThatCheck(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.good.before = func(w http.ResponseWriter, r *http.Request) bool {
		if r.ContentLength == 20<<10 {
			hijacked(t, reset).ServeHTTP(w, r)
			return false
		}
		return true
	}
	card := check(t, serve(t, b.good), receiver.Options{})
	if got := of(card, receiver.Failed); !slices.Equal(got, []string{"20 KiB body"}) || card.NotRun != 0 {
		t.Errorf("failed %q, not run %q", got, of(card, receiver.NotRun))
	}
}

func TestCheck_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.good.before = func(http.ResponseWriter, *http.Request) bool { cancel(); return true }
	target := receiver.Target{URL: serve(t, b.good), Secrets: []string{secret()}}
	if _, err := receiver.Check(ctx, target, receiver.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := b.good.taken(); n > 1 {
		t.Errorf("%d events after the end", n)
	}
}

func TestCheck_RefusesTargets(t *testing.T) {
	t.Parallel()
	const url = "https://receiver.invalid/"
	short := "whsec_" + base64.StdEncoding.EncodeToString([]byte("short"))
	for name, test := range map[string]struct {
		target receiver.Target
		want   string
	}{
		"no URL":                    {receiver.Target{Secrets: []string{secret()}}, "https://"},
		"no host":                   {receiver.Target{URL: "https:///x", Secrets: []string{secret()}}, "https://"},
		"another scheme":            {receiver.Target{URL: "ftp://example.com/", Secrets: []string{secret()}}, "neither"},
		"a user":                    {receiver.Target{URL: "https://u@example.com/", Secrets: []string{secret()}}, "user"},
		"a fragment":                {receiver.Target{URL: url + "#x", Secrets: []string{secret()}}, "fragment"},
		"plain http elsewhere":      {receiver.Target{URL: "http://example.com/", Secrets: []string{secret()}}, "use https"},
		"plain http, private":       {receiver.Target{URL: "http://192.168.1.7/", Secrets: []string{secret()}}, "use https"},
		"no secret":                 {receiver.Target{URL: url}, "0 secrets"},
		"three secrets":             {receiver.Target{URL: url, Secrets: []string{secret(), secret(), secret()}}, "3 secrets"},
		"a secret that is short":    {receiver.Target{URL: url, Secrets: []string{short}}, "24 to 64 bytes"},
		"a secret without a prefix": {receiver.Target{URL: url, Secrets: []string{secret()[6:]}}, "whsec_"},
	} {
		_, err := receiver.Check(t.Context(), test.target, receiver.Options{})
		if !errors.Is(err, receiver.ErrTarget) || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), secret()[6:]) {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
}

// A public address is never sent plain http, also when the name of a private
// network was allowed.
func TestCheck_PlainHTTPStaysOnPrivateNetworks(t *testing.T) {
	t.Parallel()
	target := receiver.Target{URL: "http://203.0.113.7/", Secrets: []string{secret()}, Private: true}
	card, err := receiver.Check(t.Context(), target, receiver.Options{})
	if err != nil || card.Reachable || !strings.Contains(card.Verdict, "Use https") {
		t.Errorf("%+v, %v", card, err)
	}
}
