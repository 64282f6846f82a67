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

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// receiver is Fibonacci in another process, so to speak: it lives through every
// kill. It takes what the reference library verifies and refuses anything else.
type receiver struct {
	url, secret string

	mu      sync.Mutex
	ids     map[string]map[string]int // webhook-ids by lead, with how often each came
	refused int
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
		r.note(event.Data.ID, req.Header.Get("webhook-id"))
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r *receiver) note(lead, id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids[lead] == nil {
		r.ids[lead] = map[string]int{}
	}
	r.ids[lead][id]++
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
