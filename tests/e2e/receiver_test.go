package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver stands in for Fibonacci. It refuses what the reference library does
// not verify, and answers 200 unless a test scripted the lead's e-mail address.
type receiver struct {
	secret string
	server *httptest.Server
	verify *standardwebhooks.Webhook

	mu      sync.Mutex
	changed chan struct{} // closed and replaced with every call
	calls   []call
	forged  []string // why a call was not verified
	scripts map[string]func(attempt int, w http.ResponseWriter, body []byte)
}

// call is one verified delivery.
type call struct {
	at    time.Time
	id    string // webhook-id
	body  []byte
	event event
}

// event is the body of a webhook.
type event struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct {
		ID        string            `json:"id"`
		Reference string            `json:"reference"`
		Name      string            `json:"name"`
		Email     string            `json:"email"`
		Company   string            `json:"company"`
		Phone     string            `json:"phone"`
		Message   string            `json:"message"`
		Source    string            `json:"source"`
		UTM       map[string]string `json:"utm"`
		Locale    string            `json:"locale"`
		Consent   struct {
			Marketing   bool   `json:"marketing"`
			TextID      string `json:"textId"`
			TextVersion string `json:"textVersion"`
		} `json:"consent"`
		CreatedAt time.Time `json:"createdAt"`
	} `json:"data"`
}

func newReceiver() (*receiver, error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	r := &receiver{
		secret:  "whsec_" + base64.StdEncoding.EncodeToString(key),
		changed: make(chan struct{}),
		scripts: map[string]func(int, http.ResponseWriter, []byte){},
	}
	var err error
	if r.verify, err = standardwebhooks.NewWebhook(r.secret); err != nil {
		return nil, err
	}
	r.server = httptest.NewServer(r)
	return r, nil
}

func (r *receiver) url() string { return r.server.URL + "/hook" }

func (r *receiver) close() { r.server.Close() }

// script decides the answers for one lead; attempt counts from 1.
func (r *receiver) script(email string, answer func(attempt int, w http.ResponseWriter, body []byte)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.scripts[email] = answer
}

// failing answers a status for every attempt until the returned function says
// that the receiver is repaired.
func (r *receiver) failing(email string, status int) (repair func()) {
	r.script(email, func(_ int, w http.ResponseWriter, _ []byte) { w.WriteHeader(status) })
	return func() { r.script(email, func(_ int, w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusOK) }) }
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	at := time.Now()
	body, err := io.ReadAll(req.Body)
	if err == nil {
		err = r.verify.Verify(body, req.Header)
	}
	var e event
	if err == nil {
		err = json.Unmarshal(body, &e)
	}
	if err == nil && (req.Method != http.MethodPost || req.URL.Path != "/hook") {
		err = fmt.Errorf("%s %s", req.Method, req.URL.Path)
	}
	if err != nil {
		r.record(nil, err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	attempt, answer := r.record(&call{at: at, id: req.Header.Get(standardwebhooks.HeaderWebhookID), body: body, event: e}, nil)
	if answer != nil {
		answer(attempt, w, body)
	}
}

// record keeps a call and gives its number among the calls for the same lead,
// and the script for that lead.
func (r *receiver) record(c *call, forged error) (int, func(int, http.ResponseWriter, []byte)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
	if forged != nil {
		r.forged = append(r.forged, forged.Error())
		return 0, nil
	}
	r.calls = append(r.calls, *c)
	return len(r.of(c.event.Data.Email)), r.scripts[c.event.Data.Email]
}

// of gives the calls for one lead. The caller holds the lock.
func (r *receiver) of(email string) []call {
	var calls []call
	for _, c := range r.calls {
		if c.event.Data.Email == email {
			calls = append(calls, c)
		}
	}
	return calls
}

// got gives the calls for one lead so far.
func (r *receiver) got(email string) []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.of(email)
}

// wait gives the calls for one lead once there are n.
func (r *receiver) wait(t *testing.T, email string, n int, within time.Duration) []call {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		r.mu.Lock()
		calls, changed, forged := r.of(email), r.changed, r.forged
		r.mu.Unlock()
		if len(forged) > 0 {
			t.Fatalf("the receiver refused %d calls, the first because: %s", len(forged), forged[0])
		}
		if len(calls) >= n {
			return calls
		}
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("after %s the receiver has %d of %d calls for the lead", within, len(calls), n)
		}
	}
}
