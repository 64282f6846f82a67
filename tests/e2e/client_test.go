package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

const (
	asJSON = "application/json"
	asForm = "application/x-www-form-urlencoded"
)

// httpClient follows no redirect: the tests look at them.
var httpClient = &http.Client{
	Timeout:       40 * time.Second, // an API call may take 29 seconds
	Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// request is one call of the site or the API.
type request struct {
	method      string // POST when empty
	path        string // /api/leads when empty
	address     string // the caller's; 127.0.0.1 when empty
	contentType string // application/json when empty
	body        string
	key         string // Idempotency-Key
	header      map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// receipt is the body of a 201.
type receipt struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Status    string    `json:"status"`
	CreatedAt time.Time `json:"createdAt"`
}

// problem is the body of a refusal (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"errors"`
}

func (i *installation) send(ctx context.Context, r request) (answer, error) {
	method, path, contentType := r.method, r.path, r.contentType
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/api/leads"
	}
	if contentType == "" {
		contentType = asJSON
	}
	req, err := http.NewRequestWithContext(ctx, method, i.URL+path, strings.NewReader(r.body))
	if err != nil {
		return answer{}, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", contentType)
	}
	if r.address != "" {
		req.Header.Set("X-Forwarded-For", r.address)
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := httpClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end
	body, err := io.ReadAll(resp.Body)
	return answer{status: resp.StatusCode, header: resp.Header, body: body}, err
}

// call sends a request that must get an answer.
func (i *installation) call(t *testing.T, r request) answer {
	t.Helper()
	a, err := i.send(t.Context(), r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	return a
}

// accept posts a lead that must be accepted.
func (i *installation) accept(t *testing.T, r request) receipt {
	t.Helper()
	return i.call(t, r).receipt(t)
}

func (a answer) receipt(t *testing.T) receipt {
	t.Helper()
	var r receipt
	if a.status != http.StatusCreated {
		t.Fatalf("got %d, want 201: %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &r); err != nil {
		t.Fatalf("read receipt %s: %v", a.body, err)
	}
	return r
}

// problem requires a refusal with a body that says so too.
func (a answer) problem(t *testing.T, status int) problem {
	t.Helper()
	var p problem
	if a.status != status {
		t.Fatalf("got %d, want %d: %s", a.status, status, a.body)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type = %q, want application/problem+json", got)
	}
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("read problem %s: %v", a.body, err)
	}
	if p.Status != status || p.Title == "" || p.Type == "" {
		t.Errorf("problem %s does not describe a %d", a.body, status)
	}
	return p
}

// person gives an e-mail address that no other test has.
func person() string {
	return "p" + strings.ToLower(rand.Text()[:12]) + "@example.com"
}

// lead is the smallest body that is accepted.
func lead(email string) string {
	return `{"name":"Ana Souza","email":"` + email + `","consent":{"accepted":true}}`
}
