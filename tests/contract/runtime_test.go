package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// runtimeAPI is the part of AWS's Lambda Runtime API (version 2018-06-01) that a
// function uses: it hands out the payloads it is given and keeps the answers.
type runtimeAPI struct {
	server  *httptest.Server
	queue   chan string
	results chan result
}

// result is what a function posted for one invocation; failed tells which of
// the two endpoints it used.
type result struct {
	failed bool
	body   string
}

func newRuntimeAPI(t *testing.T) *runtimeAPI {
	t.Helper()
	r := &runtimeAPI{queue: make(chan string, 1), results: make(chan result, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, request *http.Request) {
		select {
		case <-request.Context().Done():
		case payload := <-r.queue:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(10*time.Second).UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:test")
			_, _ = io.WriteString(w, payload)
		}
	})
	answer := func(failed bool) http.HandlerFunc {
		return func(w http.ResponseWriter, request *http.Request) {
			body, err := io.ReadAll(request.Body)
			if err != nil {
				t.Error(err)
			}
			r.results <- result{failed: failed, body: string(body)}
			w.WriteHeader(http.StatusAccepted)
		}
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", answer(false))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", answer(true))
	r.server = httptest.NewServer(mux)
	t.Cleanup(r.server.Close)
	return r
}

// function is a built Lambda function that runs under a runtimeAPI.
type function struct {
	api *runtimeAPI
	// end kills the process and gives all that it wrote: a line may reach the
	// test later than the answer.
	end func() string
}

// build compiles an activity's command as it is deployed, for this machine.
func build(t *testing.T, activity string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), activity)
	command := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-o", binary, "./activities/cmd/"+activity)
	command.Dir = filepath.Join("..", "..")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build %s: %v\n%s", activity, err, out)
	}
	return binary
}

// start runs an activity's command with nothing in its environment but env.
func start(t *testing.T, activity string, env ...string) *function {
	t.Helper()
	f := &function{api: newRuntimeAPI(t)}
	ctx, cancel := context.WithCancel(context.Background())
	command := exec.CommandContext(ctx, build(t, activity))
	command.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + f.api.server.Listener.Addr().String()}, env...)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	f.end = sync.OnceValue(func() string {
		cancel()
		_ = command.Wait() // it was killed
		return log.String()
	})
	t.Cleanup(func() { f.end() })
	return f
}

func (f *function) invoke(t *testing.T, payload string) result {
	t.Helper()
	f.api.queue <- payload
	select {
	case r := <-f.api.results:
		return r
	case <-time.After(10 * time.Second):
		t.Fatalf("no answer within 10 s; log:\n%s", f.end())
		return result{}
	}
}

// wantError requires the document that Lambda gives to Step Functions, whose
// errorType is what a state matches.
func (r result) wantError(t *testing.T, name, message string) {
	t.Helper()
	want := fmt.Sprintf(`{"errorMessage":%q,"errorType":%q}`, message, name)
	if !r.failed || r.body != want {
		t.Errorf("failed %v: %s\nwant %s", r.failed, r.body, want)
	}
}

