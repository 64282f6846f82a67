package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// folder is the environment of a data folder in which nigredo ran.
func folder(t *testing.T) map[string]string {
	t.Helper()
	env, _ := program(t)
	return env
}

func TestFibonacciEvents_NewestFirst(t *testing.T) {
	t.Parallel()
	env := map[string]string{"NIGREDO_DATABASE_URL": testdb.URL(t)}
	conn, err := pgx.Connect(t.Context(), env["NIGREDO_DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // the end of the test
	if _, err := conn.Exec(t.Context(), `INSERT INTO fibonacci.events VALUES
		('msg_1', 'lead.created', '`+leadID+`', '2026-11-21 10:00Z', '2026-11-21 10:00:01Z', 0),
		('msg_2', 'nigredo.test', NULL, '2026-11-21 11:00Z', '2026-11-21 11:00:01Z', 3)`); err != nil {
		t.Fatal(err)
	}
	got := nigredo(t, env, "fibonacci", "events")
	got.want(t, 0, "")
	want := "WEBHOOK-ID  TYPE          LEAD                                  RECEIVED              REPEATS\n" +
		"msg_2       nigredo.test  -                                     2026-11-21 11:00:01Z  3\n" +
		"msg_1       lead.created  " + leadID + "  2026-11-21 10:00:01Z  0\n"
	if got.stdout != want {
		t.Errorf("got\n%s\nwant\n%s", got.stdout, want)
	}
	for flag, want := range map[string]string{"--limit=1": "msg_2", "--lead=" + leadID: "msg_1"} {
		events := validJSON(t, nigredo(t, env, "fibonacci", "events", "--json", flag))["events"].([]any)
		if len(events) != 1 || events[0].(map[string]any)["webhookId"] != want {
			t.Errorf("%s: got %v", flag, events)
		}
	}
	if _, err := conn.Exec(t.Context(), "DROP SCHEMA fibonacci CASCADE"); err != nil {
		t.Fatal(err)
	}
	nigredo(t, env, "fibonacci", "events").want(t, exitUnreachable, "nigredo migrate")
}

func TestFibonacciEvents_DatabaseDown(t *testing.T) {
	t.Parallel()
	got := nigredo(t, map[string]string{"NIGREDO_DATABASE_URL": "postgresql://u:" + password + "@" + closed(t) + "/x"}, "fibonacci", "events")
	got.want(t, exitUnreachable, "run nigredo up first")
	if strings.Contains(got.stderr, password) {
		t.Errorf("the error quotes the password: %s", got.stderr)
	}
}

func TestFibonacciFault_SetShownAndEnded(t *testing.T) {
	t.Parallel()
	env := folder(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--status", "503"}, "the built-in receiver answers 503. "},
		{[]string{"--status", "429", "--retry-after", "30", "--for", "24h"}, "the built-in receiver answers 429 (Retry-After: 30). "},
		{[]string{"--slow", "8s"}, "the built-in receiver waits 8s, then does its work. "},
		{[]string{"--slow", "250ms", "--reset", "--share", "0.3"}, "the built-in receiver waits 250ms, then resets the connection for 30% of the events. "},
	} {
		args := append([]string{"fibonacci", "fault"}, test.args...)
		for _, args := range [][]string{args, {"fibonacci", "fault"}} {
			got := nigredo(t, env, args...)
			got.want(t, 0, "")
			if !strings.HasPrefix(got.stdout, "Until ") || !strings.Contains(got.stdout, test.want) {
				t.Errorf("%v: got %q, want %q", args, got.stdout, test.want)
			}
		}
	}
	shown := validJSON(t, nigredo(t, env, "fibonacci", "fault", "--json"))["fault"].(map[string]any)
	until, err := time.Parse(time.RFC3339, shown["until"].(string))
	if left := time.Until(until); err != nil || left > defaultFault || left < defaultFault-time.Minute || shown["share"] != 0.3 || shown["reset"] != true {
		t.Errorf("got %v, %v", shown, err)
	}
	for range 2 {
		nigredo(t, env, "fibonacci", "fault", "--off").want(t, 0, "")
		if got := validJSON(t, nigredo(t, env, "fibonacci", "fault", "--json")); got["fault"] != nil {
			t.Errorf("after its end: %v", got)
		}
	}
	if err := os.WriteFile(filepath.Join(env["NIGREDO_DATA_DIR"], "fault"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	nigredo(t, env, "fibonacci", "fault").want(t, exitFailed, "--off removes it")

	env["FIBONACCI_WEBHOOK_URL"] = "https://example.com/"
	nigredo(t, env, "fibonacci", "fault", "--status", "503").want(t, 0, "does not use the built-in receiver")
}

func TestFibonacciFault_RefusesNonsense(t *testing.T) {
	t.Parallel()
	env := folder(t)
	for _, args := range []string{
		"--status=0", "--status=99", "--status=600", "--status=-1", "--status=503 --reset", "--status=x",
		"--retry-after=30", "--status=503 --retry-after=-1", "--slow=31s", "--slow=-1s", "--slow=8",
		"--share=0.3", "--for=1m", "--reset --share=0", "--reset --share=1.1", "--reset --share=NaN",
		"--reset --for=0s", "--reset --for=-1m", "--reset --for=24h1s", "--off --reset", "--off --for=1m",
	} {
		nigredo(t, env, append([]string{"fibonacci", "fault"}, strings.Fields(args)...)...).want(t, exitUsage, "nigredo --help")
	}
	if _, err := os.Stat(filepath.Join(env["NIGREDO_DATA_DIR"], "fault")); !os.IsNotExist(err) {
		t.Error("a file was written")
	}
}
