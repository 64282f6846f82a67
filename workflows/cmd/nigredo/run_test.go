package main

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

// nigredo runs one command line with nothing but the given environment.
func nigredo(t *testing.T, env map[string]string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), args, func(name string) string { return env[name] }, &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

func (o outcome) want(t *testing.T, code int, stderr string) {
	t.Helper()
	if o.code != code || !strings.Contains(o.stderr, stderr) {
		t.Errorf("got exit code %d, %q; want %d, %q", o.code, o.stderr, code, stderr)
	}
	if code != 0 && o.stdout != "" {
		t.Errorf("a failure wrote to standard output: %q", o.stdout)
	}
}

// closed is an address where nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // that is the point
	return l.Addr().String()
}

// serve gives the address of a fake server.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestRun_HelpNamesEveryCommandSettingAndExitCode(t *testing.T) {
	t.Parallel()
	top := nigredo(t, nil, "--help")
	top.want(t, 0, "")
	for _, want := range []string{
		"up", "migrate", "db-url", "token", "leads list", "leads get", "executions list", "executions get", "executions history", "redrive",
		"receiver check", "stats", "privacy list", "privacy get", "privacy close",
		"fibonacci events", "fibonacci fault", "secret show", "secret rotate",
		"redrives list", "redrives get", "redrives watch", "redrives pause", "redrives resume", "redrives cancel",
		"deploy", "verify", "rollback", "stop-traffic", "resume-traffic", "destroy",
		"up", "migrate", "db-url", "token", "leads list", "leads get", "failures", "executions list", "executions get", "executions history", "redrive",
		"0 done", "1 failed", "2 wrong usage", "3 not reachable", "4 not found", "5 refused",
	} {
		if !strings.Contains(top.stdout, want) {
			t.Errorf("--help does not name %q:\n%s", want, top.stdout)
		}
	}
	up := nigredo(t, nil, "up", "--help")
	for _, want := range []string{
		"NIGREDO_ADDR", "NIGREDO_SFN_ADDR", "NIGREDO_DATA_DIR", "NIGREDO_DATABASE_URL", "FIBONACCI_WEBHOOK_URL",
		"FIBONACCI_WEBHOOK_SECRET", "NIGREDO_RATE_LIMIT", "NIGREDO_TRUSTED_PROXIES", "NIGREDO_OIDC_ISSUER", "NIGREDO_LAMBDA_ENDPOINT", "NIGREDO_LAMBDA_ONLY",
		"NIGREDO_HISTORY_DAYS",
	} {
		if !strings.Contains(up.stdout, "$"+want) {
			t.Errorf("up --help does not name %s:\n%s", want, up.stdout)
		}
	}
}

func TestRun_WrongUsage(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"no command":           {},
		"unknown command":      {"leads", "sell"},
		"unknown flag":         {"up", "--bogus"},
		"no role":              {"token"},
		"unknown role":         {"token", "--role", "root"},
		"a limit out of range": {"executions", "list", "--limit", "1001"},
		"an unknown status":    {"executions", "list", "--status", "DONE"},
		"no execution":         {"redrive"},
		"an age of no span":    {"failures", "--since", "yesterday"},
		"a close without why":  {"privacy", "close", "x", "--outcome", "answered"},
		"an unknown outcome":   {"privacy", "close", "x", "--outcome", "lost", "--reason", "x"},
		"requests of no kind":  {"privacy", "list", "--status", "late"},
		"stats of no span":     {"stats", "--since", "ever"},
		"a limit of no number": {"up", "--rate-limit", "ten"},
		"a history of no days": {"up", "--history-days", "0"},
		"plain http elsewhere": {"receiver", "check", "http://example.com/", "--secret", webhookSecret},
		"a timeout too short":  {"receiver", "check", "https://example.com/", "--secret", webhookSecret, "--timeout", "5s"},
		"a bad secret":         {"receiver", "check", "https://example.com/", "--secret", "whsec_x"},
		"no events":            {"fibonacci", "events", "--limit", "0"},
		"too many events":      {"fibonacci", "events", "--limit", "1001"},
		"no environment":       {"deploy"},
		"unknown environment":  {"rollback", "--env", "live"},
		"an unknown part":      {"deploy", "--env", "dev", "--only", "database"},
		"destroy unasked":      {"destroy", "--env", "dev"},
		"a lead without an id": {"fibonacci", "events", "--lead", "NG-7K3M-9Q2X"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nigredo(t, nil, args...).want(t, exitUsage, "nigredo --help")
		})
	}
}

