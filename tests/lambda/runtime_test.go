package lambda

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/infra/config"
)

// proxied is a call of the API by somebody of a role.
func proxied(method, path, resource, role string) map[string]any {
	event := map[string]any{
		"httpMethod": method, "path": path, "resource": resource, "headers": map[string]string{"Content-Type": "application/json"},
		"requestContext": map[string]any{"identity": map[string]string{"sourceIp": "203.0.113.9"}},
	}
	if role != "" {
		event["requestContext"] = map[string]any{
			"identity":   map[string]string{"sourceIp": "203.0.113.9"},
			"authorizer": map[string]any{"claims": map[string]any{"sub": "subject-1", "cognito:groups": role}},
		}
	}
	return event
}

func with(event map[string]any, member string, value any) map[string]any {
	event = maps.Clone(event)
	event[member] = value
	return event
}

// Every function succeeds as its own user of the database: a missing grant is a 42501.
func TestFunctions_EveryOneSucceedsAsItsOwnUser(t *testing.T) {
	t.Parallel()
	s := setup(t)
	leadID, eventID := s.accepted(t, "ana", "203.0.113.1")

	attempt := map[string]any{"leadId": leadID, "eventId": eventID, "execution": execution("d"), "redriveCount": 0, "retryCount": 0}
	if out := read[map[string]any](t, s.call(t, "deliver", attempt)); out["statusCode"] != 200.0 || out["webhookId"] != "msg_"+eventID {
		t.Errorf("deliver: %v", out)
	}
	event := map[string]any{"source": "aws.states", "detail": map[string]any{
		"executionArn": execution("d"), "name": "lead-" + leadID, "status": "SUCCEEDED", "startDate": time.Now().Add(-time.Second).UnixMilli(),
		"stopDate": time.Now().UnixMilli(), "input": `{"leadId":"` + leadID + `","eventId":"` + eventID + `"}`, "output": `{"outcome":"delivered"}`, "redriveCount": 0,
	}}
	read[map[string]any](t, s.call(t, "track", event))
	sweep := read[map[string]any](t, s.call(t, "sweep", map[string]any{
		"execution": execution("s"), "machineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:fibonacci_delivery", "minimumAgeSeconds": 0,
	}))
	if sweep["restored"] != 0.0 {
		t.Errorf("sweep: %v", sweep)
	}
	settled := read[map[string]any](t, s.call(t, "settle", map[string]any{"execution": execution("s"), "restored": 0, "findings": []any{}}))
	if b, _ := settled["balance"].(map[string]any); b["delivered"] != 1.0 || b["unaccounted"] != 0.0 {
		t.Errorf("settle: %v", settled)
	}

	range30 := map[string]string{}
	calls := []struct {
		activity string
		event    any
		status   int
	}{
		{"list", proxied("GET", "/api/leads", "/api/leads", "operator"), 200},
		{"get", with(proxied("GET", "/api/leads/"+leadID, "/api/leads/{id}", "operator"), "pathParameters", map[string]string{"id": leadID}), 200},
		{"balance", proxied("GET", "/api/balance", "/api/balance", "operator"), 200},
		{"failures", proxied("GET", "/api/failures", "/api/failures", "operator"), 200},
		{"stats", with(proxied("GET", "/api/stats", "/api/stats", "operator"), "queryStringParameters", range30), 200},
		{"redrives", proxied("GET", "/api/redrives", "/api/redrives", "engineer"), 200},
		{"release", with(with(proxied("POST", "/api/leads/"+leadID+"/release", "/api/leads/{id}/release", "operator"), "pathParameters", map[string]string{"id": leadID}), "body", `{"reason":"a test"}`), 409},
		{"rights", proxied("GET", "/api/rights-requests", "/api/rights-requests", "privacy"), 200},
		{"rights", with(proxied("POST", "/api/rights-requests", "/api/rights-requests", ""), "body", `{"kind":"access","email":"ana@marker.example"}`), 202},
		{"views", with(proxied("POST", "/api/views", "/api/views", ""), "body", `{"page":"/"}`), 204},
		{"health", proxied("GET", "/health/ready", "/health/ready", ""), 200},
		{"stamp", proxied("GET", "/api/stamp", "/api/stamp", ""), 200},
	}
	for _, c := range calls {
		answer := read[struct {
			StatusCode int    `json:"statusCode"`
			Body       string `json:"body"`
		}](t, s.call(t, c.activity, c.event))
		if answer.StatusCode != c.status {
			t.Errorf("%s: %d %s, want %d", c.activity, answer.StatusCode, answer.Body, c.status)
		}
	}
	if out := read[map[string]any](t, s.call(t, "migrate", `{"action":"migrate"}`)); out["before"] != out["after"] || out["granted"] != true {
		t.Errorf("migrate: %v", out)
	}
	// A campaign that is not there is a defect of whoever asks; the statement ran.
	s.call(t, "campaign", map[string]any{"step": "choose", "campaignId": leadID, "part": 1, "execution": execution("c")})
	if strings.Contains(s.log.String(), "42501") {
		t.Errorf("a grant is missing:\n%s", s.log)
	}
}

