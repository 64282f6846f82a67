package deploy_test

import (
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/deploy"
)

// deployment is a good one: it keeps leads by their key and gives them out as JSON.
type deployment struct {
	mu    sync.Mutex
	posts int
	leads map[string]string // message by id, which is the key here
}

func (d *deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w.Header().Set("Strict-Transport-Security", "max-age=1")
	w.Header().Set("X-Frame-Options", "DENY")
	switch {
	case r.Method == http.MethodPost:
		d.posts++
		raw, _ := io.ReadAll(r.Body)
		var lead struct{ Message, Source string }
		if err := json.Unmarshal(raw, &lead); err != nil || lead.Source != "verification" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		d.leads[r.Header.Get("Idempotency-Key")] = lead.Message
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(map[string]string{"id": r.Header.Get("Idempotency-Key"), "reference": "NG-TEST"}) // a fake
	case strings.HasPrefix(r.URL.Path, "/api/") && r.Method == http.MethodGet && r.Header.Get("Authorization") != "Bearer good":
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/api/leads" && r.Method == http.MethodGet:
		_ = json.NewEncoder(w).Encode(d.leads) // a fake
	case strings.HasPrefix(r.URL.Path, "/api/leads/"):
		w.Header().Set("Content-Type", "application/json")
		id := path.Base(r.URL.Path)
		_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "message": d.leads[id]}) // a fake
	}
}

func statuses(checks []deploy.Check) (all map[string]string) {
	all = map[string]string{}
	for _, c := range checks {
		all[c.Name] = c.Status + ": " + c.Note
	}
	return all
}

func TestVerify_GoodDeployment(t *testing.T) {
	t.Parallel()
	b := setup(t, "staging")
	b.deploy(t)
	d := &deployment{leads: map[string]string{}}
	b.api = d.ServeHTTP
	headers := map[string]string{"X-Frame-Options": "DENY"}
	for range 2 {
		checks, err := b.Verify(t.Context(), deploy.Verification{Token: "good", Leads: true, Headers: headers})
		if err != nil {
			t.Fatal(err)
		}
		for name, status := range statuses(checks) {
			// The injected clock makes each call take a second, which is the limit.
			if !strings.HasPrefix(status, "passed") {
				t.Errorf("%s: %s", name, status)
			}
		}
	}
	if d.posts != 6 || len(d.leads) != 3 {
		t.Errorf("%d posts made %d leads; want 6 and 3: a repeat makes none", d.posts, len(d.leads))
	}
	checks, err := b.Verify(t.Context(), deploy.Verification{Headers: headers})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(checks); !strings.HasPrefix(got["a lead is created, listed and read"], "skipped: left out") {
		t.Errorf("without leads: %v", got)
	}
	checks, err = b.Verify(t.Context(), deploy.Verification{Leads: true, Headers: headers})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(checks); !strings.Contains(got["SQL in a field does no harm"], "skipped: taken; not read back without a token") {
		t.Errorf("without token: %v", got)
	}
}

func TestVerify_FindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(http.ResponseWriter, *http.Request) bool // true: answered
		check string
		want  string
	}{
		"any origin": {func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			return false
		}, "another origin is not allowed", `allows "*"`},
		"repeats markup": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusCreated)
				_, _ = w.Write([]byte("<script>alert(1)</script>")) // a fake
			}
			return r.Method == http.MethodPost
		}, "markup in a field does no harm", "repeats"},
		"falls over sql": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPost {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return r.Method == http.MethodPost
		}, "SQL in a field does no harm", "500"},
		"framed": {func(http.ResponseWriter, *http.Request) bool { return true }, "pages have the security headers", `X-Frame-Options is ""; Strict-Transport-Security is missing`},
		"page gone": {func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == "/" {
				w.WriteHeader(http.StatusNotFound)
			}
			return r.URL.Path == "/"
		}, "the page loads in time", "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "staging")
			b.deploy(t)
			d := &deployment{leads: map[string]string{}}
			b.api = func(w http.ResponseWriter, r *http.Request) {
				if !test.spoil(w, r) {
					d.ServeHTTP(w, r)
				}
			}
			checks, err := b.Verify(t.Context(), deploy.Verification{Token: "good", Leads: true, Headers: map[string]string{"X-Frame-Options": "DENY"}})
			if err != nil {
				t.Fatal(err)
			}
			if got := statuses(checks)[test.check]; !strings.HasPrefix(got, "failed") || !strings.Contains(got, test.want) {
				t.Errorf("%s: %s; want a failure with %q", test.check, got, test.want)
			}
		})
	}
}
