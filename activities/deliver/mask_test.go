package deliver

import (
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func person() lead.Record {
	return lead.Record{
		Name: "Ana O'Brien Ávila", Email: "ana+news@marker.example", Company: "Ouro & Cia", Phone: "+5511987654321",
		Message: "Olá,\n\"preciso\" de 3 orçamentos até sexta 🜏 <obrigada>",
	}
}

func TestExcerpt_MasksWhatIsTheLeads(t *testing.T) {
	t.Parallel()
	l := person()
	inJSON := func(v string) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, row := range map[string]struct{ answer, want string }{
		"nothing":              {"", ""},
		"nothing of the lead":  {"Service unavailable, see /status", "Service unavailable, see /status"},
		"a name":               {"Hello Ana O'Brien Ávila!", "Hello •••!"},
		"a name in capitals":   {"HELLO ANA O'BRIEN ÁVILA!", "HELLO •••!"},
		"a part of a name":     {"dear ávila, again", "dear •••, again"},
		"a part inside a word": {"analysis of O'Briens", "analysis of O'Briens"},
		"a name in HTML":       {"<p>Ana O&#39;Brien &Aacute;vila</p>", "<p>•••</p>"},
		"a name in JSON":       {`{"name":"Ana O\u0027Brien \u00c1vila"}`, `{"name":"•••"}`},
		"a name in a URL":      {"?name=Ana+O%27Brien+%C3%81vila&x=1", "?name=•••&x=1"},
		"HTML in JSON":         {inJSON("<b>" + html.EscapeString(l.Name) + "</b>"), `"\u003cb\u003e•••\u003c/b\u003e"`},
		"JSON in JSON":         {inJSON(`{"company":` + inJSON(l.Company) + `}`), `"{\"company\":\"•••\"}"`},
		"JSON in a page":       {html.EscapeString(inJSON(l.Company)), "&#34;•••&#34;"},
		"an e-mail":            {"ana+news@marker.example is taken", "••• is taken"},
		"an e-mail in a URL":   {"/u?e=ana%2Bnews%40marker.example", "/u?e=•••"},
		"somebody's e-mail":    {"ask <admin@example.com> or root@localhost", "ask <•••> or root@localhost"},
		"a company in HTML":    {"<td>OURO &amp; CIA</td>", "<td>•••</td>"},
		"a phone":              {"phone +5511987654321 invalid", "phone ••• invalid"},
		"a phone, written":     {"phone (11) 98765-4321 invalid", "phone ••• invalid"},
		"somebody's card":      {"card 4111 1111 1111 1111 declined", "card ••• declined"},
		"somebody's CPF":       {"CPF 123.456.789-09", "CPF •••"},
		"a message":            {"got: " + l.Message, "got: •••"},
		"a message in JSON":    {`{"got":` + inJSON(l.Message) + `}`, `{"got":"•••"}`},
		"a part of a message":  {"bad input near 'de 3 orçamentos até s'", "bad input near '•••'"},
		"a message of lines":   {"got: Olá,\r\n\"preciso\" de 3 orçamentos até sexta", "got: Olá,\r•••"},
		"few words of it":      {"sexta", "sexta"},
		"a bearer":             {"Authorization: Bearer abc.def-123", "Authorization: •••"},
		"our secret":           {"secret " + secret('x') + " does not fit", "secret ••• does not fit"},
		"hex":                  {"key=" + strings.Repeat("0aB1", 8) + ";", "key=•••;"},
		"base64":               {"sig v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", "sig v1,•••"},
		"a JWT":                {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "•••"},
		"an id stays":          {"lead 0198c1a2-0000-7000-8000-000000000001 at 2026-11-21 12:00:00, 2026-11-21T12:00:00Z", "lead 0198c1a2-0000-7000-8000-000000000001 at 2026-11-21 12:00:00, 2026-11-21T12:00:00Z"},
		"a phone after an id":  {"0198c1a2-0000-7000-8000-000000000001 11 98765 4321", "0198c1a2-0000-7000-8000-000000000001 •••"},
		"a path stays":         {"/usr/share/nginx/html/errors/service-unavailable.html", "/usr/share/nginx/html/errors/service-unavailable.html"},
		"small numbers stay":   {"HTTP 422, line 17, nginx/1.18.0, 20261121", "HTTP 422, line 17, nginx/1.18.0, •••"},
		"broken UTF-8":         {"An\xffa O'Bri\xc3en Ávila \xf0\x9f", "••• "},
		"broken escapes":       {`\ \u \u12 \ud83d \q & &; &#; % %4 %zz \`, `\ \u \u12 \ud83d \q & &; &#; % %4 %zz \`},
	} {
		if got := excerpt([]byte(row.answer), l); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestExcerpt_ShortValuesAreNotLookedFor(t *testing.T) {
	t.Parallel()
	if got := excerpt([]byte("no such io"), lead.Record{Name: "io", Company: "  o  ", Message: "..."}); got != "no such io" {
		t.Errorf("%q", got)
	}
	if got := excerpt([]byte("made in c++"), lead.Record{Company: "C++"}); got != "made in •••" {
		t.Errorf("%q", got)
	}
}

// A value is compared as it would read after the same resolving: a plus is a
// blank in a URL, and a percent sign may begin an escape.
func TestExcerpt_FindsValuesThatLookEscapedThemselves(t *testing.T) {
	t.Parallel()
	for company, answer := range map[string]string{
		"C++ & Co":   `{"company":"C++ \u0026 Co"}`,
		"100%25 <x>": "{&#34;company&#34;:&#34;100%25 &lt;x&gt;&#34;}",
		`a\nb "c"`:   `{"company":"a\\nb \"c\""}`,
	} {
		got := excerpt([]byte(answer), lead.Record{Company: company})
		if want := `{"company":"•••"}`; html.UnescapeString(got) != want {
			t.Errorf("%s: %q, want %q", company, got, want)
		}
	}
}

func TestExcerpt_IsBounded(t *testing.T) {
	t.Parallel()
	l := person()
	for name, answer := range map[string]string{
		"a character at the end": strings.Repeat("a", maxExcerpt-1) + "é" + strings.Repeat("b", maxRead),
		"bullets that are wider": strings.Repeat("Ana O'Brien Ávila ana ", 3000),
		"endless e-mail":         strings.Repeat("a@", maxRead/2),
		"endless numbers":        strings.Repeat("1 ", maxRead/2),
		"endless escapes":        strings.Repeat(`\u0026#x41;`, maxRead/11),
	} {
		got := excerpt([]byte(answer), l)
		if len(got) > maxExcerpt || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
	if got := excerpt([]byte(strings.Repeat("z", maxExcerpt-1)+"é"), l); got != strings.Repeat("z", maxExcerpt-1) {
		t.Errorf("%d bytes end in %q", len(got), got[len(got)-2:])
	}
}

// However long an answer is and wherever it is cut, a value that lies across the
// cut is not kept in part.
func TestExcerpt_CutsNoValueInTwo(t *testing.T) {
	t.Parallel()
	l := person()
	l.Message = strings.Repeat("x", 5000)
	for shift := range 64 {
		// The message shrinks, so that the end of what is looked at comes into view.
		answer := l.Message + " " + strings.Repeat("-", maxScanned-5001-len(l.Email)/2+shift-32) + l.Email + strings.Repeat("-", 100)
		if got := excerpt([]byte(answer), l); strings.Contains(got, "ana") {
			t.Fatalf("shift %d: %q", shift, got)
		}
	}
}

func TestFingerprint_SameForTheSameErrorOfTwoLeads(t *testing.T) {
	t.Parallel()
	first, second := person(), lead.Record{Name: "Rui Emen", Email: "rui@other.example", Company: "Mana", Phone: "+14155550123", Message: "quero saber o preço de tudo"}
	for name, page := range map[string]string{
		"a page that quotes": `<html><h1>422</h1><p>Sorry NAME, management refuses EMAIL (PHONE).</p><i>req-ID at Mon, 2 Nov 2026 09:DIGIT:00 GMT</i></html>`,
		"JSON that quotes":   `{"error":"invalid","email":"EMAIL","message":"MESSAGE","requestId":"ID","at":"2026-11-DIGIT1T09:00:00.DIGITZ","took":DIGIT}`,
		"JSON indented":      "{\n  \"error\": \"upstream\",\n  \"trace\": \"Root=1-67891233-abcdef01234567891234567DIGIT\"\n}",
	} {
		fill := func(l lead.Record, id, digit string) []byte {
			return []byte(strings.NewReplacer("NAME", l.Name, "EMAIL", l.Email, "PHONE", l.Phone, "MESSAGE", l.Message, "ID", id, "DIGIT", digit).Replace(page))
		}
		a := fingerprint(fill(first, "0198c1a2-0000-7000-8000-000000000001", "7"), first)
		b := fingerprint(fill(second, "9f8b7c6d-1111-4222-8333-abcdefabcdef", "23"), second)
		if a != b || len(a) != 12 {
			t.Errorf("%s: %s and %s", name, a, b)
		}
	}
}

func TestFingerprint_TellsErrorsApart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, answer := range []string{"upstream timed out", "bad signature", "<h1>Bad Gateway</h1>", `{"error":"invalid_email"}`, `{"error":"invalid_phone"}`} {
		f := fingerprint([]byte(answer), person())
		if other, taken := seen[f]; taken || f == "" {
			t.Errorf("%s and %s: %s", answer, other, f)
		}
		seen[f] = answer
	}
	for _, empty := range []string{"", " \r\n", "\xff\xfe"} {
		if f := fingerprint([]byte(empty), person()); f != "" {
			t.Errorf("%q: %s", empty, f)
		}
	}
}

// A release that changes fingerprints splits groups that are being watched.
func TestFingerprint_IsStable(t *testing.T) {
	t.Parallel()
	if got := fingerprint([]byte("<h1>503</h1> request 17 of Ana O'Brien Ávila"), person()); got != "d57def60b411" {
		t.Errorf("%s", got)
	}
}

func FuzzExcerpt(f *testing.F) {
	l := person()
	f.Add([]byte("hello Ana O'Brien Ávila"), l.Name, l.Email, l.Company, l.Phone, l.Message)
	f.Add([]byte(`{"n":"Ana O\u0027Brien"} &amp;#39; %41na+x •••ab•`), "•ab", "a@b.cd", "••", "+1", `\u0041\n`)
	f.Add([]byte("Ab\u212a\u0130ß aBK"), "abk", "İß", "\u212aB", "1", "ßßßßßßßßßßßßßßßß")
	f.Fuzz(func(t *testing.T, answer []byte, name, email, company, phone, message string) {
		l := lead.Record{Name: name, Email: email, Company: company, Phone: phone, Message: message}
		texts := [][]byte{answer, append(append([]byte(url.QueryEscape(email)), answer...), html.EscapeString(company)...)}
		if quoted, err := json.Marshal(l); err == nil {
			texts = append(texts, append(quoted, answer...))
		}
		for _, text := range texts {
			got := excerpt(text, l)
			if len(got) > maxExcerpt || !utf8.ValidString(got) {
				t.Fatalf("%d bytes, valid %t", len(got), utf8.ValidString(got))
			}
			for _, value := range []string{name, email, company, phone, message} {
				value = strings.TrimSpace(strings.ToValidUTF8(value, ""))
				if utf8.RuneCountInString(value) < minValue || strings.TrimFunc(value, func(r rune) bool { return r == '•' || unicode.IsSpace(r) }) == "" {
					continue
				}
				if strings.Contains(strings.ToLower(got), strings.ToLower(value)) {
					t.Fatalf("%q is in %q", value, got)
				}
			}
			if again := excerpt([]byte(got), l); again != got && len(got) < maxExcerpt {
				t.Fatalf("masked again: %q, first %q", again, got)
			}
			if print := fingerprint(text, l); print != "" && len(print) != 12 {
				t.Fatalf("fingerprint %q", print)
			}
		}
	})
}

func BenchmarkExcerpt(b *testing.B) {
	l := person()
	page := []byte(strings.Repeat("<p>Sorry Ana O&#39;Brien, \\u00c1vila is not 11 98765 4321 %40</p>\n", 1000))
	for b.Loop() {
		excerpt(page, l)
	}
}
