package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	leadID    = "0198c1a2-0000-7000-8000-000000000001"
	listed    = `{"leads":[{"id":"` + leadID + `","reference":"NG-7K3M-9Q2X","status":"delivered","name":"Ana\u001b[2J\u202eO'Brien","email":"a***@example.com","source":"site","createdAt":"2026-11-21T10:00:00.000Z"}],"cursor":"next"}`
	leadFound = `{"id":"` + leadID + `","reference":"NG-7K3M-9Q2X","status":"delivered","createdAt":"2026-11-21T10:00:00.000Z","consent":{"recognised":true,"marketing":false},"attempts":[1]}`
)

// apiFake wants the token and answers by path; anything else is 404.
func apiFake(t *testing.T, answers map[string]string) map[string]string {
	t.Helper()
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret-token" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"title":"Unauthorized","detail":"A valid access token is required."}`) //nolint:errcheck // a fake
			return
		}
		answer, ok := answers[r.URL.RequestURI()]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			answer = `{"title":"Not Found","detail":"There is no such lead."}`
		}
		fmt.Fprint(w, answer) //nolint:errcheck // a fake
	})
	return map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "secret-token"}
}

func TestLeadsList_TableIsSafeToPrint(t *testing.T) {
	t.Parallel()
	got := nigredo(t, apiFake(t, map[string]string{"/api/leads?limit=25": listed}), "leads", "list")
	got.want(t, 0, "--cursor next")
	if !strings.Contains(got.stdout, "NG-7K3M-9Q2X  delivered  2026-11-21 10:00:00Z") {
		t.Errorf("got\n%s", got.stdout)
	}
	if strings.ContainsAny(got.stdout, "\x1b\u202e") {
		t.Errorf("control characters of a stranger reach the terminal: %q", got.stdout)
	}
}

func TestLeadsList_PassesFiltersOn(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{"/api/leads?from=2026-01-01T00%3A00%3A00Z&limit=5&q=ana&status=failed": `{"leads":[]}`})
	nigredo(t, env, "leads", "list", "--q", "ana", "--status", "failed", "--from", "2026-01-01T00:00:00Z", "--limit", "5").want(t, 0, "")
}

func TestLeadsList_JSONIsTheAPIsDocument(t *testing.T) {
	t.Parallel()
	document := validJSON(t, nigredo(t, apiFake(t, map[string]string{"/api/leads?limit=25": listed}), "leads", "list", "--json"))
	if document["cursor"] != "next" || len(document["leads"].([]any)) != 1 {
		t.Errorf("got %v", document)
	}
}

func TestLeadsGet_ByIDAndByReference(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{"/api/leads/" + leadID: leadFound, "/api/leads?q=NG-7K3M-9Q2X": listed})
	for _, typed := range []string{leadID, "NG-7K3M-9Q2X", "ng-7k3m-9q2x"} {
		got := nigredo(t, env, "leads", "get", typed)
		got.want(t, 0, "")
		if !strings.Contains(got.stdout, "consent.marketing   false\n") || !strings.Contains(got.stdout, "consent.recognised  true\n") || !strings.Contains(got.stdout, "attempts            [1]\n") {
			t.Errorf("%s: got\n%s", typed, got.stdout)
		}
	}
}

func TestLeadsGet_NotFound(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{"/api/leads?q=NG-0000-0000": `{"leads":[]}`})
	nigredo(t, env, "leads", "get", leadID).want(t, exitNotFound, "there is no lead "+leadID)
	nigredo(t, env, "leads", "get", "NG-0000-0000").want(t, exitNotFound, "there is no lead NG-0000-0000")
}

func TestLeads_WrongTokenIsRefused(t *testing.T) {
	t.Parallel()
	env := apiFake(t, nil)
	env["NIGREDO_TOKEN"] = "another"
	nigredo(t, env, "leads", "list").want(t, exitRefused, "--data-dir")
}

func TestLeads_RefusalNamesTheRole(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	got := nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "leads", "list")
	got.want(t, exitRefused, "this needs the role operator")
	if strings.Contains(got.stderr, "--data-dir") {
		t.Errorf("asks for the data folder of a token that is valid: %s", got.stderr)
	}
}