func TestRun_FlagBeforeEnvironmentBeforeDefault(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Host
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Write([]byte(`{"executions":[]}`)) //nolint:errcheck // a fake
	})
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		code int
	}{
		"environment":                {map[string]string{"NIGREDO_SFN_ADDR": server}, nil, 0},
		"flag before environment":    {map[string]string{"NIGREDO_SFN_ADDR": closed(t)}, []string{"--sfn-addr", server}, 0},
		"empty variable is no value": {map[string]string{"NIGREDO_SFN_ADDR": ""}, []string{"--sfn-addr", server}, 0},
		"environment decides alone":  {map[string]string{"NIGREDO_SFN_ADDR": closed(t)}, nil, exitUnreachable},
	} {
		got := nigredo(t, test.env, append([]string{"executions", "list"}, test.args...)...)
		if got.code != test.code {
			t.Errorf("%s: exit code %d, %s; want %d", name, got.code, got.stderr, test.code)
		}
		if test.code == 0 {
			if host := <-asked; host != server {
				t.Errorf("%s: asked %s; want %s", name, host, server)
			}
		}
	}
}

func TestRun_NothingStartedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"token":      {"token", "--role", "operator", "--data-dir", dir},
		"db-url":     {"db-url", "--data-dir", dir},
		"leads":      {"leads", "list", "--data-dir", dir},
		"executions": {"executions", "get", "x", "--sfn-addr", closed(t)},
		"redrive":    {"redrive", "x", "--sfn-addr", closed(t)},
		"receiver":   {"receiver", "check", "--data-dir", dir},
		"events":     {"fibonacci", "events", "--data-dir", dir},
		"fault":      {"fibonacci", "fault", "--reset", "--data-dir", dir},
		"no fault":   {"fibonacci", "fault", "--data-dir", dir},
		"its end":    {"fibonacci", "fault", "--off", "--data-dir", dir},
		"secrets":    {"secret", "show", "--data-dir", dir},
		"rotation":   {"secret", "rotate", "--data-dir", dir},
		"plan":       {"redrive", "--plan", "--data-dir", dir},
		"campaigns":  {"redrives", "watch", "x", "--data-dir", dir},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nigredo(t, nil, args...).want(t, exitUnreachable, "nigredo up")
		})
	}
}

// password is one that no output may quote.
const password = "hunter2"

func TestDBURL_ConfiguredButDown(t *testing.T) {
	t.Parallel()
	got := nigredo(t, map[string]string{"NIGREDO_DATABASE_URL": "postgresql://u:" + password + "@" + closed(t) + "/x"}, "db-url")
	got.want(t, exitUnreachable, "does not answer")
	if strings.Contains(got.stderr, password) {
		t.Errorf("the error quotes the password: %s", got.stderr)
	}
}

func TestUp_RefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	got := nigredo(t, map[string]string{"NIGREDO_ADDR": "0.0.0.0:0", "NIGREDO_DATA_DIR": filepath.Join(t.TempDir(), "data")}, "up")
	got.want(t, exitUsage, "NIGREDO_OIDC_ISSUER")
}

func TestMigrate_DatabaseDown(t *testing.T) {
	t.Parallel()
	env := map[string]string{"NIGREDO_DATABASE_URL": "postgresql://u:" + password + "@" + closed(t) + "/x", "NIGREDO_DATA_DIR": t.TempDir()}
	got := nigredo(t, env, "migrate")
	got.want(t, exitUnreachable, "does not answer")
	if strings.Contains(got.stderr, password) {
		t.Errorf("the error quotes the password: %s", got.stderr)
	}
}

func TestUp_RefusesAFolderInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := flock.Try(filepath.Join(dir, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release() //nolint:errcheck // the end of the test
	nigredo(t, map[string]string{"NIGREDO_DATA_DIR": dir}, "up").want(t, exitRefused, "another nigredo uses the data folder")
}

func TestUp_RefusesADataFolderThatIsAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	nigredo(t, map[string]string{"NIGREDO_DATA_DIR": file}, "up").want(t, exitFailed, "NIGREDO_DATA_DIR")
}

func validJSON(t *testing.T, o outcome) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(o.stdout), &document); err != nil {
		t.Fatalf("standard output is no JSON: %v\n%s", err, o.stdout)
	}
	return document
}
