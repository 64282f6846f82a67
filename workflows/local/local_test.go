package local_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// output collects log lines.
type output struct {
	mu sync.Mutex
	b  strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func config(t *testing.T) local.Config {
	t.Helper()
	return local.Config{
		Addr: "127.0.0.1:0", SFNAddr: "127.0.0.1:0",
		DataDir:     filepath.Join(t.TempDir(), "data"),
		DatabaseURL: testdb.URL(t),
		Cache:       cluster.CacheDir(os.Getenv),
	}
}

func start(t *testing.T, cfg local.Config) *local.Instance {
	t.Helper()
	i, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	return i
}

const lead = `{"name":"Ana O'Brien","email":"ana@example.com","consent":{"accepted":true}}`

// post sends a lead and gives its id.
func post(t *testing.T, i *local.Instance) string {
	t.Helper()
	response, err := http.Post("http://"+i.Addr()+"/api/leads", "application/json", strings.NewReader(lead))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read below
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusCreated {
		t.Fatalf("got %s %s, %v; want 201", response.Status, body, err)
	}
	var receipt struct{ ID string }
	if err := json.Unmarshal(body, &receipt); err != nil {
		t.Fatal(err)
	}
	return receipt.ID
}

// awaitStatus waits until the lead has the status.
func awaitStatus(t *testing.T, i *local.Instance, id, want string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, i.DatabaseURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx) //nolint:errcheck // the end of the test
	var status string
	for look := time.NewTicker(20 * time.Millisecond); ; {
		if err := conn.QueryRow(ctx, "select status from nigredo.leads where id = $1", id).Scan(&status); err != nil {
			t.Fatalf("lead %s: %v (last status %q)", id, err, status)
		}
		if status == want {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("lead %s is %s; want %s", id, status, want)
		}
	}
}

func TestStart_PostedLeadIsDeliveredToTheBuiltInReceiver(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	out := &output{}
	cfg.Output = out
	i := start(t, cfg)
	id := post(t, i)
	awaitStatus(t, i, id, "delivered")
	for _, want := range []string{`"Lead created"`, `"Fibonacci: event received"`, `"Webhook delivered"`, "NigredoLeadSubmissions"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output has no %s", want)
		}
	}
	for _, personal := range []string{"Ana", "Brien", "ana@example.com"} {
		if strings.Contains(out.String(), personal) {
			t.Errorf("the output has the personal data %q", personal)
		}
	}
	records, err := os.ReadFile(filepath.Join(cfg.DataDir, "log", "lead_intake.log"))
	if err != nil || !strings.Contains(string(records), `"type":"ExecutionSucceeded"`) || strings.Contains(string(records), "ana@example.com") {
		t.Errorf("the Express log is missing, cut short or personal: %v", err)
	}
}

func TestStart_SignsInWithItsOwnTokens(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	i := start(t, cfg)
	id := post(t, i)
	for role, want := range map[string]int{"operator": http.StatusOK, "auditor": http.StatusForbidden} {
		token, err := local.Token(cfg.DataDir, i.Addr(), role)
		if err != nil {
			t.Fatal(err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+i.Addr()+"/api/leads/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: got %s; want %d", role, response.Status, want)
		}
	}
}

func TestStart_ServesSiteLoginAndProblems(t *testing.T) {
	t.Parallel()
	i := start(t, config(t))
	for path, want := range map[string]struct {
		status int
		kind   string
	}{
		"/":                                      {200, "text/html; charset=utf-8"},
		"/health":                                {200, "application/json"},
		"/health/ready":                          {200, "application/json"},
		"/api/nothing":                           {404, "application/problem+json"},
		"/api//leads":                            {404, "application/problem+json"},
		"/api/./leads":                           {404, "application/problem+json"},
		"/health/":                               {404, "application/problem+json"},
		"/oidc/.well-known/openid-configuration": {200, "application/json"},
	} {
		response, err := http.Get("http://" + i.Addr() + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want.status || response.Header.Get("Content-Type") != want.kind {
			t.Errorf("%s: got %s, %s; want %d, %s", path, response.Status, response.Header.Get("Content-Type"), want.status, want.kind)
		}
	}
}

func TestStart_SecondOnTheSameFolderIsRefused(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	start(t, cfg)
	_, err := local.Start(t.Context(), cfg)
	if !errors.Is(err, flock.ErrHeld) || !strings.Contains(err.Error(), "NIGREDO_DATA_DIR") {
		t.Errorf("got %v; want a refusal that names the folder's variable", err)
	}
}

func TestStart_SecondOnTheSameDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	i := start(t, cfg)
	cfg.DataDir = filepath.Join(t.TempDir(), "other")
	_, err := local.Start(t.Context(), cfg)
	if !errors.Is(err, engine.ErrLeaseHeld) || !strings.Contains(err.Error(), "NIGREDO_DATABASE_URL") {
		t.Errorf("got %v; want a refusal that names the database's variable", err)
	}
	awaitStatus(t, i, post(t, i), "delivered") // the first goes on
}