func TestLeads_StatusDecidesTheExitCode(t *testing.T) {
	t.Parallel()
	for status, code := range map[int]int{400: exitUsage, 401: exitRefused, 403: exitRefused, 404: exitNotFound, 500: exitFailed, 502: exitUnreachable, 503: exitUnreachable, 504: exitUnreachable} {
		addr := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		got := nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "leads", "list")
		if got.code != code {
			t.Errorf("status %d: exit code %d; want %d", status, got.code, code)
		}
	}
}

func TestLeads_SaysWhichFilterIsWrong(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"detail":"The query has errors.","errors":[{"message":"limit is a whole number"},{"message":"from is a time"}]}`))
	})
	nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "leads", "list").
		want(t, exitUsage, "leads: limit is a whole number; from is a time (400)")
}

func TestLeads_Unreachable(t *testing.T) {
	t.Parallel()
	nigredo(t, map[string]string{"NIGREDO_ADDR": closed(t), "NIGREDO_TOKEN": "x"}, "leads", "list").want(t, exitUnreachable, "nigredo up")
}

// releaseFake answers POST /api/leads/{id}/release and keeps what it was sent.
func releaseFake(t *testing.T, status int, answer string) (env map[string]string, sent *string) {
	t.Helper()
	sent = new(string)
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.RequestURI() {
		case "GET /api/leads?q=NG-7K3M-9Q2X":
			fmt.Fprint(w, listed) //nolint:errcheck // a fake
		case "POST /api/leads/" + leadID + "/release":
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			*sent = string(body)
			w.WriteHeader(status)
			fmt.Fprint(w, answer) //nolint:errcheck // a fake
		default:
			w.WriteHeader(http.StatusTeapot)
		}
	})
	return map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, sent
}

func TestLeadsRelease_ByIDAndByReference(t *testing.T) {
	t.Parallel()
	const answer = `{"id":"` + leadID + `","reference":"NG-7K3M-9Q2X","status":"accepted","releasedAt":"2026-11-21T10:00:00.000Z","started":%t}`
	for _, typed := range []string{leadID, "ng-7k3m-9q2x"} {
		env, sent := releaseFake(t, http.StatusOK, fmt.Sprintf(answer, true))
		got := nigredo(t, env, "leads", "release", typed, "--reason", "a person, by phone")
		got.want(t, 0, "")
		if *sent != `{"reason":"a person, by phone"}` || got.stdout != "Released NG-7K3M-9Q2X. See its delivery: nigredo executions get "+leadID+"\n" {
			t.Errorf("%s: sent %s, printed %s", typed, *sent, got.stdout)
		}
	}
	env, _ := releaseFake(t, http.StatusOK, fmt.Sprintf(answer, false))
	if got := nigredo(t, env, "leads", "release", leadID, "--reason", "x"); !strings.Contains(got.stdout, "the sweep does it") {
		t.Errorf("not started: %s", got.stdout)
	}
	document := validJSON(t, nigredo(t, env, "leads", "release", leadID, "--reason", "x", "--json"))
	if document["started"] != false || document["status"] != "accepted" {
		t.Errorf("JSON %v", document)
	}
}

func TestLeadsRelease_Refusals(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]struct {
		code   int
		stderr string
	}{
		http.StatusConflict:            {exitRefused, "released already"},
		http.StatusNotFound:            {exitNotFound, "there is no lead " + leadID},
		http.StatusUnprocessableEntity: {exitUsage, "released already"},
		http.StatusServiceUnavailable:  {exitUnreachable, "released already"},
	} {
		env, _ := releaseFake(t, status, `{"title":"x","detail":"The lead was released already; it is delivered."}`)
		nigredo(t, env, "leads", "release", leadID, "--reason", "x").want(t, want.code, want.stderr)
	}
	env, sent := releaseFake(t, http.StatusOK, "{}")
	nigredo(t, env, "leads", "release", leadID).want(t, exitUsage, "--reason")
	if *sent != "" {
		t.Errorf("sent %s without a reason", *sent)
	}
}
