package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

const failed = `{"failures":[{"error":"Fibonacci.Throttled","statusCode":429,"cause":"http","fingerprint":"0123456789ab","count":12,
	"firstSeen":"2026-11-21T10:00:00.000Z","lastSeen":"2026-11-21T11:00:00.000Z","sampleLeadId":"` + leadID + `","answer":"slow\u001b[2J",
	"retryAfterSeconds":90,"repairFirst":false,"nextStep":"Redrive\u202e at a lower rate."},
	{"count":1,"firstSeen":"2026-11-21T10:00:00.000Z","lastSeen":"2026-11-21T10:00:00.000Z","sampleLeadId":"` + leadID + `","repairFirst":false,"nextStep":"See who."}],"total":20}`

func TestFailures_TableTellsWhatToDo(t *testing.T) {
	t.Parallel()
	got := nigredo(t, apiFake(t, map[string]string{"/api/failures?limit=25": failed}), "failures")
	got.want(t, 0, "7 more failed")
	for _, want := range []string{
		"Fibonacci.Throttled  http   429     12     2026-11-21 10:00:00Z  2026-11-21 11:00:00Z  1m30s        " + leadID + "  Redrive",
		"-                    -      -       1 ",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in\n%s", want, got.stdout)
		}
	}
	if strings.ContainsAny(got.stdout, "\x1b\u202e") {
		t.Errorf("control characters of a stranger reach the terminal: %q", got.stdout)
	}
}

func TestFailures_JSONIsTheAPIsDocument(t *testing.T) {
	t.Parallel()
	document := validJSON(t, nigredo(t, apiFake(t, map[string]string{"/api/failures?limit=25": failed}), "failures", "--json"))
	if document["total"] != 20.0 || len(document["failures"].([]any)) != 2 {
		t.Errorf("got %v", document)
	}
}

func TestFailures_PassesFiltersOn(t *testing.T) {
	t.Parallel()
	asked := make(chan url.Values, 1)
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Query()
		w.Write([]byte(`{"failures":[],"total":0}`)) //nolint:errcheck // a fake
	})
	before := time.Now()
	nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "failures", "--since", "1d12h", "--error", "Fibonacci.Rejected", "--limit", "5").want(t, 0, "")
	got := <-asked
	from, err := time.Parse(time.RFC3339, got.Get("from"))
	if ago := before.Sub(from); err != nil || ago < 36*time.Hour-time.Minute || ago > 36*time.Hour+time.Minute {
		t.Errorf("from = %s, %v; want 36 hours ago", got.Get("from"), err)
	}
	if got.Get("error") != "Fibonacci.Rejected" || got.Get("limit") != "5" || len(got) != 3 {
		t.Errorf("asked %v", got)
	}
}
