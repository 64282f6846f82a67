package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	rightsListed = `{"requests":[
		{"id":"` + leadID + `","protocol":"RQ-7K3M-9Q2X","kind":"erasure","email":"a•••@example.com\u001b[2J","status":"open","receivedAt":"2026-11-01T10:00:00.000Z","dueAt":"2026-11-16T10:00:00.000Z","daysLeft":-2,"leads":1},
		{"id":"` + leadID + `","protocol":"RQ-7K3M-9Q2Y","kind":"access","email":"b•••@example.com","status":"open","receivedAt":"2026-11-20T10:00:00.000Z","dueAt":"2026-12-05T10:00:00.000Z","daysLeft":0,"leads":0}],"cursor":"next"}`
	rightsClosed = `{"id":"` + leadID + `","protocol":"RQ-7K3M-9Q2X","kind":"erasure","email":"a•••@example.com","status":"closed","outcome":"answered"}`
)

func TestPrivacyList_ShowsWhatIsOverdue(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{"/api/rights-requests?limit=25&status=open": rightsListed})
	got := nigredo(t, env, "privacy", "list")
	got.want(t, 0, "--cursor next")
	for _, want := range []string{"RQ-7K3M-9Q2X  overdue    2026-11-16 10:00:00Z  erasure  a•••@example.com", "RQ-7K3M-9Q2Y  0          2026-12-05 10:00:00Z  access"} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("no %q in\n%s", want, got.stdout)
		}
	}
	if strings.Contains(got.stdout, "\x1b") {
		t.Errorf("control characters of a stranger reach the terminal: %q", got.stdout)
	}
	if document := validJSON(t, nigredo(t, env, "privacy", "list", "--json")); document["cursor"] != "next" {
		t.Errorf("got %v", document)
	}
}

func TestPrivacyGet_PrintsTheRequest(t *testing.T) {
	t.Parallel()
	env := apiFake(t, map[string]string{"/api/rights-requests/" + leadID: rightsClosed})
	got := nigredo(t, env, "privacy", "get", leadID)
	got.want(t, 0, "")
	if !strings.Contains(got.stdout, "outcome   answered\n") {
		t.Errorf("got\n%s", got.stdout)
	}
	nigredo(t, env, "privacy", "get", "x/../y").want(t, exitNotFound, "there is no request x/../y")
}

func TestPrivacyClose_SaysWhatAndWhy(t *testing.T) {
	t.Parallel()
	asked := make(chan map[string]string, 1)
	addr := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/api/rights-requests/"+leadID+"/close" {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		body, _ := io.ReadAll(r.Body)
		var sent map[string]string
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Error(err)
		}
		asked <- sent
		w.Write([]byte(rightsClosed)) //nolint:errcheck // a fake
	})
	got := nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "privacy", "close", leadID, "--outcome", "answered", "--reason", "sent the data")
	got.want(t, 0, "")
	if sent := <-asked; len(sent) != 2 || sent["outcome"] != "answered" || sent["reason"] != "sent the data" {
		t.Errorf("sent %v", sent)
	}
	if got.stdout != "RQ-7K3M-9Q2X is closed: answered.\n" {
		t.Errorf("got %s", got.stdout)
	}
}

func TestPrivacyClose_ClosedBeforeIsRefused(t *testing.T) {
	t.Parallel()
	addr := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		w.Write([]byte(`{"detail":"The request was closed before, as refused."}`)) //nolint:errcheck // a fake
	})
	nigredo(t, map[string]string{"NIGREDO_ADDR": addr, "NIGREDO_TOKEN": "x"}, "privacy", "close", leadID, "--outcome", "answered", "--reason", "x").
		want(t, exitRefused, "closed before, as refused")
}
