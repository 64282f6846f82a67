package deliver

import (
	"encoding/binary"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

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
		"a name in a literal":  {`{'name': 'Ana O\'Brien Ávila'}`, `{'name': '•••'}`},
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
		"12 characters of it":  {"near 'de 3 orçamen', 'e 3 orçamen'", "near '•••', 'e 3 orçamen'"},
		"a message of lines":   {"got: Olá,\r\n\"preciso\" de 3 orçamentos até sexta", "got: Olá,\r•••"},
		"few words of it":      {"sexta", "sexta"},
		"a password":           {"Authorization: Basic YW5hOng=", "Authorization: •••"},
		"a bearer":             {"Authorization: Bearer abc.def-123", "Authorization: •••"},
		"a secret of letters":  {"secret " + secret(0) + " does not fit", "secret ••• does not fit"},
		"our secret":           {"secret " + secret('x') + " does not fit", "secret ••• does not fit"},
		"hex in lower case":    {"key=" + strings.Repeat("0ab1", 8) + ";", "key=•••;"},
		"hex":                  {"key=" + strings.Repeat("0aB1", 8) + ";", "key=•••;"},
		"base64":               {"sig v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=", "sig v1,•••"},
		"a JWT":                {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "•••"},
		"an id stays":          {"lead 0198c1a2-0000-7000-8000-000000000001 at 2026-11-21 12:00:00, 2026-11-21T12:00:00Z", "lead 0198c1a2-0000-7000-8000-000000000001 at 2026-11-21 12:00:00, 2026-11-21T12:00:00Z"},
		"a phone after an id":  {"0198c1a2-0000-7000-8000-000000000001 11 98765 4321", "0198c1a2-0000-7000-8000-000000000001 •••"},
		"a path stays":         {"/usr/share/nginx/html/errors/service-unavailable.html", "/usr/share/nginx/html/errors/service-unavailable.html"},
		"a dated path stays":   {"/usr/share/errors/2026/service-unavailable.html", "/usr/share/errors/2026/service-unavailable.html"},
		"a long name stays":    {"com/example/UpstreamConnectTimeoutHandler", "com/example/UpstreamConnectTimeoutHandler"},
		"a constant stays":     {"ERR_504_UPSTREAM_CONNECT_TIMEOUT_REACHED", "ERR_504_UPSTREAM_CONNECT_TIMEOUT_REACHED"},
		"small numbers stay":   {"HTTP 422, line 17, nginx/1.18.0, 20261121", "HTTP 422, line 17, nginx/1.18.0, •••"},
		"broken UTF-8":         {"An\xffa O'Bri\xc3en Ávila " + strings.Repeat("-", 20) + "\xf0\x9f", "••• " + strings.Repeat("-", 20)},
		"broken escapes":       {`\ \u \u12 \ud83d \q & &; &#; % %4 %zz \`, `\ \u \u12 \ud83d \q & &; &#; % %4 %zz \`},
	} {
		if got := excerpt([]byte(row.answer), l); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestExcerpt_ShortValuesAreNotLookedFor(t *testing.T) {
	t.Parallel()
	if got := excerpt([]byte("no such io"), lead.Record{Name: "i", Email: "no@io", Company: "  io  ", Message: "h?"}); got != "no such •••" {
		t.Errorf("%q", got)
	}
	if got := excerpt([]byte("no such io"), lead.Record{Name: "i o", Company: "  io  ", Message: "..."}); got != "no such io" {
		t.Errorf("%q", got)
	}
	if got := excerpt([]byte("got: me liga"), lead.Record{Message: "me liga"}); got != "got: •••" {
		t.Errorf("%q", got)
	}
	if got := excerpt([]byte(`{"got":"me\tliga"}`), lead.Record{Message: "me\tliga"}); got != `{"got":"•••"}` {
		t.Errorf("%q", got)
	}
	if got := excerpt([]byte("made in c++"), lead.Record{Company: "C++"}); got != "made in •••" {
		t.Errorf("%q", got)
	}
}

func TestExcerpt_MasksNamesHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	const decomposed = "Jose\u0301 Conceic\u0327a\u0303o"
	for label, row := range map[string]struct{ name, answer, want string }{
		"two Han characters":              {"张伟", "你好张伟您", "你好•••您"},
		"two Han characters, escaped":     {"张伟", `{"name":"\u5f20\u4f1f"}`, `{"name":"•••"}`},
		"Han beyond 16 bits, escaped":     {"𠮷野", `{"name":"\ud842\udfb7\u91ce!"}`, `{"name":"•••!"}`},
		"one Han character":               {"张 伟", "尊敬的张先生", "尊敬的•••先生"},
		"kana":                            {"さき", "こんにちはさきさん", "こんにちは•••さん"},
		"Hangul":                          {"김 민", "김민님", "•••님"},
		"two letters":                     {"Bo", "dear Bo, BO! about bo2", "dear •••, •••! about bo2"},
		"a word of two letters":           {"Bo Li", "dear Ms Li, in line", "dear Ms •••, in line"},
		"a particle":                      {"Ana de Sá", "número de Sá", "número de •••"},
		"composed, quoted decomposed":     {"José Conceição", "hi " + decomposed + "!", "hi •••!"},
		"Persian":                         {"علی\u200cرضا محمدی", "سلام علی\u200cرضا محمدی!", "سلام •••!"},
		"Persian, without the non-joiner": {"علی\u200cرضا محمدی", "سلام علیرضا محمدی!", "سلام •••!"},
		"Persian, with a suffix":          {"علی محمدی", "سلام علی\u200cجان!", "سلام •••\u200cجان!"},
		"Persian, non-joiner put in":      {"علیرضا محمدی", "سلام علی\u200cرضا!", "سلام •••!"},
		"Persian, in JSON":                {"علی\u200cرضا محمدی", `{"n":"\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"}`, `{"n":"•••"}`},
		"Persian, in HTML":                {"علی\u200cرضا محمدی", "<b>علی&zwnj;رضا</b>", "<b>•••</b>"},
		"Persian, in a URL":               {"علی\u200cرضا", "?n=%D8%B9%D9%84%DB%8C%E2%80%8C%D8%B1%D8%B6%D8%A7", "?n=•••"},
		"Malayalam, joined otherwise":     {"രാജന്\u200d", "ഹലോ രാജന്!", "ഹലോ •••!"},
		"decomposed, quoted composed":     {decomposed, "hi José Conceição!", "hi •••!"},
		"decomposed, a word in the end":   {"Conceição José", "hi Jose\u0301", "hi •••"},
		"without accents":                 {"José Conceição", "HI JOSE CONCEICAO", "HI •••"},
		"Greek in capitals":               {"Γιώργος", "ΓΕΙΑ ΓΙΩΡΓΟΣ", "ΓΕΙΑ •••"},
		"HTML without semicolons":         {"José Conceição", "<i>Jos&eacute Concei&ccedil&atildeo</i>", "<i>•••</i>"},
		"HTML by numbers, no semicolons":  {"José Conceição", "<i>Jos&#233 Concei&#231&#xe3;o</i>", "<i>•••</i>"},
		"a letter after no semicolon":     {"Maçã", "Ma&ccedil&atildex Ma&ccedil&atilde x", "•••x ••• x"},
		"HTML that ends":                  {"José", "Jos&eacute", "•••"},
		"ISO 8859-1":                      {"José Conceição", "dear Jos\xe9 Concei\xe7\xe3o, this is refused", "dear •••, this is refused"},
		"ISO 8859-1 in a URL":             {"José Conceição", "?n=Jos%E9+Concei%E7%E3o", "?n=•••"},
		"UTF-16":                          {"José Conceição", inUTF16("dear José Conceição, this is refused", false), "dear •••, this is refused"},
		"UTF-16, the other way round":     {"José Conceição", inUTF16("dear José Conceição, this is refused", true), "dear •••, this is refused"},
		"NULs between letters":            {"Ana Dias", "dear A\x00n\x00a D\x00\x00ias", "dear •••"},
		"Han in UTF-16":                   {"张伟", inUTF16("你好张伟您", false), "(10 bytes that are no text)"},
		"a picture":                       {"Ana Dias", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\xffAna Dias", "(27 bytes that are no text)"},
		"control characters":              {"Ana Dias", "A\x01n\x01a\x01 \x01D\x01i\x01a\x01s", "(15 bytes that are no text)"},
		"replacement characters are text": {"Ana Dias", "\ufffd\ufffd\ufffd Ana", "\ufffd\ufffd\ufffd •••"},
	} {
		if got := excerpt([]byte(row.answer), lead.Record{Name: row.name}); got != row.want {
			t.Errorf("%s: %q, want %q", label, got, row.want)
		}
	}
}

func inUTF16(text string, bigEndian bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		if bigEndian {
			out = binary.BigEndian.AppendUint16(out, unit)
		} else {
			out = binary.LittleEndian.AppendUint16(out, unit)
		}
	}
	return string(out)
}

func TestExcerpt_MasksPartsOfThePhone(t *testing.T) {
	t.Parallel()
	l := lead.Record{Phone: "+5511991234567"}
	for answer, want := range map[string]string{
		"call 9123-4567 now":                     "call ••• now",
		"call 99123 4567":                        "call •••",
		"call 9912.345 or 123 45 67":             "call ••• or •••",
		"call (11) 9":                            "call (11) 9",
		"call 9123\u20114567, 9123&nbsp;4567":    "call •••, •••",
		`{"n":"9123\u00a04567","m":"912\/3456"}`: `{"n":"•••","m":"•••"}`,
		"?n=9123%204567&m=912+34+56":             "?n=•••&m=•••",
		"code 123456, code 9123-4568":            "code 123456, code •••8",
		"code 9123-5567, 91x23456":               "code 9123-5567, 91x23456",
	} {
		if got := excerpt([]byte(answer), l); got != want {
			t.Errorf("%q: %q, want %q", answer, got, want)
		}
	}
}

func TestExcerpt_MasksPartsOfTheEmail(t *testing.T) {
	t.Parallel()
	for answer, row := range map[string]struct{ email, want string }{
		"zelda.parts at secretmail.example":         {"zelda.parts@secretmail.example", "••• at •••"},
		"no user Zelda.Parts, no mx.SECRETMAIL.com": {"zelda.parts@secretmail.com", "no user •••, no mx.•••"},
		"no user xana.ana.ana":                      {"ana.ana@secretmail.com", "no user xana.•••"},
		"no user zelda.partsX":                      {"zelda.parts@secretmail.com", "no user zelda.partsX"},
		"no ana at Gmail.com":                       {"ana@Gmail.com", "no ana at Gmail.com"},
		"no anas at gmail.com":                      {"anas@gmail.com", "no ••• at gmail.com"},
	} {
		if got := excerpt([]byte(answer), lead.Record{Email: row.email}); got != row.want {
			t.Errorf("%q: %q, want %q", answer, got, row.want)
		}
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
	l.Message, l.Email = strings.Repeat("x", 5000), "zelda.parts@marker.example"
	for shift := range 64 {
		// The message shrinks, so that the end of what is looked at comes into view.
		answer := l.Message + " " + strings.Repeat("-", maxScanned-5001-len(l.Email)/2+shift-32) + l.Email + strings.Repeat("-", 100)
		if got := excerpt([]byte(answer), l); strings.Contains(got, "ze") {
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

func TestFingerprint_SameForTwoCompaniesInAScriptWithoutBlanks(t *testing.T) {
	t.Parallel()
	a := fingerprint([]byte("尊敬的张伟您好"), lead.Record{Company: "张伟"})
	if b := fingerprint([]byte("尊敬的王芳您好"), lead.Record{Company: "王芳"}); a != b {
		t.Errorf("%s and %s", a, b)
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
	for _, empty := range []string{"", " \r\n", "\x00\x00"} {
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
	f.Add([]byte("A\x00n\x00a\xe9 9123-4567 Jose\u0301 &eacuteb &#x30 张"), "张 伟", "zelda@b.cd", "Joé", "+5511991234567", "e\u0301\u0323")
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
				value = strings.TrimSpace(value)
				if known := forms(value, minValue); len(known) == 0 || !utf8.ValidString(value) || strings.Contains(value, "•") || plain(value).fold().text != known[0] {
					continue
				}
				composed := func(s string) string { return norm.NFC.String(strings.ToLower(s)) }
				if strings.Contains(strings.ToLower(got), strings.ToLower(value)) || strings.Contains(composed(got), composed(value)) {
					t.Fatalf("%q is in %q", value, got)
				}
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
