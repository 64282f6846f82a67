package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// fakeIssuer serves discovery and a key set, and counts how often it is asked.
type fakeIssuer struct {
	*httptest.Server

	asked atomic.Int32
	fail  atomic.Bool
	kid   atomic.Value
	named func(url string) string // the issuer that discovery names
}

func newFakeIssuer(t *testing.T) *fakeIssuer {
	t.Helper()
	f := &fakeIssuer{named: func(url string) string { return url }}
	f.kid.Store("first")
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		f.asked.Add(1)
		if f.fail.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": f.named(f.URL), "jwks_uri": f.URL + "/keys"})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		ours, _ := testKeys()
		kid, _ := f.kid.Load().(string)
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: ours.Public(), KeyID: kid, Use: "sig"}}})
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

func TestRemoteKeys_AsksAgainForAnUnknownKeyAtMostEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	issuer := newFakeIssuer(t)
	now := testNow
	keys := NewRemoteKeys(issuer.URL, issuer.Client(), func() time.Time { return now })

	for range 3 {
		if _, err := keys.Key(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
	}
	if n := issuer.asked.Load(); n != 1 {
		t.Fatalf("asked %d times for a known key, want once", n)
	}

	issuer.kid.Store("second")
	for range 100 {
		if _, err := keys.Key(t.Context(), "second"); !errors.Is(err, ErrUnauthorized) {
			t.Fatalf("got %v", err)
		}
	}
	if n := issuer.asked.Load(); n != 1 {
		t.Fatalf("asked %d times inside five minutes, want once", n)
	}

	now = now.Add(5 * time.Minute)
	if _, err := keys.Key(t.Context(), "second"); err != nil {
		t.Errorf("rotated key: %v", err)
	}
	if _, err := keys.Key(t.Context(), "first"); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("withdrawn key: %v", err)
	}
}

func TestRemoteKeys_FailureIsNoVerdictOnTheToken(t *testing.T) {
	t.Parallel()
	issuer := newFakeIssuer(t)
	issuer.fail.Store(true)
	now := testNow
	keys := NewRemoteKeys(issuer.URL, issuer.Client(), func() time.Time { return now })
	if _, err := keys.Key(t.Context(), "first"); err == nil || errors.Is(err, ErrUnauthorized) {
		t.Errorf("got %v, want an error that is not ErrUnauthorized", err)
	}
	issuer.fail.Store(false)
	now = now.Add(retryEvery)
	if _, err := keys.Key(t.Context(), "first"); err != nil {
		t.Errorf("after the issuer is back: %v", err)
	}
}

func TestRemoteKeys_KnownKeysOutliveTheIssuer(t *testing.T) {
	t.Parallel()
	issuer := newFakeIssuer(t)
	now := testNow
	keys := NewRemoteKeys(issuer.URL, issuer.Client(), func() time.Time { return now })
	if _, err := keys.Key(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	issuer.fail.Store(true)
	now = now.Add(time.Hour)
	if _, err := keys.Key(t.Context(), "unknown"); err == nil {
		t.Error("unknown key: no error")
	}
	if _, err := keys.Key(t.Context(), "first"); err != nil {
		t.Errorf("known key: %v", err)
	}
}

func TestRemoteKeys_RefusesADiscoveryThatNamesAnotherIssuer(t *testing.T) {
	t.Parallel()
	issuer := newFakeIssuer(t)
	issuer.named = func(string) string { return "https://evil.example" }
	keys := NewRemoteKeys(issuer.URL, issuer.Client(), time.Now)
	if _, err := keys.Key(t.Context(), "first"); err == nil {
		t.Error("no error")
	}
}