// Each error of lead.Errors, provoked, in the words that a machine matches.
func TestFunctions_DeclaredErrorsByName(t *testing.T) {
	t.Parallel()
	s := setup(t)
	seen := map[string]bool{}
	want := func(name string, r Result) {
		t.Helper()
		seen[name] = true
		r.wantError(t, name)
	}
	for _, f := range config.All() {
		switch f.Activity {
		case "validate", "ratelimit", "persist", "deliver", "sweep", "settle", "campaign":
			want("Lead.Invalid", s.call(t, f.Activity, `{"nobody expects":"Ana Marker"}`))
		case "migrate":
			s.call(t, f.Activity, `{"nobody expects":"Ana Marker"}`).wantError(t, "Migrate.Invalid")
		}
	}
	pending := s.submission(t, "bea", "203.0.113.2")
	read[map[string]any](t, s.call(t, "ratelimit", map[string]any{"submission": pending, "startedAt": startedAt, "execution": execution("b1")}))
	want("Lead.Running", s.call(t, "ratelimit", map[string]any{"submission": pending, "startedAt": startedAt, "execution": execution("b2")}))

	// Under a key of the caller's, whose content then changes.
	keyed := func(name string) any {
		event := post(person(name), "203.0.113.3")
		event["request"].(map[string]string)["idempotencyKey"] = "0192aa11-2233-7444-8555-666677778888"
		return read[map[string]any](t, s.call(t, "validate", event))["submission"]
	}
	persist := func(submission any, name string) Result {
		return s.call(t, "persist", map[string]any{"submission": submission, "startedAt": startedAt, "execution": execution(name)})
	}
	read[map[string]any](t, persist(keyed("cia"), "c1"))
	want("Lead.Conflict", persist(keyed("clea"), "c2"))
	for i := range 10 {
		read[map[string]any](t, persist(s.submission(t, fmt.Sprint("d", i), "203.0.113.4"), fmt.Sprint("d", i)))
	}
	want("Lead.RateLimited", persist(s.submission(t, "d10", "203.0.113.4"), "d10"))

	leadID, eventID := s.accepted(t, "eva", "203.0.113.5")
	deliver := func(retry int) Result {
		return s.call(t, "deliver", map[string]any{"leadId": leadID, "eventId": eventID, "execution": execution("e"), "redriveCount": 0, "retryCount": retry})
	}
	for i, step := range []struct {
		status int
		name   string
	}{{429, "Fibonacci.Throttled"}, {400, "Fibonacci.Rejected"}, {500, "Fibonacci.Unavailable"}, {0, "Fibonacci.Unavailable"}} {
		s.answers(step.status)
		want(step.name, deliver(i))
	}
	s.answers(200)
	owner, err := pgx.Connect(t.Context(), s.settings.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close(t.Context()) //nolint:errcheck // nothing is pending
	if _, err := owner.Exec(t.Context(), `UPDATE nigredo.leads SET status = 'withheld' WHERE id = $1`, leadID); err != nil {
		t.Fatal(err)
	}
	want("Lead.Withheld", deliver(9))

	for _, err := range lead.Errors() {
		if name := err.Error(); !seen[name] && name != lead.ErrDatabaseUnavailable.Error() {
			t.Errorf("%s was not provoked", name)
		}
	}
}

// With the database away every function that uses it says so, as an error to a machine
// and as a 5xx to the gateway, and goes on living.
func TestFunctions_DatabaseAway(t *testing.T) {
	t.Parallel()
	s := setup(t)
	submission := s.submission(t, "ana", "203.0.113.1")
	s.settings.Database = "postgres://nobody@127.0.0.1:1/nigredo?sslmode=disable"
	s.Env = s.settings.Env
	id := "0192aa11-2233-7444-8555-666677778888"
	taken := map[string]any{"submission": submission, "startedAt": startedAt, "execution": execution("x")}
	for activity, payload := range map[string]any{
		"ratelimit": taken,
		"persist":   taken,
		"deliver":   map[string]any{"leadId": id, "eventId": id, "execution": execution("x"), "redriveCount": 0, "retryCount": 0},
		"sweep":     map[string]any{"execution": execution("x"), "machineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:x", "minimumAgeSeconds": 0},
		"settle":    map[string]any{"execution": execution("x"), "restored": 0, "findings": []any{}},
		"track": map[string]any{"detail": map[string]any{
			"executionArn": execution("x"), "name": "lead-" + id, "status": "RUNNING", "startDate": 1, "input": `{"leadId":"` + id + `","eventId":"` + id + `"}`,
		}},
	} {
		for range 2 { // the second time by the same process
			s.call(t, activity, payload).wantError(t, "Database.Unavailable")
		}
	}
	s.call(t, "migrate", `{"action":"status"}`).wantError(t, "Migrate.Failed")
	for activity, event := range map[string]any{
		"list": proxied("GET", "/api/leads", "/api/leads", "operator"), "balance": proxied("GET", "/api/balance", "/api/balance", "operator"),
		"failures": proxied("GET", "/api/failures", "/api/failures", "operator"), "stats": proxied("GET", "/api/stats", "/api/stats", "operator"),
		"redrives": proxied("GET", "/api/redrives", "/api/redrives", "engineer"), "rights": proxied("GET", "/api/rights-requests", "/api/rights-requests", "privacy"),
		"health": proxied("GET", "/health/ready", "/health/ready", ""),
	} {
		if r := s.call(t, activity, event); r.FunctionError == "" {
			if answer := read[struct {
				StatusCode int `json:"statusCode"`
			}](t, r); answer.StatusCode != http.StatusServiceUnavailable {
				t.Errorf("%s: %d", activity, answer.StatusCode)
			}
		} else {
			r.wantError(t, "Database.Unavailable")
		}
	}
}

// Without its configuration a function ends before it asks for a first call, and its log
// names the variable.
func TestFunctions_InitError(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, f := range append(config.All(), config.Function{Activity: "fibonacci", Name: "Fibonacci"}) {
		env, err := s.settings.Env(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, variable := range env {
			name, _, _ := strings.Cut(variable, "=")
			if strings.HasPrefix(name, "AWS_") || name == "FIBONACCI_WEBHOOK_PRIVATE" {
				continue
			}
			log := &journal{}
			i, err := launch(filepath.Join(binaries, f.Activity), Without(env, name), log)
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-i.exited:
			case <-i.ready:
				t.Errorf("%s started without %s", f.Activity, name)
				i.kill()
			}
			if said := log.String(); !strings.Contains(said, `"message":"Task: start failed"`) || !strings.Contains(said, name) {
				t.Errorf("%s without %s: %s", f.Activity, name, said)
			}
		}
	}
}

// fault runs faulty, whose answer to one call is given with what it logged.
func fault(t *testing.T, timeout time.Duration, payloads ...string) ([]Result, string, *instance) {
	t.Helper()
	log := &journal{}
	i, err := launch(filepath.Join(binaries, "faulty"), nil, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.kill)
	var results []Result
	for _, payload := range payloads {
		r, usable := i.invoke(&invocation{id: newID(), payload: []byte(payload), deadline: time.Now().Add(timeout), result: make(chan Result, 1), arn: "arn:aws:lambda:us-east-1:000000000000:function:faulty"})
		results = append(results, r)
		if !usable {
			break
		}
	}
	select {
	case <-i.exited:
	case <-time.After(200 * time.Millisecond): // one that lives on lives on
	}
	return results, log.String(), i
}

func TestRuntime_APanicIsReportedAndEndsTheProcess(t *testing.T) {
	t.Parallel()
	results, log, i := fault(t, patience, `{"do":"panic","fill":"Ana Marker"}`)
	results[0].wantError(t, "Task.Failed")
	if !i.gone() {
		t.Error("the process lives on in an unknown state")
	}
	if strings.Contains(log, "Marker") || !strings.Contains(log, "Task: activity panicked") {
		t.Errorf("log: %s", log)
	}
}

func TestRuntime_APanicOfAnotherGoroutineIsAnExit(t *testing.T) {
	t.Parallel()
	results, _, i := fault(t, patience, `{"do":"goroutine","fill":"x"}`)
	results[0].wantError(t, "Runtime.ExitError")
	if !i.gone() {
		t.Error("the process lives on")
	}
}

func TestRuntime_TheDeadlineKills(t *testing.T) {
	t.Parallel()
	before := time.Now()
	results, log, i := fault(t, 300*time.Millisecond, `{"do":"hang"}`)
	results[0].wantError(t, "Sandbox.Timedout")
	if !i.gone() || time.Since(before) < 300*time.Millisecond {
		t.Errorf("gone %t after %s", i.gone(), time.Since(before))
	}
	if !strings.Contains(log, "Faulty: hangs") {
		t.Errorf("what was logged before the end is lost: %s", log)
	}
}

func TestRuntime_LargePayloads(t *testing.T) {
	t.Parallel()
	const quotes = 2
	results, log, _ := fault(t, patience,
		`{"do":"echo","fill":"`+strings.Repeat("x", maxPayload-100)+`"}`, // a request of 6 MB
		fmt.Sprintf(`{"do":"large","size":%d}`, maxPayload-quotes),       // an answer of exactly the quota
		fmt.Sprintf(`{"do":"large","size":%d}`, maxPayload-quotes+1),
	)
	if len(results) != 3 || results[0].FunctionError != "" || results[1].FunctionError != "" || len(results[1].Payload) != maxPayload {
		t.Fatalf("%d results; %s", len(results), log)
	}
	results[2].wantError(t, "Function.ResponseSizeTooLarge")
}

// invoked is the head of an answer of the Invoke operation.
type invoked struct {
	status int
	header http.Header
}

func TestServeHTTP_IsTheInvokeOperation(t *testing.T) {
	t.Parallel()
	s := setup(t)
	server := httptest.NewServer(s.Host)
	t.Cleanup(server.Close)
	ask := func(path, body string) (invoked, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Amz-Invocation-Type", "RequestResponse")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close() //nolint:errcheck // read to its end
		content, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return invoked{response.StatusCode, response.Header}, string(content)
	}
	const functions = "/2015-03-31/functions/"
	if r, body := ask(functions+"NigredoStack-x-Validate/invocations", `{}`); r.status != 200 || r.header.Get("X-Amz-Function-Error") != "Unhandled" || !strings.Contains(body, `"errorType":"Lead.Invalid"`) {
		t.Errorf("%d %v %s", r.status, r.header, body)
	}
	if r, _ := ask(functions+"NigredoStack-x-Nobody/invocations", `{}`); r.status != 404 || r.header.Get("X-Amzn-Errortype") != "ResourceNotFoundException" {
		t.Errorf("unknown function: %d %v", r.status, r.header)
	}
	if r, _ := ask(functions+"NigredoStack-x-Validate/invocations", strings.Repeat(" ", maxPayload+1)); r.status != 413 || r.header.Get("X-Amzn-Errortype") != "RequestTooLargeException" {
		t.Errorf("too large: %d %v", r.status, r.header)
	}
	if r, _ := ask(functions+"x", `{}`); r.status != 400 {
		t.Errorf("no operation: %d", r.status)
	}
	s.Reserve("validate", 0)
	if r, _ := ask(functions+"NigredoStack-x-Validate/invocations", `{}`); r.status != 429 || r.header.Get("X-Amzn-Errortype") != "TooManyRequestsException" {
		t.Errorf("over its reserved concurrency: %d %v", r.status, r.header)
	}
	s.Reserve("validate", 1)
	if r, _ := ask(functions+"NigredoStack-x-Validate/invocations", `{}`); r.status != 200 {
		t.Errorf("within its reserved concurrency: %d %v", r.status, r.header)
	}
}
