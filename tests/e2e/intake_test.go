package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

var referenceShape = regexp.MustCompile(`^NG-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`)

func TestIntake_AcceptsTheDocumentedPost(t *testing.T) {
	t.Parallel()
	// curl -d '{"name":"Ana O'"'"'Brien",…}' -H 'content-type: application/json' http://127.0.0.1:8080/api/leads
	address, email := up.address(), person()
	got := up.call(t, request{address: address, body: `{"name":"Ana O'Brien","email":"` + email + `","consent":{"accepted":true}}`})
	receipt := got.receipt(t)
	if !referenceShape.MatchString(receipt.Reference) || receipt.Status != "accepted" || time.Since(receipt.CreatedAt).Abs() > time.Minute {
		t.Errorf("receipt: %+v", receipt)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Location": "/api/leads/" + receipt.ID, "Cache-Control": "no-store",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, got.header.Get(name), want)
		}
	}
	type row struct{ Name, Email, Reference, Source, Address string }
	rows := query[row](t, `select l.name, l.email, l.reference, l.source, host(s.ip_address) as address
		from nigredo.leads as l join nigredo.form_submissions as s on s.lead_id = l.id where l.id = $1`, receipt.ID)
	want := row{"Ana O'Brien", email, receipt.Reference, "direct", address}
	if len(rows) != 1 || rows[0] != want {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
}

func TestIntake_PlainFormPostIsAnsweredByTheReceiptPage(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{"pt-BR": "/obrigado/?ref=", "en": "/en/thank-you/?ref="} {
		email := person()
		form := url.Values{"name": {"Ana Souza"}, "email": {email}, "consent.accepted": {"on"}, "locale": {locale}}
		got := up.call(t, request{address: up.address(), contentType: asForm, body: form.Encode()})
		reference, ok := strings.CutPrefix(got.header.Get("Location"), want)
		if got.status != http.StatusSeeOther || !ok || !referenceShape.MatchString(reference) {
			t.Fatalf("%s: %d to %q, want 303 to %s…", locale, got.status, got.header.Get("Location"), want)
		}
		page := up.call(t, request{method: http.MethodGet, path: got.header.Get("Location")})
		if page.status != http.StatusOK || !strings.Contains(string(page.body), reference) {
			t.Errorf("%s: the receipt page does not show %s", locale, reference)
		}
		if n := count(t, "select count(*) from nigredo.leads where email = $1 and reference = $2", email, reference); n != 1 {
			t.Errorf("%s: %d leads with the reference", locale, n)
		}
	}
}

// A name comes through Step Functions, PostgreSQL and the webhook as it was typed.
func TestIntake_KeepsNamesOfLivingScripts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"علی\u200cرضا محمدی", "രമേശന്\u200d നായര്\u200d", "ශ්\u200dරී කාන්ත"} {
		email, message := person(), name+" 👩🏽\u200d🔬"
		body, err := json.Marshal(map[string]any{"name": name, "email": email, "message": message, "consent": map[string]bool{"accepted": true}})
		if err != nil {
			t.Fatal(err)
		}
		receipt := up.accept(t, request{address: up.address(), body: string(body)})
		type row struct{ Name, Message string }
		if rows := query[row](t, `select name, message from nigredo.leads where id = $1`, receipt.ID); len(rows) != 1 || rows[0] != (row{name, message}) {
			t.Errorf("stored %+q, want %+q", rows, name)
		}
		if got := up.receiver.wait(t, email, 1, soon)[0].event.Data; got.Name != name || got.Message != message {
			t.Errorf("the receiver got %+q and %+q, want %+q", got.Name, got.Message, name)
		}
	}
}

