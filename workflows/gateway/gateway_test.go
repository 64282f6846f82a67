package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/alquimista-ai/nigredo/infra/api"
)

// bundle is a gateway over fakes that a test may replace before serve.
type bundle struct {
	Config

	mu      sync.Mutex
	started []string // "LeadIntakeArn <input>"
	invoked []string // "ListArn <event>"
	logs    *observer.ObservedLogs
}

const accepted = `{"statusCode":201,"headers":{"Content-Type":"application/json","Location":"/api/leads/1"},"body":"{\"id\":\"1\"}"}`

func setup(t *testing.T) *bundle {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	b := &bundle{logs: logs}
	b.Config = Config{
		Document: api.Document(),
		StartSync: func(_ context.Context, machine string, input []byte) (Execution, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.started = append(b.started, machine+" "+string(input))
			return Execution{Status: "SUCCEEDED", Output: accepted}, nil
		},
		Invoke: func(_ context.Context, function string, payload []byte) ([]byte, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.invoked = append(b.invoked, function+" "+string(payload))
			return []byte(`{"statusCode":200,"headers":{"content-type":"application/json"},"body":"{}"}`), nil
		},
		Authorizer: tokens{
			"good":      {Scopes: []string{"openid", "nigredo/console"}, Strings: map[string]string{"sub": "s", "cognito:groups": "operator"}},
			"admin":     {Scopes: []string{"aws.cognito.signin.user.admin"}, Strings: map[string]string{"sub": "s"}},
			"scopeless": {Scopes: []string{"openid"}},
		},
		Log:   zap.New(core),
		Now:   func() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) },
		NewID: func() string { return "request-1" },
	}
	return b
}

// tokens is an Authorizer that knows its tokens by heart.
type tokens map[string]Claims

func (ts tokens) Authorize(_ context.Context, token string) (Claims, error) {
	if token == "keys away" {
		return Claims{}, errors.New("connection refused")
	}
	c, ok := ts[token]
	if !ok {
		return Claims{}, fmt.Errorf("%w: not known", ErrUnauthorized)
	}
	return c, nil
}

func (b *bundle) serve(t *testing.T) http.Handler {
	t.Helper()
	g, err := New(b.Config)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = "203.0.113.7:5555"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// mustBeProblem fails unless w is a problem document of that status.
func mustBeProblem(t *testing.T, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("Content-Type %q", got)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Title == "" || p.Detail == "" || (p.Status != 0 && p.Status != status) {
		t.Errorf("problem %s: %v", w.Body, err)
	}
}

const asJSON = "application/json"

func TestGateway_PostStartsTheMachineAndUnwrapsItsAnswer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := send(b.serve(t), request("POST", "/api/leads?Idempotency-Key=query", `{"name":"Ana O'Brien"}`,
		"Content-Type", asJSON, "User-Agent", "curl", "Idempotency-Key", "k", "Origin", "https://a.example",
		"CloudFront-Viewer-Address", "6.6.6.6:1"))
	if w.Code != 201 || w.Body.String() != `{"id":"1"}` || w.Header().Get("Location") != "/api/leads/1" {
		t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
	}
	want := `LeadIntakeArn {"body":"{\"name\":\"Ana O'Brien\"}","contentType":"application/json","sourceIp":"203.0.113.7",` +
		`"userAgent":"curl","requestId":"request-1","idempotencyKey":"k","origin":"https://a.example"}`
	if len(b.started) != 1 || b.started[0] != want {
		t.Errorf("started %v\nwant %s", b.started, want)
	}
}

func TestGateway_TakesTheContentTypesThatHaveATemplate(t *testing.T) {
	t.Parallel()
	for contentType, status := range map[string]int{
		"":                                     201, // API Gateway assumes application/json
		"application/json":                     201,
		"application/json; charset=utf-8":      201,
		"Application/JSON":                     201,
		"application/x-www-form-urlencoded":    201,
		"text/plain":                           415,
		"application/jsonp":                    415,
		"application/xml":                      415,
		"multipart/form-data; boundary=x":      415,
		"application/json, text/plain":         415,
		"application/problem+json":             415,
		"application/json; charset=utf-8; a":   415,
		"*/*":                                  415,
		"application/x-www-form-urlencoded-v2": 415,
	} {
		b := setup(t)
		r := request("POST", "/api/leads", "{}")
		if contentType != "" {
			r.Header.Set("Content-Type", contentType)
		}
		w := send(b.serve(t), r)
		if w.Code != status {
			t.Errorf("%q: %d, want %d", contentType, w.Code, status)
		}
		if (len(b.started) == 1) != (status == 201) {
			t.Errorf("%q: %d executions started", contentType, len(b.started))
		}
	}
}