func TestStart_TakenAddressIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // the end of the test
	for name, cfg := range map[string]local.Config{
		"NIGREDO_ADDR":     {Addr: l.Addr().String(), SFNAddr: "127.0.0.1:0"},
		"NIGREDO_SFN_ADDR": {Addr: "127.0.0.1:0", SFNAddr: l.Addr().String()},
	} {
		cfg.DataDir = t.TempDir()
		if _, err := local.Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v; want a refusal that names %s", err, name)
		}
		if _, err := os.Stat(filepath.Join(cfg.DataDir, "postgres")); !os.IsNotExist(err) {
			t.Errorf("%s: a database was made first", name)
		}
	}
}

func TestStart_UnreachableDatabaseIsAnError(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	const password = "hunter2"
	cfg.DatabaseURL = "postgresql://u:" + password + "@127.0.0.1:1/x"
	_, err := local.Start(t.Context(), cfg)
	if err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("got %v; want an error without the password", err)
	}
}

func TestStart_UnreadableDatabaseURLIsWrongConfiguration(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	const password = "hunter2"
	cfg.DatabaseURL = "mysql://u:" + password + "@127.0.0.1:1/x"
	_, err := local.Start(t.Context(), cfg)
	if !errors.Is(err, local.ErrConfig) || !strings.Contains(err.Error(), "NIGREDO_DATABASE_URL") || strings.Contains(err.Error(), password) {
		t.Errorf("got %v; want ErrConfig that names the variable and not the password", err)
	}
}

func TestClose_StartsAgainWithItsData(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.DatabaseURL = "" // the private one
	first, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	id := post(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, cfg)
	awaitStatus(t, second, id, "delivered")
	url, err := local.DatabaseURL(cfg)
	if err != nil || url != second.DatabaseURL() {
		t.Errorf("got %q, %v; want %q", url, err, second.DatabaseURL())
	}
	if err := local.Migrate(t.Context(), cfg); err != nil {
		t.Errorf("migrate beside a running program: %v", err)
	}
}

// Without a limit of its own such a request holds the program for the ten seconds
// that a server waits for a body.
func TestClose_DoesNotWaitForARequestThatNeverEnds(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	cfg.Drain = 50 * time.Millisecond
	i, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for address, head := range map[string]string{
		i.Addr():    "POST /api/leads HTTP/1.1\r\nContent-Type: application/json\r\n",
		i.SFNAddr(): "POST / HTTP/1.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n",
	} {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // cut by the other side
		head += "Host: " + address + "\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
		if _, err := io.WriteString(conn, head); err != nil {
			t.Fatal(err)
		}
		// The server asks for the body: the request is in its handler.
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("%s: got %q, %v; want 100 Continue", address, line, err)
		}
	}
	closed := make(chan error, 1)
	go func() { closed <- i.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Errorf("got %v; want nil", err)
		}
	case <-time.After(5 * time.Second):
		t.Errorf("Close still waits after 5 s: %v", <-closed)
	}
}

func TestUp_EndsCleanlyWithItsContext(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	ready := make(chan struct{})
	cfg.Progress = func(sentence string) {
		if strings.HasPrefix(sentence, "Nigredo is ready.") {
			close(ready)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- local.Up(ctx, cfg) }()
	select {
	case <-ready:
	case err := <-ended:
		t.Fatalf("ended before it was ready: %v", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("got %v; want nil", err)
	}
}

func TestStart_GivesMachinesOfAnotherVersionItsOwnDefinition(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	first, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // the end of the test
	if _, err := conn.Exec(t.Context(), `update stepfunctions.revisions set definition = '{"StartAt":"Old","States":{"Old":{"Type":"Succeed"}}}'`); err != nil {
		t.Fatal(err)
	}
	second := start(t, cfg)
	awaitStatus(t, second, post(t, second), "delivered")
	var revisions, machines int
	err = conn.QueryRow(t.Context(), "select (select count(*) from stepfunctions.revisions), (select count(*) from stepfunctions.machines)").Scan(&revisions, &machines)
	if err != nil || revisions != 2*machines {
		t.Errorf("%d revisions of %d machines, %v; want two of each", revisions, machines, err)
	}
}
