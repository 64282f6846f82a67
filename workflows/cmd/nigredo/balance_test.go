package main

import (
	"strings"
	"testing"
)

const (
	balanced = `{"accepted":9,"delivered":7,"failed":1,"withheld":0,"quarantined":0,"inFlight":1,"unaccounted":0,"leads":[]}`
	lost     = `{"accepted":9,"delivered":7,"failed":0,"withheld":0,"quarantined":0,"inFlight":0,"unaccounted":2,
		"leads":[{"id":"` + leadID + `","problem":"no_delivery","acceptedAt":"2026-11-21T10:00:00.000Z"}]}`
)

func TestLeadsBalance_PrintsTheSheet(t *testing.T) {
	t.Parallel()
	got := nigredo(t, apiFake(t, map[string]string{"/api/balance": balanced}), "leads", "balance")
	got.want(t, 0, "")
	for _, line := range []string{"accepted     9  by the ledger\n", "in flight    1  ", "unaccounted  0  "} {
		if !strings.Contains(got.stdout, line) {
			t.Errorf("no %q in\n%s", line, got.stdout)
		}
	}
}

func TestLeadsBalance_FailsWhenSomethingIsUnaccountedFor(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{"/api/balance": lost})
	env["NIGREDO_SFN_ADDR"] = "127.0.0.1:9"
	got := nigredo(t, env, "leads", "balance")
	if got.code != exitFailed {
		t.Errorf("exit code %d, want %d", got.code, exitFailed)
	}
	if want := leadID + "  2026-11-21 10:00:00Z  no row says that it is owed  nothing: the next sweep restores it"; !strings.Contains(got.stdout, want) {
		t.Errorf("got\n%s\nwant %s", got.stdout, want)
	}
	for _, part := range []string{"2 of 9 leads unaccounted for", "there are 1 more", "--endpoint-url http://127.0.0.1:9 ", "stateMachine:delivery_sweep"} {
		if !strings.Contains(got.stderr, part) {
			t.Errorf("no %q in %s", part, got.stderr)
		}
	}
}

func TestLeadsBalance_JSONIsTheAPIsDocument(t *testing.T) {
	t.Parallel()
	if document := validJSON(t, nigredo(t, apiFake(t, map[string]string{"/api/balance": balanced}), "leads", "balance", "--json")); document["accepted"] != 9.0 {
		t.Errorf("got %v", document)
	}
	got := nigredo(t, apiFake(t, map[string]string{"/api/balance": lost}), "leads", "balance", "--json")
	if got.code != exitFailed || !strings.Contains(got.stderr, "unaccounted for") || !strings.HasPrefix(got.stdout, "{") {
		t.Errorf("got exit code %d, %s, %s", got.code, got.stderr, got.stdout)
	}
}

// Every problem that the database names has words of its own.
func TestExplain_KnowsEveryProblem(t *testing.T) {
	t.Parallel()
	for _, problem := range []string{"no_delivery", "not_started", "not_heard_of", "no_proof", "no_lead", "contradiction"} {
		if wrong, do := explain(problem); wrong == problem || wrong == "" || do == "" {
			t.Errorf("%s: %q, %q", problem, wrong, do)
		}
	}
}
