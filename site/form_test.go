package site_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/alquimista-ai/nigredo/site"
)

// form is one of the forms of the site, as its page must show it.
type form struct {
	name   string
	render func(io.Writer, site.FormPage) error
	action string
	choice string   // field of which a person chooses one value, at the top
	texts  []string // fields that a person types into, in the order of the page
	boxes  []string // fields that a person ticks, below them
	kept   []string // hidden fields that come back as posted
	fixed  []string // hidden fields that say what this page shows, whatever was posted
	empty  []string // hidden fields that only a script fills in
	trap   bool
	blank  map[string]string // paths of the page with nothing filled in, by locale
}

var forms = []form{{
	name:   "lead",
	render: site.RenderLead,
	action: "/api/leads",
	texts:  []string{"name", "email", "phone", "company", "message"},
	boxes:  []string{"consent.accepted", "consent.marketing"},
	kept:   []string{"source", "utm.source", "utm.medium", "utm.campaign", "utm.term", "utm.content"},
	fixed:  []string{"locale", "variant", "consent.textId", "consent.textVersion", "consent.textHash", "consent.marketingTextHash"},
	empty:  []string{"checks.stamp"},
	trap:   true,
	blank:  map[string]string{site.PortugueseBrazil: "/?variant=a", site.English: "/en/?variant=a"},
}, {
	name:   "rights",
	render: site.RenderRights,
	action: "/api/rights-requests",
	choice: "kind",
	texts:  []string{"email", "reference", "message"},
	fixed:  []string{"locale"},
	blank:  map[string]string{site.PortugueseBrazil: "/privacidade/solicitacao/", site.English: "/en/privacy/request/"},
}}

var locales = []string{site.PortugueseBrazil, site.English}

// visible are the fields that a person fills in, in the order of the page.
func (f form) visible() []string {
	if f.choice == "" {
		return slices.Concat(f.texts, f.boxes)
	}
	return slices.Concat([]string{f.choice}, f.texts, f.boxes)
}

func (f form) names() []string {
	names := slices.Concat(f.visible(), f.kept, f.fixed, f.empty)
	if f.trap {
		names = append(names, "checks.trap")
	}
	return names
}

func (f form) write(t *testing.T, page site.FormPage) string {
	t.Helper()
	var b strings.Builder
	if err := f.render(&b, page); err != nil {
		t.Fatalf("render %s: %v", f.name, err)
	}
	return b.String()
}

// show gives the parsed page of a refused form.
func (f form) show(t *testing.T, page site.FormPage) *html.Node {
	t.Helper()
	return parse(t, strings.NewReader(f.write(t, page)))
}

// eachForm runs a test for every form.
func eachForm(t *testing.T, test func(*testing.T, form)) {
	t.Helper()
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			test(t, f)
		})
	}
}

func id(field string) string { return strings.ReplaceAll(field, ".", "-") }

// named gives a field of a form; of radio buttons the first, which stands for all.
func named(t *testing.T, doc *html.Node, field string) *html.Node {
	t.Helper()
	found := elements(one(t, doc, tag("form")), withAttr("name", field))
	if len(found) == 0 {
		t.Fatalf("no field %s", field)
	}
	if kind, _ := attr(found[0], "type"); kind != "radio" && len(found) != 1 {
		t.Fatalf("%d fields %s, want 1", len(found), field)
	}
	return found[0]
}

// marked is the element that says whether a field is wrong: of radio buttons their group.
func marked(t *testing.T, doc *html.Node, field string) *html.Node {
	t.Helper()
	n := named(t, doc, field)
	if kind, _ := attr(n, "type"); kind == "radio" {
		return one(t, doc, withAttr("data-group", field))
	}
	return n
}

// answer is what stands in a field.
func answer(t *testing.T, doc *html.Node, field string) string {
	t.Helper()
	n := named(t, doc, field)
	if n.Data == "textarea" {
		// The parser drops the one newline after <textarea>, as browsers do.
		if n.FirstChild == nil {
			return ""
		}
		return n.FirstChild.Data
	}
	value, _ := attr(n, "value")
	return value
}

func TestRender_PostsTheNamesOfTheContract(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		doc := f.show(t, site.FormPage{})
		element := one(t, doc, tag("form"))
		for name, want := range map[string]string{"method": "post", "action": f.action} {
			if got, _ := attr(element, name); got != want {
				t.Errorf("form %s = %q, want %q", name, got, want)
			}
		}
		if _, ok := attr(element, "novalidate"); !ok {
			t.Error("form lets the browser validate: its messages would replace the server's")
		}
		var got []string
		for _, n := range elements(element, tag("input", "textarea", "select")) {
			name, _ := attr(n, "name")
			got = append(got, name)
		}
		want := f.names()
		slices.Sort(got)
		slices.Sort(want)
		got = slices.Compact(got) // radio buttons share theirs
		if !slices.Equal(got, want) {
			t.Errorf("names\n got %q\nwant %q", got, want)
		}
	})
}

func TestRender_EveryFieldHasALabelAndAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		doc := f.show(t, site.FormPage{})
		seen := map[string]bool{}
		for _, n := range elements(doc, has("id")) {
			v, _ := attr(n, "id")
			if seen[v] {
				t.Errorf("id %q stands twice", v)
			}
			seen[v] = true
		}
		labelled := f.visible()
		if f.trap {
			labelled = append(labelled, "checks.trap")
		}
		for _, field := range labelled {
			if got, _ := attr(named(t, doc, field), "id"); got != id(field) {
				t.Errorf("field %s has id %q", field, got)
			}
			if content(one(t, doc, withAttr("for", id(field)))) == "" {
				t.Errorf("field %s has an empty label", field)
			}
		}
	})
}

func TestRender_TrapIsOutOfReachForPeople(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		if !f.trap {
			return
		}
		trap := named(t, f.show(t, site.FormPage{}), "checks.trap")
		if v, _ := attr(trap, "tabindex"); v != "-1" {
			t.Errorf("tabindex = %q, want -1", v)
		}
		if v, _ := attr(trap, "autocomplete"); v != "off" {
			t.Errorf("autocomplete = %q, want off", v)
		}
		if v, _ := attr(trap.Parent, "aria-hidden"); v != "true" {
			t.Errorf("aria-hidden of the wrapper = %q, want true", v)
		}
	})
}

func TestRender_ErrorStandsInSummaryAndAtItsField(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		for _, field := range f.visible() {
			t.Run(field, func(t *testing.T) {
				t.Parallel()
				message := "wrong: " + field
				doc := f.show(t, site.FormPage{Status: 422, Errors: []site.FieldError{{Field: field, Message: message}}})

				summary := one(t, doc, withAttr("id", "summary"))
				for _, a := range []string{"tabindex", "autofocus"} {
					if _, ok := attr(summary, a); !ok {
						t.Errorf("summary without %s cannot take focus", a)
					}
				}
				if _, ok := attr(summary, "hidden"); ok {
					t.Error("the summary is hidden")
				}
				if _, ok := attr(summary, "role"); ok {
					t.Error("role=alert belongs on an inner element")
				}
				one(t, summary, withAttr("role", "alert"))
				link := one(t, summary, tag("a"))
				if href, _ := attr(link, "href"); href != "#"+id(field) || content(link) != message {
					t.Errorf("summary links %q to %q", content(link), href)
				}
				if _, ok := attr(one(t, summary, withAttr("id", "retry")), "hidden"); !ok {
					t.Error("a form with an error of a field offers to send the same again")
				}

				control := marked(t, doc, field)
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
	})
}

func TestRender_SummaryFollowsThePage(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		errs := []site.FieldError{
			{Field: "checks.trap", Message: "hidden"},
			{Field: "", Message: "whole form"},
			{Field: "no such field", Message: "unknown"},
		}
		want := slices.Clone(f.visible())
		for _, field := range slices.Backward(f.visible()) {
			errs = append(errs, site.FieldError{Field: field, Message: field}, site.FieldError{Field: field, Message: "again " + field})
		}
		doc := f.show(t, site.FormPage{Status: 422, Errors: errs})
		var got []string
		links := 0
		for _, li := range elements(one(t, doc, withAttr("id", "summary")), tag("li")) {
			got = append(got, content(li))
			links += len(elements(li, tag("a")))
		}
		want = append(want, "hidden", "whole form", "unknown")
		if !slices.Equal(got, want) || links != len(f.visible()) {
			t.Errorf("summary %q with %d links, want %q with %d", got, links, want, len(f.visible()))
		}
	})
}

func TestRender_KeepsTheAnswers(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		for _, said := range []string{"Ana O'Brien", "ana@", "Ácido & Cia", "x", ""} {
			values := map[string]string{}
			for _, field := range f.names() {
				values[field] = said
			}
			doc := f.show(t, site.FormPage{Locale: "en", Status: 422, Values: values, Errors: []site.FieldError{{Field: f.texts[0], Message: "wrong"}}})
			for _, field := range slices.Concat(f.texts, f.kept) {
				if got := answer(t, doc, field); got != said {
					t.Errorf("%s = %q, want %q", field, got, said)
				}
			}
			for _, field := range f.fixed {
				if got := answer(t, doc, field); got == said || got == "" {
					t.Errorf("%s = %q: it must name what this page shows", field, got)
				}
			}
		}
	})
}

