package main

import (
	"context"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/local"
)

// program starts Nigredo and gives the environment that finds it, and the id of
// a lead that was delivered.
func program(t *testing.T) (env map[string]string, id string) {
	t.Helper()
	cfg := local.Config{
		Addr: "127.0.0.1:0", SFNAddr: "127.0.0.1:0",
		DataDir: filepath.Join(t.TempDir(), "data"), DatabaseURL: testdb.URL(t),
	}
	i, err := local.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Close(); err != nil {
			t.Error(err)
		}
	})
	env = map[string]string{
		"NIGREDO_ADDR": i.Addr(), "NIGREDO_SFN_ADDR": i.SFNAddr(),
		"NIGREDO_DATA_DIR": cfg.DataDir, "NIGREDO_DATABASE_URL": cfg.DatabaseURL,
	}
	response, err := http.Post("http://"+i.Addr()+"/api/leads", "application/json", strings.NewReader(`{"name":"Ana","email":"ana@example.com","consent":{"accepted":true}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read by the decoder
	var receipt struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&receipt); err != nil || receipt.ID == "" {
		t.Fatalf("post: %s, %v", response.Status, err)
	}
	awaitDelivered(t, env, receipt.ID)
	return env, receipt.ID
}

func awaitDelivered(t *testing.T, env map[string]string, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	for look := time.NewTicker(20 * time.Millisecond); ; {
		if strings.Contains(nigredo(t, env, "leads", "get", id, "--json").stdout, `"status": "delivered"`) {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			t.Fatalf("lead %s was not delivered: %s", id, nigredo(t, env, "leads", "get", id).stdout)
		}
	}
}

func TestCommands_OnARunningProgram(t *testing.T) {
	t.Parallel()
	env, id := program(t)
	for name, test := range map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"list of leads":           {[]string{"leads", "list"}, 0, id, ""},
		"list by a filter":        {[]string{"leads", "list", "--status", "failed", "--json"}, 0, `"leads": []`, ""},
		"an unknown status":       {[]string{"leads", "list", "--status", "sold"}, exitUsage, "", "leads: "},
		"one lead":                {[]string{"leads", "get", id}, 0, "ana@example.com", ""},
		"no such lead":            {[]string{"leads", "get", "00000000-0000-7000-8000-000000000000"}, exitNotFound, "", "there is no lead"},
		"no failures":             {[]string{"failures", "--since", "7d"}, 0, "NEXT STEP", ""},
		"failures by a filter":    {[]string{"failures", "--error", "Fibonacci.Rejected", "--json"}, 0, `"failures": []`, ""},
		"too many failures":       {[]string{"failures", "--limit", "101"}, exitUsage, "", "failures: limit is a whole number"},
		"stats":                   {[]string{"stats"}, 0, "direct  none     0      1        0            -", ""},
		"stats of too long":       {[]string{"stats", "--since", "400d"}, exitUsage, "", "more than 366 days"},
		"requests of persons":     {[]string{"privacy", "list"}, 0, "DAYS LEFT", ""},
		"no such request":         {[]string{"privacy", "get", id}, exitNotFound, "", "there is no request " + id},
		"list of executions":      {[]string{"executions", "list"}, 0, "lead-" + id + "  SUCCEEDED", ""},
		"executions of Express":   {[]string{"executions", "list", "--machine", "lead_intake"}, exitFailed, "", "state machine lead_intake"},
		"one execution":           {[]string{"executions", "get", id}, 0, "NOT_REDRIVABLE", ""},
		"no such execution":       {[]string{"executions", "get", "lead-x"}, exitNotFound, "", "there is no execution lead-x"},
		"history":                 {[]string{"executions", "history", id}, 0, "ExecutionSucceeded", ""},
		"history, newest first":   {[]string{"executions", "history", id, "--reverse", "--json"}, 0, `"type": "ExecutionStarted"`, ""},
		"redrive of what is done": {[]string{"redrive", id}, exitRefused, "", "cannot be redriven"},
		"redrive of it, with why": {[]string{"redrive", id, "--reason", "x"}, exitRefused, "", "There is no failed delivery of this lead"},
		"plan of nothing":         {[]string{"redrive", "--plan"}, 0, "would be delivered again", ""},
		"campaign of nothing":     {[]string{"redrive", "--reason", "x", "--yes"}, exitRefused, "", "nothing would be delivered again"},
		"a canary of nobody":      {[]string{"redrive", "--plan", "--canary", "0"}, exitUsage, "", "canary is a whole number"},
		"list of campaigns":       {[]string{"redrives", "list"}, 0, "STATUS", ""},
		"no such campaign":        {[]string{"redrives", "cancel", id}, exitNotFound, "", "there is no campaign"},
		"token":                   {[]string{"token", "--role", "engineer"}, 0, "eyJ", ""},
		"database":                {[]string{"db-url"}, 0, env["NIGREDO_DATABASE_URL"], ""},
		"built-in receiver":       {[]string{"receiver", "check"}, 0, "11 of 11 checks passed", "redirect: passed"},
		"events":                  {[]string{"fibonacci", "events"}, 0, "lead.created  " + id, ""},
		"events of another lead":  {[]string{"fibonacci", "events", "--lead", "00000000-0000-7000-8000-000000000000", "--json"}, 0, `"events": []`, ""},
		"no fault":                {[]string{"fibonacci", "fault"}, 0, "No fault is set", ""},
		"secrets":                 {[]string{"secret", "show"}, 0, "…  rotated", ""},
		"migrate, nothing to do":  {[]string{"migrate"}, 0, "", "up to date"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := nigredo(t, env, test.args...)
			got.want(t, test.code, test.stderr)
			if !strings.Contains(got.stdout, test.stdout) {
				t.Errorf("got\n%s\nwant %q in it", got.stdout, test.stdout)
			}
		})
	}
}

func TestToken_IsAllThatIsPrinted(t *testing.T) {
	t.Parallel()
	env, _ := program(t)
	got := nigredo(t, env, "token", "--role", "operator")
	if strings.Count(got.stdout, "\n") != 1 || strings.Count(got.stdout, ".") != 2 || got.stderr != "" {
		t.Errorf("got %q and %q; want one token on one line", got.stdout, got.stderr)
	}
}
