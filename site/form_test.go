package site_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/alquimista-ai/nigredo/site"
)

// visible are the fields that a person fills in, in the order of the page.
var visible = []string{"name", "email", "phone", "company", "message", "consent.accepted", "consent.marketing"}

func id(field string) string { return strings.ReplaceAll(field, ".", "-") }

func TestRenderForm_PostsTheNamesOfTheContract(t *testing.T) {
	t.Parallel()
	doc := renderForm(t, site.FormPage{})
	form := one(t, doc, tag("form"))
	for name, want := range map[string]string{"method": "post", "action": "/api/leads"} {
		if got, _ := attr(form, name); got != want {
			t.Errorf("form %s = %q, want %q", name, got, want)
		}
	}
	if _, ok := attr(form, "novalidate"); !ok {
		t.Error("form lets the browser validate: its messages would replace the server's")
	}
	var got []string
	for _, n := range elements(form, tag("input", "textarea", "select")) {
		name, _ := attr(n, "name")
		got = append(got, name)
	}
	want := slices.Concat(visible, []string{
		"checks.trap", "locale", "source", "consent.textId", "consent.textVersion", "consent.textHash",
		"utm.source", "utm.medium", "utm.campaign", "utm.term", "utm.content",
	})
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("names\n got %q\nwant %q", got, want)
	}
}

func TestRenderForm_EveryFieldHasALabelAndAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	doc := renderForm(t, site.FormPage{})
	seen := map[string]bool{}
	for _, n := range elements(doc, func(n *html.Node) bool { _, ok := attr(n, "id"); return ok }) {
		v, _ := attr(n, "id")
		if seen[v] {
			t.Errorf("id %q stands twice", v)
		}
		seen[v] = true
	}
	for _, field := range append(visible, "checks.trap") {
		control := one(t, doc, withAttr("name", field))
		if got, _ := attr(control, "id"); got != id(field) {
			t.Errorf("field %s has id %q", field, got)
		}
		if content(one(t, doc, withAttr("for", id(field)))) == "" {
			t.Errorf("field %s has an empty label", field)
		}
	}
}

func TestRenderForm_TrapIsOutOfReachForPeople(t *testing.T) {
	t.Parallel()
	trap := one(t, renderForm(t, site.FormPage{}), withAttr("name", "checks.trap"))
	if v, _ := attr(trap, "tabindex"); v != "-1" {
		t.Errorf("tabindex = %q, want -1", v)
	}
	if v, _ := attr(trap, "autocomplete"); v != "off" {
		t.Errorf("autocomplete = %q, want off", v)
	}
	if v, _ := attr(trap.Parent, "aria-hidden"); v != "true" {
		t.Errorf("aria-hidden of the wrapper = %q, want true", v)
	}
}

func TestRenderForm_ErrorStandsInSummaryAndAtItsField(t *testing.T) {
	t.Parallel()
	for _, field := range visible {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			message := "wrong: " + field
			doc := renderForm(t, site.FormPage{Status: 422, Errors: []site.FieldError{{Field: field, Message: message}}})

			summary := one(t, doc, withAttr("id", "summary"))
			for _, a := range []string{"tabindex", "autofocus"} {
				if _, ok := attr(summary, a); !ok {
					t.Errorf("summary without %s cannot take focus", a)
				}
			}
			if _, ok := attr(summary, "role"); ok {
				t.Error("role=alert belongs on an inner element")
			}
			one(t, summary, withAttr("role", "alert"))
			link := one(t, summary, tag("a"))
			if href, _ := attr(link, "href"); href != "#"+id(field) || content(link) != message {
				t.Errorf("summary links %q to %q", content(link), href)
			}

			control := one(t, doc, withAttr("id", id(field)))
			if v, _ := attr(control, "aria-invalid"); v != "true" {
				t.Errorf("aria-invalid = %q", v)
			}
			described, _ := attr(control, "aria-describedby")
			if !slices.Contains(strings.Fields(described), id(field)+"-error") {
				t.Errorf("aria-describedby = %q names no error", described)
			}
			for _, ref := range strings.Fields(described) {
				one(t, doc, withAttr("id", ref))
			}
			if got := content(one(t, doc, withAttr("id", id(field)+"-error"))); got != message {
				t.Errorf("at the field %q, want %q", got, message)
			}
			if n := len(elements(doc, withAttr("aria-invalid", "true"))); n != 1 {
				t.Errorf("%d fields are marked, want 1", n)
			}
			if got := content(one(t, doc, tag("title"))); !strings.HasPrefix(got, "Erro: ") {
				t.Errorf("title = %q", got)
			}
		})
	}
}