func TestRender_KeepsTheLinesOfAMessage(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		for _, said := range []string{"\nline 1\nline 2", "\n\n", "one\n", " indented"} {
			doc := f.show(t, site.FormPage{Status: 422, Values: map[string]string{"message": said}})
			if got := answer(t, doc, "message"); got != said {
				t.Errorf("message = %q, want %q", got, said)
			}
		}
	})
}

func TestRender_KeepsTheTicksOfItsOwnSentences(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		agreed := map[string]string{}
		if len(f.boxes) > 0 {
			page := f.show(t, site.FormPage{Status: 422})
			for _, name := range []string{"consent.textHash", "consent.marketingTextHash"} {
				agreed[name], _ = attr(named(t, page, name), "value")
			}
		}
		for said, want := range map[string]bool{"on": true, "true": true, "": false, "off": false, "false": false, "checked": false} {
			for _, field := range f.boxes {
				values := maps.Clone(agreed)
				values[field] = said
				doc := f.show(t, site.FormPage{Status: 422, Values: values})
				other := f.show(t, site.FormPage{Status: 422, Values: map[string]string{field: said, "consent.textHash": strings.Repeat("0", 64)}})
				if _, got := attr(named(t, other, field), "checked"); got {
					t.Errorf("%s = %q posted beside another sentence is ticked", field, said)
				}
				for _, box := range f.boxes {
					if _, got := attr(named(t, doc, box), "checked"); got != (want && box == field) {
						t.Errorf("%s = %q posted: %s checked = %t", field, said, box, got)
					}
				}
			}
		}
	})
}

// choices are the values of the field of which one is chosen.
func (f form) choices(t *testing.T) []string {
	t.Helper()
	var values []string
	for _, n := range elements(f.show(t, site.FormPage{}), withAttr("type", "radio")) {
		value, _ := attr(n, "value")
		values = append(values, value)
	}
	return values
}

func TestRender_KeepsTheChoice(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		for _, said := range append(f.choices(t), "", "none of them") {
			doc := f.show(t, site.FormPage{Status: 422, Values: map[string]string{f.choice: said}})
			for _, n := range elements(doc, withAttr("type", "radio")) {
				value, _ := attr(n, "value")
				if _, got := attr(n, "checked"); got != (value == said) {
					t.Errorf("%q posted: %s checked = %t", said, value, got)
				}
			}
		}
	})
}

// A person whose browser filled the trap in would be held for a machine again, by a
// field that they cannot see.
func TestRender_TrapAndStampAreNeverWrittenBack(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		const marker = "zz-marker"
		page := f.write(t, site.FormPage{Status: 422, Values: map[string]string{"checks.trap": marker, "checks.stamp": marker, "unknown": marker}})
		if strings.Contains(page, marker) {
			t.Error("the page has what was posted for a machine's field")
		}
	})
}

func TestRender_EmptyFormIsThePageItself(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		for _, locale := range locales {
			doc := f.show(t, site.FormPage{Locale: locale, Status: 200})
			if _, ok := attr(one(t, doc, withAttr("id", "summary")), "hidden"); !ok {
				t.Errorf("%s: the summary shows on an empty form", locale)
			}
			for _, a := range []string{"checked", "autofocus"} {
				if n := len(elements(doc, has(a))); n != 0 {
					t.Errorf("%s: %d elements with %s, want none", locale, n, a)
				}
			}
			if n := len(elements(doc, withAttr("aria-invalid", "true"))); n != 0 {
				t.Errorf("%s: %d fields are marked", locale, n)
			}
			for _, n := range elements(doc, withAttr("class", "error")) {
				if content(n) != "" {
					t.Errorf("%s: an error says %q", locale, content(n))
				}
			}
			if got, want := markup(t, doc), markup(t, parse(t, get(t, f.blank[locale]).Body)); got != want {
				t.Errorf("%s: the template and the file differ\n%s\n%s", locale, got, want)
			}
		}
	})
}

func TestRenderLead_HasTheVariantThatWasPosted(t *testing.T) {
	t.Parallel()
	first := forms[0].show(t, site.FormPage{})
	shown := func(doc *html.Node) string {
		v, _ := attr(one(t, doc, tag("html")), "data-variant")
		if posted := answer(t, doc, "variant"); posted != v {
			t.Errorf("the page is variant %q and posts %q", v, posted)
		}
		return v
	}
	for posted, want := range map[string]string{"a": "a", "b": "b", "": shown(first), "c": shown(first), `"><b>`: shown(first), "A": shown(first)} {
		if got := shown(forms[0].show(t, site.FormPage{Status: 422, Values: map[string]string{"variant": posted}})); got != want {
			t.Errorf("variant %q posted: shown %q, want %q", posted, got, want)
		}
	}
}

