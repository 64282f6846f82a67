package sfn

import (
	"net/http"
	"strings"
	"testing"
)

func TestAdmit_TakesLoopbackHostsInBothForms(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"127.0.0.1:8083", "127.0.0.1", "127.8.9.10:1", "localhost:8083", "LOCALHOST", "[::1]:8083", "[::1]",
		"sync-127.0.0.1:8083", "sync-localhost:8083", "sync-localhost",
	} {
		b := setup(t)
		req := newRequest("ListStateMachines", "{}")
		req.Host = host
		if status, body := b.send(t, req); status != http.StatusOK {
			t.Errorf("Host %s: %d %s", host, status, body)
		}
	}
}

// A page that rebinds its own name to 127.0.0.1 still sends that name as Host.
func TestAdmit_RefusesHostsThatAreNotLoopback(t *testing.T) {
	t.Parallel()
	for _, host := range []string{
		"", "evil.example", "evil.example:8083", "127.0.0.1.evil.example", "localhost.evil.example", "sync-evil.example",
		"10.0.0.1", "0.0.0.0:8083", "[::]:8083", "192.168.0.1:8083", "sync-sync-127.0.0.1", "127.0.0.1@evil.example", "2130706433",
	} {
		b := setup(t)
		req := newRequest("ListStateMachines", "{}")
		req.Host = host
		if status, body := b.send(t, req); status != http.StatusForbidden || !strings.Contains(body, "#AccessDeniedException") {
			t.Errorf("Host %s: %d %s", host, status, body)
		}
		if len(b.engine.asked) > 0 {
			t.Errorf("Host %s: reached the engine", host)
		}
	}
}

func TestAdmit_RefusesWhatABrowserSends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"Origin of a page", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }, http.StatusForbidden},
		{"Origin of this server", func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:8083") }, http.StatusForbidden},
		{"Origin null", func(r *http.Request) { r.Header.Set("Origin", "null") }, http.StatusForbidden},
		{"fetch metadata", func(r *http.Request) { r.Header.Set("Sec-Fetch-Mode", "no-cors") }, http.StatusForbidden},
		{"text/plain", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, http.StatusUnsupportedMediaType},
		{"form", func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, http.StatusUnsupportedMediaType},
		{"JSON", func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, http.StatusUnsupportedMediaType},
		{"no content type", func(r *http.Request) { r.Header.Del("Content-Type") }, http.StatusUnsupportedMediaType},
		{"GET", func(r *http.Request) { r.Method = http.MethodGet }, http.StatusNotFound},
		{"preflight", func(r *http.Request) { r.Method = http.MethodOptions }, http.StatusNotFound},
		{"another path", func(r *http.Request) { r.URL.Path = "/index.html" }, http.StatusNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			req := newRequest("ListStateMachines", "{}")
			c.change(req)
			status, body := b.send(t, req)
			if status != c.status {
				t.Errorf("%d %s, want %d", status, body, c.status)
			}
			if len(b.engine.asked) > 0 {
				t.Error("reached the engine")
			}
		})
	}
}

func TestAdmit_TakesAParameterOfTheContentType(t *testing.T) {
	t.Parallel()
	b := setup(t)
	req := newRequest("ListStateMachines", "{}")
	req.Header.Set("Content-Type", contentType+"; charset=utf-8")
	if status, body := b.send(t, req); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}

func TestAdmit_DoesNotCheckTheSignature(t *testing.T) {
	t.Parallel()
	b := setup(t)
	req := newRequest("ListStateMachines", "{}")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=any/20261121/us-east-1/states/aws4_request, SignedHeaders=host, Signature=00")
	if status, body := b.send(t, req); status != http.StatusOK {
		t.Errorf("%d %s", status, body)
	}
}
