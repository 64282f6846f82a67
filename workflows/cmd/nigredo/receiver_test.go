package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var webhookSecret = "whsec_" + strings.Repeat("a2V5", 8)

func TestReceiverCheck_ScorecardAndExitCode(t *testing.T) {
	t.Parallel()
	everything := "http://" + serve(t, func(http.ResponseWriter, *http.Request) {})
	nothing := "http://" + serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	for name, test := range map[string]struct {
		url    string
		code   int
		stdout []string
		stderr string
	}{
		"takes everything": {everything, exitFailed, []string{"bad signature", "failed", "200 200 200 200 200 200", "To fix: ", "webhook.Verify(body, r.Header)", "8 of 11 checks passed, failed: bad signature, stale timestamp, future timestamp."}, "stale timestamp: failed\n"},
		"takes nothing":    {nothing, exitFailed, []string{"Compare the secret", "0 of 11 checks passed, failed: good signature (10 not run)."}, "good signature: failed\n"},
		"is not there":     {"http://" + closed(t), exitUnreachable, []string{"Not reachable: the connection was refused. Start the receiver"}, "does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := nigredo(t, map[string]string{"FIBONACCI_WEBHOOK_SECRET": webhookSecret}, "receiver", "check", test.url)
			if got.code != test.code || !strings.Contains(got.stderr, test.stderr) {
				t.Errorf("exit code %d, %s; want %d, %q", got.code, got.stderr, test.code, test.stderr)
			}
			for _, want := range test.stdout {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("got\n%s\nwant %q in it", got.stdout, want)
				}
			}
			if strings.Contains(got.stdout+got.stderr, webhookSecret[6:]) {
				t.Errorf("the output holds the secret:\n%s%s", got.stdout, got.stderr)
			}
		})
	}
}

func TestReceiverCheck_JSONIsTheScorecard(t *testing.T) {
	t.Parallel()
	url := "http://" + serve(t, func(http.ResponseWriter, *http.Request) {})
	got := nigredo(t, nil, "receiver", "check", url, "--secret", webhookSecret, "--json")
	document := validJSON(t, got)
	first := document["checks"].([]any)[0].(map[string]any)
	answer := first["answers"].([]any)[0].(map[string]any)
	if got.code != exitFailed || document["passed"] != 8.0 || document["reachable"] != true || first["status"] != "passed" || answer["status"] != 200.0 {
		t.Errorf("got %d, %s", got.code, got.stdout)
	}
}

func TestReceiverCheck_BuiltInReceiverThatIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "receiver"), []byte("http://"+closed(t)+"/\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := nigredo(t, nil, "receiver", "check", "--data-dir", dir, "--secret", webhookSecret)
	if got.code != exitUnreachable || !strings.Contains(got.stderr, "nigredo up") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

func TestReceiverCheck_NoSecret(t *testing.T) {
	t.Parallel()
	nigredo(t, nil, "receiver", "check", "https://receiver.invalid/", "--data-dir", t.TempDir()).want(t, exitUsage, "--secret")
}
