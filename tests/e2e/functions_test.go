package e2e

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"

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

func (f *functions) close() {
	f.server.CloseClientConnections()
	f.server.Close()
	f.host.Close()
}
