package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"golang.org/x/net/html"
)

// What the pages do in a browser is shown by tests/browser; this is what becomes of a form
// behind them.
func TestForm_LeadGoesFromThePageToTheReceiver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ landing, receipt, locale string }{
		{"/?variant=b", "/obrigado/", "pt-BR"},
		{"/en/?variant=b", "/en/thank-you/", "en"},
	} {
		t.Run(c.locale, func(t *testing.T) {
			t.Parallel()
			page := open(t, c.landing)
			email, consent := person(), consentOf(t, page)
			fields := page.fields()
			for name, value := range map[string]string{
				"name": `João D'Ávila "Jota"`, "email": email, "phone": "11 91234-5678", "company": "Ácido & Cia",
				"message": "Linha 1\r\nLinha 2 <b>\\", "consent.accepted": "on", "consent.marketing": "on",
			} {
				fields.Set(name, value)
			}
			reference := send(t, fields, c.receipt)

			got := up.receiver.wait(t, email, 1, soon)[0].event.Data
			if got.Reference != reference || got.Name != `João D'Ávila "Jota"` || got.Phone != "+5511912345678" || got.Company != "Ácido & Cia" ||
				got.Message != "Linha 1\nLinha 2 <b>\\" || got.Locale != c.locale || !got.Consent.Marketing || got.Source != "direct" {
				t.Errorf("the receiver got %+v", got)
			}
			if got.Consent.TextID != consent.id || got.Consent.TextVersion != consent.version {
				t.Errorf("consent %+v, want %s version %s", got.Consent, consent.id, consent.version)
			}
			eventually(t, soon, leadStatus(t, got.ID, "delivered"))
			type row struct {
				Reference, Status, Variant, TextID, TextVersion, TextHash, Locale, Channel string
				Recognised                                                                 bool
			}
			rows := query[row](t, `select l.reference, l.status, l.variant, c.text_id, c.text_version, c.text_hash, c.locale, c.channel, c.recognised
				from nigredo.leads as l join nigredo.consents as c on c.lead_id = l.id where l.email = $1 order by c.purpose desc`, email)
			want := []row{
				{reference, "delivered", "b", consent.id, consent.version, consent.hash, c.locale, "form", true},
				{reference, "delivered", "b", "marketing", consent.version, consent.marketing, c.locale, "form", true},
			}
			if !slices.Equal(rows, want) {
				t.Errorf("rows %+v, want %+v", rows, want)
			}
			waitStatus(t, deliveryOf(got.ID), types.ExecutionStatusSucceeded, soon)
			requireHistory(t, deliveryOf(got.ID), slices.Concat(historyStarted, historyDelivered)...)
		})
	}
}

// send posts a form as a browser without JavaScript does and gives the reference that the
// receipt shows.
func send(t *testing.T, fields url.Values, receipt string) string {
	t.Helper()
	taken := up.call(t, request{contentType: asForm, address: up.address(), body: fields.Encode()})
	to, err := url.Parse(taken.header.Get("Location"))
	if err != nil || taken.status != http.StatusSeeOther || to.Path != receipt {
		t.Fatalf("%d to %q: %s", taken.status, taken.header.Get("Location"), taken.body)
	}
	return text(open(t, to.String()).one(t, "id", "reference"))
}

// document is a page of the site.
type document struct{ root *html.Node }

func open(t *testing.T, path string) document {
	t.Helper()
	page := up.call(t, request{method: http.MethodGet, path: path})
	if page.status != http.StatusOK {
		t.Fatalf("GET %s: %d", path, page.status)
	}
	root, err := html.Parse(bytes.NewReader(page.body))
	if err != nil {
		t.Fatal(err)
	}
	return document{root}
}

// one gives the only element with an attribute.
func (d document) one(t *testing.T, name, value string) *html.Node {
	t.Helper()
	var found []*html.Node
	for n := range d.root.Descendants() {
		if slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name && a.Val == value }) {
			found = append(found, n)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d elements with %s=%q, want 1", len(found), name, value)
	}
	return found[0]
}

// fields are what the form of the page posts as it stands.
func (d document) fields() url.Values {
	fields := url.Values{}
	for n := range d.root.Descendants() {
		if (n.Data == "input" && attribute(n, "type") != "checkbox") || n.Data == "textarea" {
			fields.Set(attribute(n, "name"), attribute(n, "value"))
		}
	}
	return fields
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// consent is what the form says a person agrees to.
type consent struct{ id, version, hash, marketing string }

// consentOf reads it from the page, where the hash must be that of the sentence.
func consentOf(t *testing.T, page document) consent {
	t.Helper()
	hidden := func(name string) string { return attribute(page.one(t, "name", "consent."+name), "value") }
	c := consent{hidden("textId"), hidden("textVersion"), hidden("textHash"), hidden("marketingTextHash")}
	sentence := text(page.one(t, "for", "consent-accepted"))
	if sum := sha256.Sum256([]byte(sentence)); c.hash != hex.EncodeToString(sum[:]) || c.id == "" || c.version == "" {
		t.Errorf("%+v is not %q", c, sentence)
	}
	return c
}