func TestRenderForm_SummaryFollowsThePage(t *testing.T) {
	t.Parallel()
	doc := renderForm(t, site.FormPage{Status: 422, Errors: []site.FieldError{
		{Field: "utm.source", Message: "hidden"},
		{Field: "", Message: "whole form"},
		{Field: "consent.accepted", Message: "consent"},
		{Field: "email", Message: "email"},
		{Field: "email", Message: "email again"},
		{Field: "name", Message: "name"},
		{Field: "no such field", Message: "unknown"},
	}})
	var got []string
	links := 0
	for _, li := range elements(one(t, doc, withAttr("id", "summary")), tag("li")) {
		got = append(got, content(li))
		links += len(elements(li, tag("a")))
	}
	want := []string{"name", "email", "consent", "hidden", "whole form", "unknown"}
	if !slices.Equal(got, want) || links != 3 {
		t.Errorf("summary %q with %d links, want %q with 3", got, links, want)
	}
}

func TestRenderForm_KeepsTheAnswers(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"name": "Ana O'Brien", "email": "ana@", "phone": "(11) 91234", "company": "Ácido & Cia", "message": "\nlinha 1\nlinha 2",
		"consent.marketing": "on", "utm.campaign": "maio", "checks.trap": "x", "consent.textHash": "forged", "locale": "forged",
	}
	doc := renderForm(t, site.FormPage{Locale: "en", Status: 422, Values: values, Errors: []site.FieldError{{Field: "email", Message: "wrong"}}})
	for _, name := range []string{"name", "email", "phone", "company", "utm.campaign", "checks.trap"} {
		if got, _ := attr(one(t, doc, withAttr("name", name)), "value"); got != values[name] {
			t.Errorf("%s = %q, want %q", name, got, values[name])
		}
	}
	// The parser drops the one newline after <textarea>, as browsers do.
	if got := one(t, doc, tag("textarea")).FirstChild.Data; got != values["message"] {
		t.Errorf("message = %q, want %q", got, values["message"])
	}
	for name, want := range map[string]bool{"consent.marketing": true, "consent.accepted": false} {
		if _, got := attr(one(t, doc, withAttr("name", name)), "checked"); got != want {
			t.Errorf("%s checked = %t, want %t", name, got, want)
		}
	}
	for _, name := range []string{"consent.textHash", "locale"} {
		if got, _ := attr(one(t, doc, withAttr("name", name)), "value"); got == "forged" {
			t.Errorf("%s came back as posted; it must name what this page shows", name)
		}
	}
}

func TestRenderForm_EmptyFormHasNoErrorAndNothingTicked(t *testing.T) {
	t.Parallel()
	doc := renderForm(t, site.FormPage{Locale: "en", Status: 200})
	if _, ok := attr(one(t, doc, withAttr("id", "summary")), "hidden"); !ok {
		t.Error("the summary shows on an empty form")
	}
	for _, a := range []string{"checked", "aria-invalid", "autofocus"} {
		if n := len(elements(doc, func(n *html.Node) bool { _, ok := attr(n, a); return ok })); n != 0 {
			t.Errorf("%d elements with %s, want none", n, a)
		}
	}
}

