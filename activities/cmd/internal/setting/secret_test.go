package setting

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const secretARN = "arn:aws:secretsmanager:sa-east-1:111122223333:secret:webhook-AbCdEf"

// vault is a Secrets Manager with one secret. It answers GetSecretValue and nothing
// else, and refuses a call that is not signed as AWS wants it.
type vault struct {
	mu    sync.Mutex
	value string // empty: out of order
	calls int
}

func (v *vault) set(value string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.value = value
}

func (v *vault) asked() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.calls
}

func newVault(t *testing.T, value string) *vault {
	t.Helper()
	v := &vault{value: value}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.calls++
		body, _ := io.ReadAll(r.Body)
		for name, want := range map[string]string{
			"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Security-Token": "session",
		} {
			if got := r.Header.Get(name); got != want {
				t.Errorf("%s = %q, want %q", name, got, want)
			}
		}
		if r.Method != http.MethodPost || r.URL.Path != "/" || string(body) != `{"SecretId":"`+secretARN+`"}` {
			t.Errorf("%s %s %s", r.Method, r.URL.Path, body)
		}
		signature := r.Header.Get("Authorization")
		if !strings.HasPrefix(signature, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/") || !strings.Contains(signature, "/sa-east-1/secretsmanager/aws4_request, SignedHeaders=") {
			t.Errorf("Authorization = %q", signature)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if v.value == "" {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = io.WriteString(w, `{"__type":"InternalServiceError","Message":"s3cret"}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ARN": secretARN, "Name": "webhook", "SecretString": v.value})
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	t.Setenv("AWS_REGION", "sa-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
	t.Setenv("AWS_SESSION_TOKEN", "session")
	return v
}

func TestSecrets_RotateWithoutARestartAndOutliveAnOutage(t *testing.T) {
	v := newVault(t, "whsec_old")
	t.Setenv("FIBONACCI_WEBHOOK_SECRET", "")
	t.Setenv("FIBONACCI_WEBHOOK_SECRET_ARN", secretARN)
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	var log strings.Builder
	env := task.NewEnv(&log, func() time.Time { return now })
	secrets, err := Secrets(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		name  string
		after time.Duration
		value string // of the vault from here on
		want  string
		calls int
	}{
		{"just read", 0, "whsec_old", "whsec_old", 1},
		{"rotated, not old yet", 5*time.Minute - 1, "whsec_new whsec_old", "whsec_old", 1},
		{"old", 1, "whsec_new whsec_old", "whsec_new whsec_old", 2},
		{"out of order, not old yet", time.Minute, "", "whsec_new whsec_old", 2},
		{"out of order", 4 * time.Minute, "", "whsec_new whsec_old", 3},
		{"not asked at once again", secretPause - 1, "", "whsec_new whsec_old", 3},
		{"asked again", 1, "", "whsec_new whsec_old", 4},
		{"back", secretPause, "whsec_new", "whsec_new", 5},
	}
	for _, step := range steps {
		now = now.Add(step.after)
		v.set(step.value)
		got, err := secrets()
		if err != nil || strings.Join(got, " ") != step.want || v.asked() != step.calls {
			t.Errorf("%s: %v, %v after %d calls, want %s after %d", step.name, got, err, v.asked(), step.want, step.calls)
		}
	}
	if said := log.String(); strings.Contains(said, "s3cret") || strings.Contains(said, "whsec") || !strings.Contains(said, "InternalServiceError") {
		t.Errorf("log: %s", said)
	}
}

func TestSecrets_RefuseToStart(t *testing.T) {
	tests := []struct{ name, plain, arn, value, want string }{
		{"neither", "", "", "x", "FIBONACCI_WEBHOOK_SECRET: not set, and no FIBONACCI_WEBHOOK_SECRET_ARN"},
		{"both", "whsec_s3cret", secretARN, "x", "FIBONACCI_WEBHOOK_SECRET: set beside FIBONACCI_WEBHOOK_SECRET_ARN; want one of them"},
		{"out of order", "", secretARN, "", "FIBONACCI_WEBHOOK_SECRET_ARN: Secrets Manager answered InternalServiceError"},
		{"blank", "", secretARN, " ", "FIBONACCI_WEBHOOK_SECRET_ARN: the secret has no text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			newVault(t, tt.value)
			t.Setenv("FIBONACCI_WEBHOOK_SECRET", tt.plain)
			t.Setenv("FIBONACCI_WEBHOOK_SECRET_ARN", tt.arn)
			if _, err := Secrets(t.Context(), task.NewEnv(io.Discard, time.Now)); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

func TestStamper_ReadsItsKeyFromSecretsManager(t *testing.T) {
	v := newVault(t, lead.NewStampKey())
	t.Setenv("NIGREDO_STAMP_KEY", "")
	t.Setenv("NIGREDO_STAMP_KEY_ARN", secretARN)
	if _, err := Stamper(t.Context()); err != nil {
		t.Error(err)
	}
	v.set("s3cret")
	if _, err := Stamper(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "NIGREDO_STAMP_KEY_ARN: ") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("error %v", err)
	}
}