func TestGateway_RefusesBeforeAnythingStarts(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 16<<10+1)
	tests := map[string]struct {
		request *http.Request
		status  int
	}{
		"unknown path":          {request("GET", "/api/nothing", ""), 404},
		"unknown API root":      {request("GET", "/api", ""), 404},
		"unknown method":        {request("DELETE", "/api/leads", ""), 404},
		"made-up method":        {request("BREW", "/api/leads", ""), 404},
		"OPTIONS":               {request("OPTIONS", "/api/leads", "", "Origin", "https://a.example"), 404},
		"HEAD":                  {request("HEAD", "/api/leads", ""), 404},
		"trailing slash":        {request("GET", "/api/leads/", ""), 404},
		"empty segment":         {request("GET", "/api//leads", ""), 404},
		"path below a lead":     {request("GET", "/api/leads/1/2", ""), 404},
		"path in capitals":      {request("GET", "/API/leads", ""), 404},
		"no body type":          {request("POST", "/api/leads", "x", "Content-Type", "text/plain"), 415},
		"body too large":        {request("POST", "/api/leads", large, "Content-Type", asJSON), 413},
		"body not UTF-8":        {request("POST", "/api/leads", "{\"name\":\"\xff\xfe\"}", "Content-Type", asJSON), 400},
		"no token":              {request("GET", "/api/leads", ""), 401},
		"empty token":           {request("GET", "/api/leads", "", "Authorization", ""), 401},
		"unknown token":         {request("GET", "/api/leads", "", "Authorization", "Bearer bad"), 401},
		"basic credentials":     {request("GET", "/api/leads", "", "Authorization", "Basic good"), 401},
		"two tokens":            {request("GET", "/api/leads", "", "Authorization", "Bearer good", "Authorization", "Bearer good"), 401},
		"token with a tail":     {request("GET", "/api/leads", "", "Authorization", "Bearer good x"), 401},
		"token in the query":    {request("GET", "/api/leads?access_token=good", ""), 401},
		"token without scope":   {request("GET", "/api/leads", "", "Authorization", "Bearer scopeless"), 403},
		"keys out of reach":     {request("GET", "/api/leads", "", "Authorization", "Bearer keys away"), 500},
		"one lead, no token":    {request("GET", "/api/leads/1", ""), 401},
		"large body on a read":  {request("GET", "/health", large), 413},
		"unknown path, a token": {request("GET", "/api/x", "", "Authorization", "Bearer good"), 404},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			w := send(b.serve(t), test.request)
			mustBeProblem(t, w, test.status)
			if test.status == 401 && w.Header().Get("WWW-Authenticate") != "Bearer" {
				t.Error("no WWW-Authenticate")
			}
			if len(b.started)+len(b.invoked) > 0 {
				t.Errorf("started %v, invoked %v", b.started, b.invoked)
			}
		})
	}
}

func TestGateway_AnyOfTheScopesPasses(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Bearer good", "bearer good", "Bearer admin", "good"} {
		b := setup(t)
		if w := send(b.serve(t), request("GET", "/api/leads", "", "Authorization", header)); w.Code != 200 {
			t.Errorf("%s: %d %s", header, w.Code, w.Body)
		}
	}
}

func TestGateway_BodyOfExactlyTheLimitPasses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := send(b.serve(t), request("POST", "/api/leads", strings.Repeat("x", 16<<10), "Content-Type", asJSON))
	if w.Code != 201 {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// endless is a body that never ends and counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestGateway_ReadsNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	h := b.serve(t)

	declared := &endless{}
	r := request("POST", "/api/leads", "", "Content-Type", asJSON)
	r.Body, r.ContentLength = io.NopCloser(declared), 1<<30
	mustBeProblem(t, send(h, r), 413)
	if declared.read > 0 {
		t.Errorf("read %d bytes of a body declared too large", declared.read)
	}

	chunked := &endless{}
	r = request("POST", "/api/leads", "", "Content-Type", asJSON)
	r.Body, r.ContentLength = io.NopCloser(chunked), -1
	mustBeProblem(t, send(h, r), 413)
	if chunked.read > 64<<10 {
		t.Errorf("read %d bytes of an endless body", chunked.read)
	}
}

func TestGateway_HealthIsPublic(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/health", "/health/ready"} {
		b := setup(t)
		if w := send(b.serve(t), request("GET", path, "")); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
		if len(b.invoked) != 1 || !strings.HasPrefix(b.invoked[0], "HealthArn ") || !strings.Contains(b.invoked[0], `"resource":"`+path+`"`) {
			t.Errorf("%s invoked %v", path, b.invoked)
		}
	}
}

// Site and API share one origin: a page of another one may read no answer.
func TestGateway_LetsNoOtherOriginRead(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://elsewhere.example"
	h := setup(t).serve(t)
	for name, r := range map[string]*http.Request{
		"accepted":  request("POST", "/api/leads", "{}", "Origin", elsewhere),
		"proxied":   request("GET", "/health", "", "Origin", elsewhere),
		"refused":   request("GET", "/api/leads", "", "Origin", elsewhere),
		"preflight": request("OPTIONS", "/api/leads", "", "Origin", elsewhere, "Access-Control-Request-Method", "POST"),
	} {
		for header := range send(h, r).Header() {
			if strings.HasPrefix(header, "Access-Control-") {
				t.Errorf("%s: %s is sent", name, header)
			}
		}
	}
}

// API Gateway takes 5,000 requests at once (Developer Guide, "Throttle requests").
func TestGateway_DoesNotThrottle(t *testing.T) {
	t.Parallel()
	h := setup(t).serve(t)
	for range 6_000 {
		if w := send(h, request("GET", "/health", "")); w.Code != http.StatusOK {
			t.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
}

func TestOwns_OnlyTheAPI(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/api": true, "/api/": true, "/api/leads": true, "/api/nothing": true, "/health": true, "/health/ready": true,
		"/": false, "/apis": false, "/healthy": false, "/console/": false, "/console/api/": false, "/oidc/keys": false, "": false,
	} {
		if got := Owns(path); got != want {
			t.Errorf("Owns(%q) = %v", path, got)
		}
	}
}
