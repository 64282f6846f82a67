package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/tests/lambda"
)

// asProcesses tells whether every activity runs as a process of its own, as its own user
// of the database, behind NIGREDO_LAMBDA_ENDPOINT: NIGREDO_E2E_LAMBDA=1 for the whole
// suite. Otherwise "up" runs them.
func asProcesses() bool { return os.Getenv("NIGREDO_E2E_LAMBDA") != "" }

// functions are the processes behind one installation.
type functions struct {
	host   *lambda.Host
	server *httptest.Server
}

// built are the programs of the functions, once for this test process.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nigredo-functions-")
	if err != nil {
		return "", err
	}
	return dir, lambda.Build(context.Background(), filepath.Join("..", ".."), dir)
})

// serveFunctions gives the endpoint at which functions will answer. What they need to
// know of the installation is read when the first of them starts: by then it has a
// database and secrets.
func serveFunctions() (*functions, error) {
	binaries, err := built()
	if err != nil {
		return nil, err
	}
	f := &functions{host: &lambda.Host{Binaries: binaries}}
	f.server = httptest.NewServer(f.host)
	return f, nil
}

func (f *functions) variables() []string {
	return []string{"NIGREDO_LAMBDA_ENDPOINT=" + f.server.URL, "NIGREDO_LAMBDA_ONLY=true"}
}

// of binds the functions to an installation, before it starts.
func (f *functions) of(i *installation) {
	settings := sync.OnceValues(func() (lambda.Settings, error) {
		s := lambda.Settings{WebhookURL: i.receiver.url(), WebhookSecret: i.receiver.secret, StepFunctions: i.SFN}
		database, err := os.ReadFile(filepath.Join(i.Dir, "postgres", "url"))
		if err != nil {
			return s, err
		}
		s.Database = strings.TrimSpace(string(database))
		text, err := os.ReadFile(filepath.Join(i.Dir, "secrets"))
		if err != nil {
			return s, err
		}
		var secrets struct {
			StampKey string `json:"stampKey"`
		}
		if err := json.Unmarshal(text, &secrets); err != nil {
			return s, err
		}
		s.StampKey = secrets.StampKey
		return s, lambda.Users(context.Background(), s.Database)
	})
	f.host.Output = &i.Output
	f.host.Env = func(function config.Function) ([]string, error) {
		s, err := settings()
		if err != nil {
			return nil, err
		}
		return s.Env(function)
	}
}

// burst is how many calls these tests make at once. Where as many calls of a function may
// be open, none is throttled; on a machine that these tests share with their clients, no
// more processes than AWS would give answer them.
const burst = 64

// warm makes the functions fit for what comes at once, and in time: states give them two
// seconds, and a process that starts beside others may need them.
func (f *functions) warm() error {
	for _, one := range config.All() {
		f.host.Reserve(one.Activity, max(burst, one.Concurrency))
	}
	for activity, n := range map[string]int{"validate": 4, "ratelimit": 4, "persist": 4, "deliver": 2, "track": 2, "sweep": 1, "settle": 1} {
		if err := f.host.Warm(activity, n); err != nil {
			return err
		}
	}
	return nil
}

func (f *functions) close() {
	f.server.CloseClientConnections()
	f.server.Close()
	f.host.Close()
}

// A call over a function's reserved concurrency is a Lambda.TooManyRequestsException,
// which lead_intake tries once more, a second later.
func TestFunctions_AThrottledCallIsTriedAgain(t *testing.T) {
	t.Parallel()
	if !asProcesses() {
		t.Skip("up throttles nobody: NIGREDO_E2E_LAMBDA=1")
	}
	h := newHouse(t)
	h.functions.host.Reserve("ratelimit", 0)
	email := person()
	refused := h.call(t, request{address: h.address(), body: lead(email)})
	refused.problem(t, http.StatusServiceUnavailable)
	if refused.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	if n := h.text(t, `SELECT count(*)::text FROM nigredo.leads`); n != "0" {
		t.Errorf("%s leads of a refused post", n)
	}

	mended := time.AfterFunc(500*time.Millisecond, func() { h.functions.host.Reserve("ratelimit", 1) })
	defer mended.Stop()
	before := time.Now()
	h.accept(t, request{address: h.address(), body: lead(email)})
	if took := time.Since(before); took < time.Second {
		t.Errorf("accepted after %s: it was not throttled", took)
	}
	h.receiver.wait(t, email, 1, soon)
}
