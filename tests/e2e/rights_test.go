package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// rightsReceipt is the body of a 202.
type rightsReceipt struct {
	Protocol  string `json:"protocol"`
	Status    string `json:"status"`
	DueInDays int    `json:"dueInDays"`
}

// asksFor posts a rights request from an address and gives the answer.
func asksFor(t *testing.T, address string, body map[string]string) answer {
	t.Helper()
	return up.call(t, request{path: "/api/rights-requests", address: address, body: asJSONText(t, body)})
}

// A person with a lead and a stranger ask; the desk deals with it on the command line.
func TestRights_FromTheRequestToTheAnswer(t *testing.T) {
	t.Parallel()
	m := newMarkers("name", "e-mail", "company", "message", "utm", "rights message", "stranger")
	body, email := m.body(t)
	lead := up.accept(t, request{address: up.address(), body: body})

	known := asksFor(t, up.address(), map[string]string{
		"kind": "erasure", "email": strings.ToUpper(email), "reference": lead.Reference, "message": "Please: " + m["rights message"],
	})
	unknown := asksFor(t, up.address(), map[string]string{"kind": "erasure", "email": m["stranger"] + "@example.com"})
	var receipts [2]rightsReceipt
	for i, a := range []answer{known, unknown} {
		if err := json.Unmarshal(a.body, &receipts[i]); err != nil || a.status != http.StatusAccepted || receipts[i].DueInDays != 15 || receipts[i].Status != "received" {
			t.Fatalf("%d %s, %v", a.status, a.body, err)
		}
	}
	// Nothing but the protocol tells the two answers apart.
	if got, want := strings.Replace(string(known.body), receipts[0].Protocol, receipts[1].Protocol, 1), string(unknown.body); got != want {
		t.Errorf("who has data gets\n%s\nwho has none\n%s", got, want)
	}
	names := func(h http.Header) (all []string) {
		for name := range h {
			all = append(all, name)
		}
		slices.Sort(all)
		return all
	}
	if !slices.Equal(names(known.header), names(unknown.header)) {
		t.Errorf("headers %v and %v", names(known.header), names(unknown.header))
	}

	list := up.run(t, "privacy", "list", "--limit", "100")
	if !strings.Contains(list, receipts[0].Protocol+"  14 ") || strings.Contains(strings.ToLower(list), email) {
		t.Errorf("list\n%s", list)
	}
	var page struct {
		Requests []struct{ ID, Protocol string }
	}
	if err := json.Unmarshal([]byte(up.run(t, "privacy", "list", "--limit", "100", "--json")), &page); err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, r := range page.Requests {
		if r.Protocol == receipts[0].Protocol {
			id = r.ID
		}
	}
	whole := up.run(t, "privacy", "get", id)
	for _, want := range []string{strings.ToUpper(email), m["rights message"], lead.Reference, lead.ID} {
		if !strings.Contains(whole, want) {
			t.Errorf("no %s in\n%s", want, whole)
		}
	}
	if got := up.run(t, "privacy", "close", id, "--outcome", "answered", "--reason", "data were erased"); got != receipts[0].Protocol+" is closed: answered." {
		t.Error(got)
	}
	if list := up.run(t, "privacy", "list", "--limit", "100"); strings.Contains(list, receipts[0].Protocol) {
		t.Errorf("still open\n%s", list)
	}

	type entry struct{ Kind string }
	var kinds []string
	for _, e := range query[entry](t, "select kind from nigredo.ledger where lead_id = $1 and kind like 'rights.%' order by at", lead.ID) {
		kinds = append(kinds, e.Kind)
	}
	if want := []string{"rights.requested", "rights.viewed", "rights.closed"}; !slices.Equal(kinds, want) {
		t.Errorf("ledger %v, want %v", kinds, want)
	}
	m.requirePrivate(t)
}

func TestRights_PlainFormPostGoesToTheReceipt(t *testing.T) {
	t.Parallel()
	address := up.address()
	form := func(values url.Values) answer {
		return up.call(t, request{path: "/api/rights-requests", address: address, contentType: asForm, body: values.Encode()})
	}
	sent := form(url.Values{"kind": {"access"}, "email": {person()}, "reference": {""}, "message": {"Olá,\r\n🜏"}, "locale": {"en"}})
	if to := sent.header.Get("Location"); sent.status != http.StatusSeeOther || !strings.HasPrefix(to, "/en/privacy/request/received/?protocol=RQ-") {
		t.Errorf("%d to %s: %s", sent.status, to, sent.body)
	}
	refused := form(url.Values{"email": {"ana"}})
	if refused.status != http.StatusUnprocessableEntity || refused.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("%d, %v", refused.status, refused.header)
	}
	for _, want := range []string{`href="#kind">Escolha o direito`, `id="email-error">Digite um e-mail no formato nome@exemplo.com<`, `value="ana"`} {
		if !strings.Contains(string(refused.body), want) {
			t.Errorf("no %s in %s", want, refused.body)
		}
	}
	for _, kind := range []string{"confirmation", "correction", "sharing", "refusal"} {
		form(url.Values{"kind": {kind}, "email": {person()}})
	}
	limited := form(url.Values{"kind": {"revocation"}, "email": {person()}})
	if limited.status != http.StatusTooManyRequests || limited.header.Get("Retry-After") == "" || !strings.Contains(string(limited.body), `value="revocation" checked`) {
		t.Errorf("%d, %v: %s", limited.status, limited.header, limited.body)
	}
	// Requests take no slot from leads.
	up.accept(t, request{address: address, body: lead(person())})
}

func TestRights_AnsweringIsForTheRolePrivacy(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"privacy": http.StatusOK, "operator": http.StatusForbidden, "engineer": http.StatusForbidden, "auditor": http.StatusForbidden} {
		token := up.run(t, "token", "--role", role)
		got := up.call(t, request{method: http.MethodGet, path: "/api/rights-requests", header: map[string]string{"Authorization": "Bearer " + token}})
		if got.status != status {
			t.Errorf("%s: %d %s", role, got.status, got.body)
		}
	}
	up.call(t, request{method: http.MethodGet, path: "/api/rights-requests"}).problem(t, http.StatusUnauthorized)
}