func TestRenderForm_SaysWhyAFormAsAWholeWasNotTaken(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		page site.FormPage
		want string
	}{
		{"limited for 41 minutes", site.FormPage{Status: 429, RetryAfter: 40*time.Minute + time.Second}, "em 41 minutos"},
		{"limited for seconds", site.FormPage{Status: 429, RetryAfter: 3 * time.Second}, "em 1 minuto."},
		{"limited, nobody knows for how long", site.FormPage{Status: 429}, "mais tarde"},
		{"limited, in English", site.FormPage{Status: 429, RetryAfter: time.Hour, Locale: "en"}, "in 60 minutes"},
		{"running", site.FormPage{Status: 409}, "ainda está sendo recebido"},
		{"conflict", site.FormPage{Status: 422}, "não foi aceito"},
		{"unavailable", site.FormPage{Status: 503}, "Suas respostas continuam aqui"},
		{"unreadable", site.FormPage{Status: 400}, "Não foi possível ler"},
		{"locale of a stranger", site.FormPage{Status: 400, Locale: `"><script>`}, "Não foi possível ler"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.page.Values = map[string]string{"name": "Ana"}
			doc := renderForm(t, c.page)
			if got := content(one(t, doc, withAttr("id", "summary-list"))); !strings.Contains(got, c.want) {
				t.Errorf("summary %q, want %q in it", got, c.want)
			}
			if got, _ := attr(one(t, doc, withAttr("id", "name")), "value"); got != "Ana" {
				t.Errorf("the answer is lost: %q", got)
			}
		})
	}
}

func TestRenderForm_CarriesTheHashOfTheSentenceShown(t *testing.T) {
	t.Parallel()
	for _, locale := range []string{site.PortugueseBrazil, site.English} {
		doc := renderForm(t, site.FormPage{Locale: locale})
		sum := sha256.Sum256([]byte(content(one(t, doc, withAttr("for", "consent-accepted")))))
		if got, _ := attr(one(t, doc, withAttr("name", "consent.textHash")), "value"); got != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: hash %q is not that of the label", locale, got)
		}
	}
}

// hostile are values that become markup or script where escaping has a hole.
var hostile = []string{
	`<script>alert(1)</script>`,
	`"><script>alert(1)</script>`,
	`'><img src=x onerror=alert(1)>`,
	`" autofocus onfocus=alert(1) x="`,
	`' onmouseover='alert(1)`,
	`</textarea><script>alert(1)</script>`,
	`</title><svg onload=alert(1)>`,
	`<svg><script>alert&#40;1)</script>`,
	`--><!-- <b>`,
	`<!--`,
	`]]><b>`,
	`javascript:alert(1)`,
	`#"><b>`,
	`{{.Locale}}`,
	"`${alert(1)}`",
	`&lt;script&gt;`,
	`&quot;><b>`,
	"\u2028<b>\u2029",
	"\x00<b>",
	"\ufeff<b>",
	"<b\n>",
	"+ADw-script+AD4-",
	"\xc0\xbcscript\xc0\xbe",
}

func TestRenderForm_HostileInputStaysText(t *testing.T) {
	t.Parallel()
	page := func(s string) site.FormPage {
		p := site.FormPage{Locale: s, Status: 422, Values: map[string]string{}}
		for _, f := range append([]string{"checks.trap", "utm.source", "utm.content", "locale"}, visible...) {
			p.Values[f] = s
			p.Errors = append(p.Errors, site.FieldError{Field: f, Message: s})
		}
		p.Errors = append(p.Errors, site.FieldError{Field: s, Message: s})
		return p
	}
	want := shape(renderForm(t, page("harmless")))
	for _, s := range hostile {
		doc := renderForm(t, page(s))
		if got := shape(doc); got != want {
			t.Errorf("%q changes the page's markup:\n%s", s, got)
		}
		if strings.Contains(s, "\x00") || !utf8.ValidString(s) { // a parser replaces these, as a browser does
			continue
		}
		if got, _ := attr(one(t, doc, withAttr("id", "name")), "value"); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
	}
}

func FuzzRenderForm(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	base := func(s string) site.FormPage {
		return site.FormPage{
			Status: 422,
			Values: map[string]string{"name": s, "message": s, "utm.term": s, "checks.trap": s},
			Errors: []site.FieldError{{Field: "name", Message: "x" + s}, {Message: s}},
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := shape(renderForm(t, base(s))), shape(renderForm(t, base("harmless"))); got != want {
			t.Errorf("%q changes the page's markup:\n%s", s, got)
		}
	})
}

func TestRender_ReportsAWriterThatFails(t *testing.T) {
	t.Parallel()
	if err := site.RenderForm(broken{}, site.FormPage{}); !errors.Is(err, errBroken) {
		t.Errorf("RenderForm: %v, want the writer's error", err)
	}
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
