package chaos

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is Fibonacci in another process, so to speak: it lives through every
// kill. It takes what the reference library verifies and refuses anything else.
type receiver struct {
	url, secret string

	mu      sync.Mutex
	ids     map[string]map[string]int // webhook-ids by lead, with how often each came
	times   []time.Time               // of what was taken
	refused int
	down    bool // answers 503 and takes nothing
	turned  int  // away while down
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	secret := "whsec_" + base64.StdEncoding.EncodeToString(key)
	verify, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{secret: secret, ids: map[string]map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		var event struct{ Data struct{ ID string } }
		if err != nil || verify.Verify(body, req.Header) != nil || json.Unmarshal(body, &event) != nil {
			r.mu.Lock()
			r.refused++
			r.mu.Unlock()
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if !r.note(event.Data.ID, req.Header.Get("webhook-id")) {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// note takes a webhook, unless the receiver is down.
func (r *receiver) note(lead, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		r.turned++
		return false
	}
	r.times = append(r.times, time.Now())
	if r.ids[lead] == nil {
		r.ids[lead] = map[string]int{}
	}
	r.ids[lead][id]++
	return true
}

// setDown takes the receiver out of order, or mends it.
func (r *receiver) setDown(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

// turnedAway is how many webhooks came while it was down.
func (r *receiver) turnedAway() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.turned
}

// most gives how many webhooks were taken in the busiest span of a length.
func (r *receiver) most(span time.Duration) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	most, oldest := 0, 0
	for i, at := range r.times {
		for at.Sub(r.times[oldest]) >= span {
			oldest++
		}
		most = max(most, i-oldest+1)
	}
	return most
}

// heard gives the webhook-ids that came for a lead.
func (r *receiver) heard(lead string) map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.ids[lead])
}

// all gives every lead that came.
func (r *receiver) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var leads []string
	for lead := range r.ids {
		leads = append(leads, lead)
	}
	return leads
}