func intakePayload(t *testing.T, body string) string {
	t.Helper()
	payload, err := json.Marshal(map[string]any{
		"request": map[string]string{
			"body": body, "contentType": "application/json", "sourceIp": "203.0.113.7", "userAgent": "test/1",
			"requestId": "r-1", "idempotencyKey": "", "origin": "",
		},
		"startedAt": "2026-11-21T12:00:00.123Z",
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}

const ana = `{"name":"Ana Marker","email":"ana@marker.example","consent":{"accepted":true}}`

func TestLambda_ValidateGivesResultsAndErrorsUnderTheirNames(t *testing.T) {
	t.Parallel()
	f := start(t, "validate", "NIGREDO_STAMP_KEY="+lead.NewStampKey())

	valid := f.invoke(t, intakePayload(t, ana))
	var out struct {
		Outcome    string         `json:"outcome"`
		Submission map[string]any `json:"submission"`
		Answer     *struct {
			StatusCode int `json:"statusCode"`
		} `json:"answer"`
	}
	if err := json.Unmarshal([]byte(valid.body), &out); err != nil || valid.failed || out.Outcome != "valid" || out.Submission["emailNorm"] != "ana@marker.example" {
		t.Errorf("%+v, %v", valid, err)
	}

	refused := f.invoke(t, intakePayload(t, `{"name":"Ana Marker"}`))
	if err := json.Unmarshal([]byte(refused.body), &out); err != nil || refused.failed || out.Outcome != "refused" || out.Answer.StatusCode != 422 {
		t.Errorf("%+v, %v", refused, err)
	}

	const invalid = "the input is not of the contract of this activity"
	f.invoke(t, `{"request":{"body":"Ana Marker"}}`).wantError(t, "Lead.Invalid", invalid)
	f.invoke(t, `{"nobody expects":"Ana Marker"}`).wantError(t, "Lead.Invalid", invalid)

	if again := f.invoke(t, intakePayload(t, ana)); again.body != valid.body {
		t.Errorf("after an error the same post gives %s, before %s", again.body, valid.body)
	}
	if log := f.end(); strings.Contains(log, "Marker") || strings.Contains(log, "marker") {
		t.Errorf("the log names a person:\n%s", log)
	}
}

func TestLambda_PersistReportsADatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	validate := start(t, "validate", "NIGREDO_STAMP_KEY="+lead.NewStampKey())
	var valid map[string]any
	if err := json.Unmarshal([]byte(validate.invoke(t, intakePayload(t, ana)).body), &valid); err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(map[string]any{
		"submission": valid["submission"], "startedAt": "2026-11-21T12:00:00Z",
		"execution": "arn:aws:states:us-east-1:000000000000:express:lead_intake:a:b",
	})
	if err != nil {
		t.Fatal(err)
	}
	f := start(t, "persist", "NIGREDO_DATABASE_URL="+nobodysDatabase(t))
	f.invoke(t, string(payload)).wantError(t, "Database.Unavailable", "the database did not answer")
	log := f.end()
	for _, want := range []string{`"level":"ERROR"`, `"activity":"persist"`, `"error":"Database.Unavailable"`, `"execution_arn":"arn:aws:states:`, `"ApiErrors":1`} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in\n%s", want, log)
		}
	}
	if strings.Contains(log, "Marker") || strings.Contains(log, "marker") || strings.Contains(log, "s3cret") {
		t.Errorf("the log names a person or a secret:\n%s", log)
	}
}

func TestLambda_HealthNamesTheDatabaseThatIsAway(t *testing.T) {
	t.Parallel()
	f := start(t, "health", "NIGREDO_DATABASE_URL="+nobodysDatabase(t))
	var response struct {
		StatusCode int    `json:"statusCode"`
		Body       string `json:"body"`
	}
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/health":       {200, `{"status":"ok"}`},
		"/health/ready": {503, `{"status":"unavailable","checks":{"database":"failed"}}`},
	} {
		r := f.invoke(t, `{"path":"`+path+`","httpMethod":"GET"}`)
		if err := json.Unmarshal([]byte(r.body), &response); err != nil || r.failed || response.StatusCode != want.status || response.Body != want.body {
			t.Errorf("%s: %+v, %v", path, r, err)
		}
	}
	if strings.Contains(f.end(), "s3cret") {
		t.Errorf("the log has the password:\n%s", f.end())
	}
}

func TestLambda_DoesNotStartWithoutItsConfiguration(t *testing.T) {
	t.Parallel()
	command := exec.Command(build(t, "deliver"))
	command.Env = []string{"AWS_LAMBDA_RUNTIME_API=127.0.0.1:1", "FIBONACCI_WEBHOOK_URL=https://example.com/", "FIBONACCI_WEBHOOK_SECRET=s3cret"}
	out, err := command.CombinedOutput()
	if err == nil || !strings.Contains(string(out), `"error_message":"webhook secret 1: want`) || strings.Contains(string(out), "s3cret") {
		t.Errorf("%v\n%s", err, out)
	}
}

// nobodysDatabase is a URL where nothing listens.
func nobodysDatabase(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	database := url.URL{
		Scheme: "postgres", User: url.UserPassword("nigredo", "s3cret"), Host: listener.Addr().String(),
		Path: "/nigredo", RawQuery: "sslmode=disable",
	}
	return database.String()
}

func TestLambda_EveryCommandBuildsForArm(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles everything for another processor")
	}
	commands, err := filepath.Glob(filepath.Join("..", "..", "activities", "cmd", "*", "main.go"))
	if err != nil || len(commands) < 9 {
		t.Fatalf("%d commands, %v", len(commands), err)
	}
	command := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", t.TempDir(), "./activities/cmd/...")
	command.Dir = filepath.Join("..", "..")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