func TestRender_SaysWhyAFormAsAWholeWasNotTaken(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
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
			{"other answers under a known key", site.FormPage{Status: 422}, "já foi recebida"},
			{"too large", site.FormPage{Status: 413}, "longo demais"},
			{"broken", site.FormPage{Status: 500}, "Suas respostas continuam aqui"},
			{"behind a broken gateway", site.FormPage{Status: 502}, "Suas respostas continuam aqui"},
			{"unavailable", site.FormPage{Status: 503}, "Suas respostas continuam aqui"},
			{"slow", site.FormPage{Status: 504}, "Suas respostas continuam aqui"},
			{"unreadable", site.FormPage{Status: 400}, "Não foi possível ler"},
			{"locale of a stranger", site.FormPage{Status: 400, Locale: `"><script>`}, "Não foi possível ler"},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.page.Values = map[string]string{f.texts[0]: "Ana"}
				doc := f.show(t, c.page)
				summary := one(t, doc, withAttr("id", "summary"))
				if got := content(one(t, summary, tag("li"))); !strings.Contains(got, c.want) {
					t.Errorf("summary %q, want %q in it", got, c.want)
				}
				if n := len(elements(summary, tag("a"))); n != 0 {
					t.Errorf("%d links: no field is at fault", n)
				}
				if got := answer(t, doc, f.texts[0]); got != "Ana" {
					t.Errorf("the answer is lost: %q", got)
				}
			})
		}
	})
}

// A stored consent is proved by the sentence that stood beside the box.
func TestRenderLead_CarriesTheHashOfTheSentenceShown(t *testing.T) {
	t.Parallel()
	for _, locale := range locales {
		for name, doc := range map[string]*html.Node{
			"template": forms[0].show(t, site.FormPage{Locale: locale, Status: 422, Values: map[string]string{
				"consent.textHash": "forged", "consent.marketingTextHash": "forged",
			}}),
			"file": parse(t, get(t, forms[0].blank[locale]).Body),
		} {
			marketing := one(t, doc, withAttr("for", "consent-marketing"))
			optional := content(one(t, marketing, tag("span"))) // stands behind the sentence, which is as good without it
			for field, sentence := range map[string]string{
				"consent.textHash":          content(one(t, doc, withAttr("for", "consent-accepted"))),
				"consent.marketingTextHash": strings.TrimSpace(strings.TrimSuffix(content(marketing), optional)),
			} {
				sum := sha256.Sum256([]byte(sentence))
				if got := answer(t, doc, field); got != hex.EncodeToString(sum[:]) {
					t.Errorf("%s, %s: %s %q is not that of %q", locale, name, field, got, sentence)
				}
			}
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
	`x onfocus=alert(1) autofocus`,
	`</textarea><script>alert(1)</script>`,
	`</title><svg onload=alert(1)>`,
	`</style><b>`,
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

// poisoned has a value in every place of a page that a stranger can write to.
func (f form) poisoned(s string) site.FormPage {
	p := site.FormPage{Locale: s, Status: 422, Values: map[string]string{}}
	for _, field := range f.names() {
		p.Values[field] = s
		p.Errors = append(p.Errors, site.FieldError{Field: field, Message: "x" + s})
	}
	p.Errors = append(p.Errors, site.FieldError{Field: s, Message: "x" + s})
	return p
}

func TestRender_HostileInputStaysText(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		want := shape(f.show(t, f.poisoned("harmless")))
		for _, s := range hostile {
			doc := f.show(t, f.poisoned(s))
			if got := shape(doc); got != want {
				t.Errorf("%q changes the page's markup:\n%s", s, got)
			}
			if strings.Contains(s, "\x00") || !utf8.ValidString(s) { // a parser replaces these, as a browser does
				continue
			}
			for _, field := range slices.Concat(f.texts, f.kept) {
				if got := answer(t, doc, field); got != s {
					t.Errorf("%s: %q came back as %q", field, s, got)
				}
			}
		}
	})
}

func FuzzRender(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, form := range forms {
			// These mean something to a form: a ticked box, an error of a field.
			if s == "on" || s == "true" || slices.Contains(form.visible(), s) || slices.Contains(form.choices(t), s) {
				continue
			}
			if got, want := shape(form.show(t, form.poisoned(s))), shape(form.show(t, form.poisoned("harmless"))); got != want {
				t.Errorf("%q changes the markup of %s:\n%s", s, form.name, got)
			}
		}
	})
}

func TestRender_ReportsAWriterThatFails(t *testing.T) {
	t.Parallel()
	eachForm(t, func(t *testing.T, f form) {
		if err := f.render(broken{}, site.FormPage{}); !errors.Is(err, errBroken) {
			t.Errorf("got %v, want the writer's error", err)
		}
	})
}

var errBroken = errors.New("broken pipe")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }
