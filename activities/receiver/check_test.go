package receiver_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"go.uber.org/goleak"

	"github.com/alquimista-ai/nigredo/activities/receiver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// names of the checks, in their order.
var names = []string{
	"good signature", "bad signature", "stale timestamp", "future timestamp", "duplicate id", "two secrets",
	"unknown field", "20 KiB body", "UTF-8 names", "slow answer", "redirect",
}

// clock runs with the real one, ahead by what was added.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// good is a receiver as it should be. Each deliberately bad one changes one of
// its members.
type good struct {
	signed    func(body []byte, h http.Header) bool
	past      time.Duration
	future    time.Duration
	known     int // answer to an id that was taken
	limit     int64
	readable  func(body []byte) bool
	forged    int // answer to what is not signed
	before    func(w http.ResponseWriter, r *http.Request) bool
	mu        sync.Mutex
	ids       map[string]bool
	events    int
	bodies    [][]byte
	redirects int
}

func newGood(verifier *standardwebhooks.Webhook) *good {
	return &good{
		signed: func(body []byte, h http.Header) bool { return verifier.VerifyIgnoringTimestamp(body, h) == nil },
		past:   5 * time.Minute, future: 5 * time.Minute, known: 200, limit: 64 << 10, forged: 401,
		readable: func(body []byte) bool { return json.Unmarshal(body, &struct{}{}) == nil },
		before:   func(http.ResponseWriter, *http.Request) bool { return true },
		ids:      map[string]bool{},
	}
}

func (g *good) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.before(w, r) {
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, g.limit))
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	seconds, err := strconv.ParseInt(r.Header.Get("webhook-timestamp"), 10, 64)
	age := time.Since(time.Unix(seconds, 0))
	if err != nil || age > g.past || -age > g.future || !g.signed(body, r.Header) {
		w.WriteHeader(g.forged)
		return
	}
	if !g.readable(body) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	id := r.Header.Get("webhook-id")
	if g.ids[id] {
		w.WriteHeader(g.known)
		return
	}
	g.ids[id] = true
	g.events++
	g.bodies = append(g.bodies, body)
}

// taken is how many events there are.
func (g *good) taken() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.events
}

// strict reads the members that it knows and refuses others.
func strict(body []byte) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&struct {
		Type, Timestamp string
		Data            struct{ Name, Message string }
	}{}) == nil
}

func secret() string {
	return "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32))
}

type bundle struct {
	good     *good
	clock    *clock
	verifier *standardwebhooks.Webhook
}

func setup(t *testing.T) bundle {
	t.Helper()
	verifier, err := standardwebhooks.NewWebhook(secret())
	if err != nil {
		t.Fatal(err)
	}
	return bundle{newGood(verifier), &clock{}, verifier}
}

func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/webhooks"
}

func check(t *testing.T, url string, options receiver.Options) receiver.Scorecard {
	t.Helper()
	card, err := receiver.Check(t.Context(), receiver.Target{URL: url, Secrets: []string{secret()}}, options)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func of(card receiver.Scorecard, status receiver.Status) []string {
	var found []string
	for _, r := range card.Checks {
		if r.Status == status {
			found = append(found, r.Name)
		}
	}
	return found
}

func TestCheck_GoodReceiverGetsFullMarks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var told []string
	card := check(t, serve(t, b.good), receiver.Options{Progress: func(r receiver.Result) { told = append(told, r.Name) }})
	if !card.Full() || card.Passed != len(names) || !card.Reachable || card.Verdict != "11 of 11 checks passed" {
		t.Errorf("%+v", card)
	}
	if !slices.Equal(told, names) || !slices.Equal(of(card, receiver.Passed), names) {
		t.Errorf("told %v, passed %v; want %v", told, of(card, receiver.Passed), names)
	}
	requests := 0
	for _, r := range card.Checks {
		requests += len(r.Answers)
		if r.Fix != "" || r.Snippet != "" {
			t.Errorf("%s passed and says what to fix: %+v", r.Name, r)
		}
	}
	if requests != 18 || b.good.taken() != 9 {
		t.Errorf("%d requests, %d events taken; want 18 and 9", requests, b.good.taken())
	}
}

func TestCheck_SendsTestEventsThatReachTheSizeAndTheLetters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	check(t, serve(t, b.good), receiver.Options{})
	sizes, text := 0, ""
	for _, body := range b.good.bodies {
		var event struct {
			Type string
			Data struct{ Name string }
		}
		if err := json.Unmarshal(body, &event); err != nil || event.Type != "nigredo.test" {
			t.Errorf("%s: %v", body, err)
		}
		if len(body) == 20<<10 {
			sizes++
		}
		text += event.Data.Name
	}
	if sizes != 1 {
		t.Errorf("%d bodies of 20 KiB, want 1", sizes)
	}
	for _, want := range []string{"O'Brien", "张伟", "\U0001f469\U0001f3fd\u200d\U0001f52c", "e\u0308", "\u0646\u0648\u0631", "\u05e0"} {
		if !strings.Contains(text, want) {
			t.Errorf("names %q lack %q", text, want)
		}
	}
}

// Each is the good receiver with one defect: it fails that check, and no other.
func TestCheck_BadReceiverFailsItsCheckAlone(t *testing.T) {
	t.Parallel()
	first := func(b bundle) func(body []byte, h http.Header) bool {
		return func(body []byte, h http.Header) bool {
			entry, _, _ := strings.Cut(h.Get("webhook-signature"), " ")
			h.Set("webhook-signature", entry)
			return b.verifier.VerifyIgnoringTimestamp(body, h) == nil
		}
	}
	tests := []struct {
		name, fails string
		open        int // checks that are not run
		change      func(b bundle)
	}{
		{"knows another secret", "good signature", 10, func(b bundle) {
			b.good.signed = func([]byte, http.Header) bool { return false }
		}},
		{"verifies what it wrote anew", "good signature", 10, func(b bundle) {
			b.good.signed = func(body []byte, h http.Header) bool {
				var m map[string]any
				_ = json.Unmarshal(body, &m)
				anew, _ := json.Marshal(m)
				return b.verifier.VerifyIgnoringTimestamp(anew, h) == nil
			}
		}},
		{"verifies what it wrote anew, in order", "good signature", 0, func(b bundle) {
			signed := b.good.signed
			b.good.signed = func(body []byte, h http.Header) bool {
				var compact bytes.Buffer
				_ = json.Compact(&compact, body)
				return signed(compact.Bytes(), h)
			}
		}},
		{"fails on every event", "good signature", 10, func(b bundle) {
			b.good.before = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return false }
		}},
		{"is not there", "good signature", 10, func(b bundle) {
			b.good.before = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(404); return false }
		}},
		{"verifies nothing", "bad signature", 0, func(b bundle) {
			b.good.signed = func([]byte, http.Header) bool { return true }
		}},
		{"takes a message without a signature", "bad signature", 0, func(b bundle) {
			signed := b.good.signed
			b.good.signed = func(body []byte, h http.Header) bool { return h.Get("webhook-signature") == "" || signed(body, h) }
		}},
		{"refuses by 500", "bad signature", 0, func(b bundle) {
			signed := b.good.signed
			b.good.before = func(w http.ResponseWriter, r *http.Request) bool {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				if !signed(body, r.Header) {
					w.WriteHeader(500)
					return false
				}
				return true
			}
		}},
		{"refuses by 429", "bad signature", 0, func(b bundle) {
			b.good.before = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("webhook-id") == "" {
					w.WriteHeader(429)
					return false
				}
				return true
			}
		}},
		{"takes what is old", "stale timestamp", 0, func(b bundle) { b.good.past = time.Hour }},
		{"takes what is ahead", "future timestamp", 0, func(b bundle) { b.good.future = time.Hour }},
		{"refuses a known id", "duplicate id", 0, func(b bundle) { b.good.known = 409 }},
		{"fails on a known id", "duplicate id", 0, func(b bundle) { b.good.known = 500 }},
		{"reads the first signature alone", "two secrets", 0, func(b bundle) { b.good.signed = first(b) }},
		{"wants the whole header to be the signature", "two secrets", 0, func(b bundle) {
			signed := b.good.signed
			b.good.signed = func(body []byte, h http.Header) bool {
				return !strings.Contains(h.Get("webhook-signature"), " ") && signed(body, h)
			}
		}},
		{"refuses versions it does not know", "two secrets", 0, func(b bundle) {
			signed := b.good.signed
			b.good.signed = func(body []byte, h http.Header) bool {
				return !strings.Contains(h.Get("webhook-signature"), "v9,") && signed(body, h)
			}
		}},
		{"refuses members it does not know", "unknown field", 0, func(b bundle) { b.good.readable = strict }},
		{"takes 16 KiB", "20 KiB body", 0, func(b bundle) { b.good.limit = 16 << 10 }},
		{"takes ASCII", "UTF-8 names", 0, func(b bundle) {
			b.good.readable = func(body []byte) bool { return !bytes.ContainsFunc(body, func(r rune) bool { return r > 127 }) }
		}},
		{"verifies decoded text", "UTF-8 names", 0, func(b bundle) {
			signed := b.good.signed
			b.good.signed = func(body []byte, h http.Header) bool {
				var latin []rune
				for _, one := range body {
					latin = append(latin, rune(one))
				}
				return signed([]byte(string(latin)), h)
			}
		}},
		{"works before it answers", "slow answer", 0, func(b bundle) {
			b.good.before = func(http.ResponseWriter, *http.Request) bool { b.clock.add(6 * time.Second); return true }
		}},
		{"works long on one event", "slow answer", 0, func(b bundle) {
			b.good.before = func(_ http.ResponseWriter, r *http.Request) bool {
				if r.ContentLength == 20<<10 {
					b.clock.add(6 * time.Second)
				}
				return true
			}
		}},
		{"redirects to a slash", "redirect", 9, func(b bundle) {
			b.good.before = func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/") {
					http.Redirect(w, r, r.URL.Path+"/", http.StatusPermanentRedirect)
					return false
				}
				b.good.redirects++
				return true
			}
		}},
		{"redirects strangers to a login", "redirect", 3, func(b bundle) { b.good.forged = http.StatusFound }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			tt.change(b)
			card := check(t, serve(t, b.good), receiver.Options{Now: b.clock.now})
			if got := of(card, receiver.Failed); !slices.Equal(got, []string{tt.fails}) || card.Full() || !card.Reachable {
				t.Fatalf("failed %q, want %q: %+v", got, tt.fails, card)
			}
			for _, r := range card.Checks {
				if r.Status == receiver.Failed && (r.Fix == "" || len(r.Answers) == 0) {
					t.Errorf("%s says not what to fix, or what came back", r.Name)
				}
				if r.Status == receiver.NotRun && r.Note == "" {
					t.Errorf("%s does not say why it was not run", r.Name)
				}
			}
			if card.NotRun != tt.open || b.good.redirects != 0 {
				t.Errorf("not run %q, want %d; %d redirects followed", of(card, receiver.NotRun), tt.open, b.good.redirects)
			}
		})
	}
}

func TestCheck_BothSecretsSignWhileTheyRotate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	another := "whsec_" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("n"), 32))
	for _, secrets := range [][]string{{secret(), another}, {another, secret()}} {
		card, err := receiver.Check(t.Context(), receiver.Target{URL: serve(t, b.good), Secrets: secrets}, receiver.Options{})
		if err != nil || !card.Full() {
			t.Errorf("%+v, %v", card, err)
		}
	}
}