func TestIntake_BadInputIsRefusedAndNothingStored(t *testing.T) {
	t.Parallel()
	quote := func(s string) string {
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	with := func(name, email string) string {
		return `{"name":` + quote(name) + `,"email":` + quote(email) + `,"consent":{"accepted":true}}`
	}
	for _, c := range []struct {
		name    string
		request request
		status  int
		pointer string // of the first error, when the fault has a place
	}{
		{"empty", request{body: ""}, 400, ""},
		{"not JSON", request{body: "name=Ana"}, 400, ""},
		{"JSON and more", request{body: lead(person()) + "x"}, 400, ""},
		{"array", request{body: "[" + lead(person()) + "]"}, 400, ""},
		{"null", request{body: "null"}, 400, ""},
		{"depth 10,000", request{body: strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)}, 413, ""},
		{"depth 2,000 within the size", request{body: strings.Repeat(`{"a":`, 2_000) + "1" + strings.Repeat("}", 2_000)}, 400, ""},
		{"1 MiB", request{body: `{"name":"` + strings.Repeat("a", 1<<20) + `"}`}, 413, ""},
		{"unknown field", request{body: `{"name":"Ana Souza","email":"a@example.com","consent":{"accepted":true},"admin":true}`}, 422, "/admin"},
		{"unknown nested field", request{body: `{"name":"Ana Souza","email":"a@example.com","consent":{"accepted":true,"by":"x"}}`}, 422, "/consent/by"},
		{"duplicate key", request{body: `{"name":"Ana Souza","email":"a@example.com","email":"b@example.com","consent":{"accepted":true}}`}, 400, "/email"},
		{"duplicate key, escaped", request{body: `{"name":"Ana Souza","email":"a@example.com","em\u0061il":"b@example.com","consent":{"accepted":true}}`}, 400, "/email"},
		{"key in capitals", request{body: `{"NAME":"Ana Souza","email":"a@example.com","consent":{"accepted":true}}`}, 422, "/name"},
		{"invalid UTF-8", request{body: "{\"name\":\"Ana \xff\xfe\",\"email\":\"a@example.com\",\"consent\":{\"accepted\":true}}"}, 400, ""},
		{"lone surrogate", request{body: `{"name":"Ana \ud800","email":"a@example.com","consent":{"accepted":true}}`}, 400, ""},
		{"name is a number", request{body: `{"name":1,"email":"a@example.com","consent":{"accepted":true}}`}, 422, "/name"},
		{"name is an object", request{body: `{"name":{},"email":"a@example.com","consent":{"accepted":true}}`}, 422, "/name"},
		{"email is null", request{body: `{"name":"Ana Souza","email":null,"consent":{"accepted":true}}`}, 422, "/email"},
		{"accepted is a text", request{body: `{"name":"Ana Souza","email":"a@example.com","consent":{"accepted":"true"}}`}, 422, "/consent/accepted"},
		{"no consent", request{body: `{"name":"Ana Souza","email":"a@example.com"}`}, 422, "/consent/accepted"},
		{"consent refused", request{body: `{"name":"Ana Souza","email":"a@example.com","consent":{"accepted":false}}`}, 422, "/consent/accepted"},
		{"no name", request{body: `{"email":"a@example.com","consent":{"accepted":true}}`}, 422, "/name"},
		{"name of blanks", request{body: with("   ", "a@example.com")}, 422, "/name"},
		{"e-mail of 300 characters", request{body: with("Ana Souza", strings.Repeat("a", 288)+"@example.com")}, 422, "/email"},
		{"e-mail without a domain", request{body: with("Ana Souza", "ana@")}, 422, "/email"},
		{"CR LF in the e-mail", request{body: with("Ana Souza", "a@example.com\r\nBcc: b@example.com")}, 422, "/email"},
		{"bidi override in the name", request{body: with("Ana \u202eazuoS", "a@example.com")}, 422, "/name"},
		{"escaped NUL", request{body: with("Ana\x00Souza", "a@example.com")}, 400, ""},
		{"raw NUL", request{body: "{\"name\":\"Ana\x00\",\"email\":\"a@example.com\",\"consent\":{\"accepted\":true}}"}, 400, ""},
		{"form with a field twice", request{contentType: asForm, body: "name=Ana+Souza&email=a%40example.com&email=b%40example.com&consent.accepted=on"}, 400, "/email"},
		{"form that is not URL-encoded", request{contentType: asForm, body: "name=%zz"}, 400, ""},
		{"text", request{contentType: "text/plain", body: lead(person())}, 415, ""},
		{"XML", request{contentType: "application/xml", body: "<a/>"}, 415, ""},
		{"multipart", request{contentType: "multipart/form-data; boundary=x", body: "--x--"}, 415, ""},
		{"key of 256 characters", request{key: strings.Repeat("k", 256), body: lead(person())}, 400, ""},
		{"key with a blank", request{key: "a b", body: lead(person())}, 400, ""},
		{"unknown route", request{path: "/api/lead", body: lead(person())}, 404, ""},
		{"unknown method", request{method: http.MethodPut, body: lead(person())}, 404, ""},
		{"deletion", request{method: http.MethodDelete}, 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.request.address = up.address()
			got := up.call(t, c.request).problem(t, c.status)
			if c.pointer != "" && (len(got.Errors) == 0 || got.Errors[0].Pointer != c.pointer) {
				t.Errorf("errors %+v, want the first at %s", got.Errors, c.pointer)
			}
			if got.Detail == "" && len(got.Errors) == 0 {
				t.Error("the problem does not say what is wrong")
			}
			requireNothingStored(t, c.request.address)
		})
	}
}

func TestIntake_RefusedFormPostIsAnsweredByTheForm(t *testing.T) {
	t.Parallel()
	address := up.address()
	form := url.Values{"name": {`"><script>alert(1)</script>`}, "email": {"ana@"}, "locale": {"en"}, "utm.campaign": {"may"}}
	got := up.call(t, request{address: address, contentType: asForm, body: form.Encode()})
	if got.status != http.StatusUnprocessableEntity || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %s: %s", got.status, got.header.Get("Content-Type"), got.body)
	}
	for _, want := range []string{`<html lang="en"`, `<title>Error: `, `id="email-error"`, `id="consent-accepted-error"`, `value="ana@"`, `value="may"`} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(string(got.body), "<script>") {
		t.Error("the name became a script")
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
		if got.header.Get(name) == "" {
			t.Errorf("the page comes without %s", name)
		}
	}
	requireNothingStored(t, address)
}
