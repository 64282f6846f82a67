package validate

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestPhone_IsReadWithBrazilAtHome(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"11 91234-5678": "+5511912345678", "(11) 3123-4567": "+551131234567", "+55 (11) 91234.5678": "+5511912345678",
		"0055 11 91234 5678": "", "+1 650-253-0000": "+16502530000", "+351 912 345 678": "+351912345678", "１１ ９１２３４ ５６７８": "+5511912345678",
		"+": "", "+55": "", "0": "", "1": "", "+999 123456789": "", "tel:+5511912345678;ext=5": "",
	} {
		got, ok := phone(typed)
		if got != want || ok != (want != "") {
			t.Errorf("phone(%q) = %q, %v, want %q", typed, got, ok, want)
		}
	}
}

func TestText_TakesWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	names := []string{"José D'Ávila", "Nguyễn Thị Minh", "Владимир Ильич", "Αλέξανδρος", "محمد علي", "דוד בן־גוריון", "山田 太郎", "สมชาย ใจดี", "Ana 👩", "O’Neil-Smith", "X Æ A-12"}
	b := setup(t)
	for _, name := range names {
		if s := b.accept(t, with("name", quoted(name)), nil); s.Name != name || s.Verdict != lead.VerdictClean {
			t.Errorf("%q became %q, %s", name, s.Name, s.Verdict)
		}
	}
	for _, text := range []string{"linha\n\tlinha", "👩‍👩‍👧", "می\u200cخواهم", "a\u2028b", "שלום \u200f(a)"} {
		if s := b.accept(t, with("message", quoted(text)), nil); s.Message != text {
			t.Errorf("%q became %q", text, s.Message)
		}
	}
}

func TestVerdict_KeepsSpamAndMarksMixedScripts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		body string
		want lead.Verdict
	}{
		{with("checks", `{"trap":"http://example.com"}`), lead.VerdictSpam},
		{with("checks", `{"trap":"   "}`), lead.VerdictClean},
		{with("checks", `{"stamp":"anything"}`), lead.VerdictClean},
		{with("name", `"\u0410na Souza"`), lead.VerdictSuspicious},
		{with("name", `"P\u03b1ypal"`), lead.VerdictSuspicious},
		{with("name", `"\u0410нна Souza"`), lead.VerdictClean},
	}
	b := setup(t)
	for _, tt := range tests {
		if s := b.accept(t, tt.body, nil); s.Verdict != tt.want {
			t.Errorf("%s: verdict %s, want %s", tt.body, s.Verdict, tt.want)
		}
	}
}

// The checks are for machines: whatever stands there, the person before them is taken.
func TestChecks_RefuseNobody(t *testing.T) {
	t.Parallel()
	const person = "name=Ana+Souza&email=ana%40example.com&consent.accepted=on"
	long := strings.Repeat("v1.x", 1000)
	nested := `[{"stamp":[[{"a":null}]],"trap":-1.5e300},true]`
	b := setup(t)
	for checks, want := range map[string]string{
		"null": "", "7": "", "true": "", `"x\u0007\u202E"`: "", "[]": "", `["x"]`: "", "{}": "", nested: "",
		`{"stamp":null}`: "", `{"stamp":7}`: "", `{"stamp":{"a":1}}`: "", `{"stamp":["x"]}`: "", `{"stamp":""}`: "", `{"stamp":"` + long + `"}`: "",
		`{"stamp":"a\u0007b"}`: "", `{"score":1,"":{}}`: "", `{"trap":null}`: "", `{"trap":false}`: "", `{"trap":""}`: "", `{"trap":" \n\u00A0"}`: "",
		`{"trap":1}`: "trap", `{"trap":true}`: "trap", `{"trap":[]}`: "trap", `{"trap":{"x":""}}`: "trap", `{"trap":"` + long + `"}`: "trap",
		`{"stamp":7,"trap":"\u0007"}`: "trap",
	} {
		if got := names(b.accept(t, with("checks", checks), nil).Signals); got != want {
			t.Errorf("%.60s: signals %q, want %q", checks, got, want)
		}
	}
	for pairs, want := range map[string]string{
		"": "", "&checks=x": "", "&checks=x&checks=y": "", "&checks.=x": "", "&checks.other=x": "", "&checks.stamp.x=1": "", "&checks.trap.x=1": "",
		"&checks.stamp=" + long: "", "&checks.stamp=%07&checks.stamp=b": "", "&checks.trap=&checks.trap=+": "",
		"&checks.trap=%07": "trap", "&checks.trap=a&checks.trap=b": "trap", "&checks.trap=&checks.trap=x": "trap", "&checks=&checks.trap=x": "trap",
	} {
		s := b.accept(t, person+pairs, formPost)
		if got := names(s.Signals); got != want {
			t.Errorf("%.60s: signals %q, want %q", pairs, got, want)
		}
	}
}

func TestAddress_IsCanonical(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for given, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "::ffff:203.0.113.7": "203.0.113.7", "2001:DB8:0:0:0:0:0:1": "2001:db8::1", "fe80::1%eth0": "fe80::1",
	} {
		if s := b.accept(t, minimal, map[string]string{"sourceIp": given}); s.Address != want {
			t.Errorf("%s became %s", given, s.Address)
		}
	}
}

func TestKey_FormsOfOneKeyAreOneKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bare := b.accept(t, minimal, map[string]string{"idempotencyKey": "8e03978e-40d5-43e8-bc93-6894a57f9324"}).Key
	inQuotes := b.accept(t, minimal, map[string]string{"idempotencyKey": ` "8e03978e-40d5-43e8-bc93-6894a57f9324" `}).Key
	if bare != inQuotes || bare.Keep != 24*time.Hour {
		t.Errorf("%+v and %+v", bare, inQuotes)
	}
	other := b.accept(t, with("name", `"Eva Souza"`), map[string]string{"idempotencyKey": "8e03978e-40d5-43e8-bc93-6894a57f9324"}).Key
	if other.Hash != bare.Hash || other.Fingerprint == bare.Fingerprint {
		t.Errorf("other content under one key: %+v and %+v", bare, other)
	}
}

func TestKey_Malformed(t *testing.T) {
	t.Parallel()
	for _, header := range []string{`"`, `""`, `"a`, `a"`, `"a"b`, `"a";p=1`, `"a\x"`, "\"a\x01\"", "a b", "a,b", `"é"`, strings.Repeat("k", 256), `"` + strings.Repeat("k", 256) + `"`} {
		if key, err := parseKey(header); err == nil {
			t.Errorf("parseKey(%q) = %q", header, key)
		}
	}
	for header, want := range map[string]string{"": "", "  ": "", `"a \"\\ b"`: `a "\ b`, "k": "k", strings.Repeat("k", 255): strings.Repeat("k", 255)} {
		if key, err := parseKey(header); err != nil || key != want {
			t.Errorf("parseKey(%q) = %q, %v", header, key, err)
		}
	}
}

func TestKey_WithoutOneThePersonAndContentAreTheKey(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.accept(t, minimal, nil).Key
	if again := b.accept(t, minimal, map[string]string{"sourceIp": "198.51.100.9", "userAgent": "other", "requestId": "r-2"}).Key; again != first {
		t.Errorf("the same post from elsewhere: %+v and %+v", first, again)
	}
	if stamped := b.accept(t, strings.TrimSuffix(minimal, "}")+`,"checks":{"stamp":"x"}}`, nil).Key; stamped != first {
		t.Errorf("the checks are no content: %+v and %+v", first, stamped)
	}
	if shouted := b.accept(t, strings.Replace(minimal, "ana@example", "Ana@EXAMPLE", 1), nil).Key; shouted != first {
		t.Errorf("the same person with capitals: %+v and %+v", first, shouted)
	}
	if other := b.accept(t, strings.Replace(minimal, "ana@", "eva@", 1), nil).Key; other.Hash == first.Hash {
		t.Error("another person has the same key")
	}
}

// Order, white space and escapes of JSON are not content; every value is.
func TestKey_FingerprintIsOfTheContent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.accept(t, minimal, nil).Key.Fingerprint
	members := []string{`"name":"Ana O'Brien"`, `"email":"ana@example.com"`, `"consent":{"accepted":true}`}
	escaped := map[string]string{`"name"`: `"n\u0061me"`, `"Ana O'Brien"`: `"Ana O\u0027Brien"`, "ana@": `an\u0061@`}
	rapid.Check(t, func(r *rapid.T) {
		body := strings.Join(rapid.Permutation(members).Draw(r, "order"), ","+strings.Repeat(" ", rapid.IntRange(0, 3).Draw(r, "blanks")))
		for plain, escape := range escaped {
			if rapid.Bool().Draw(r, plain) {
				body = strings.Replace(body, plain, escape, 1)
			}
		}
		if got := b.accept(t, "{"+body+"}\n", nil).Key.Fingerprint; got != want {
			r.Errorf("%s has another fingerprint", body)
		}
	})
	for _, changed := range []string{
		strings.Replace(minimal, "Brien", "Bryan", 1),
		strings.Replace(minimal, "true", `true,"marketing":true`, 1),
		strings.TrimSuffix(minimal, "}") + `,"phone":"11912345678"}`,
		strings.TrimSuffix(minimal, "}") + `,"utm":{"source":"x"}}`,
		strings.TrimSuffix(minimal, "}") + `,"locale":"pt-BR"}`,
	} {
		if b.accept(t, changed, nil).Key.Fingerprint == want {
			t.Errorf("%s has the same fingerprint", changed)
		}
	}
}

// A post and its repeat may meet two releases. What a release makes of a post anew is no
// other content, and a member that is new changes no post without it.
func TestKey_FingerprintOutlivesARelease(t *testing.T) {
	t.Parallel()
	b := setup(t)
	given := func(members string) string { return strings.Replace(minimal, "true", "true"+members, 1) }
	text := `,"textId":"reply","textVersion":"2026-11-21","textHash":"` + strings.Repeat("ab", 32) + `"`
	hash := `,"marketingTextHash":"` + strings.Repeat("cd", 32) + `"`
	const smallest, whole = "3660feec487888c5a1ee46e5d446880ff59633cb2487ac5097626eee2ce75afd", "95817cc765e65458131ce0a44e0b978056b5bce210ae32a4cfec93ede309e526"
	for body, want := range map[string]string{
		minimal:                           smallest,
		given(hash):                       smallest,
		given(text + `,"marketing":true`): whole,
	} {
		if got := b.accept(t, body, nil).Key.Fingerprint; got != want {
			t.Errorf("%s has the fingerprint %s, want %s", body, got, want)
		}
	}
	if got := b.accept(t, given(text+`,"marketing":true`+hash), nil).Key.Fingerprint; got == whole {
		t.Error("another sentence of marketing has the same fingerprint")
	}
}

func TestNewSchema_Refuses(t *testing.T) {
	t.Parallel()
	for _, schema := range []string{"", "x", `{"type":"nonsense"}`, `{"$ref":"#/definitions/none"}`} {
		if _, err := NewSchema([]byte(schema)); err == nil {
			t.Errorf("%q was compiled", schema)
		}
	}
}

func TestMessages_ExistForEveryFieldAndCode(t *testing.T) {
	t.Parallel()
	fields := []string{"name", "email", "phone", "company", "message", "consent.accepted", "utm.source", "unknown", ""}
	codes := []string{codeRequired, codeUnknown, codeWrongType, codeTooShort, codeTooLong, codeFormat, codeNotAllowed, codeCharacters, codeTooLarge}
	for _, field := range fields {
		for _, code := range codes {
			en := message(lead.English, fault{path: strings.Split(field, "."), code: code})
			pt := message(lead.PortugueseBrazil, fault{path: strings.Split(field, "."), code: code})
			if en == "" || pt == "" || en == pt {
				t.Errorf("%s %s: %q, %q", field, code, en, pt)
			}
		}
		for _, code := range []string{codeDuplicate, codeRepeated} {
			if text := message(lead.English, fault{path: strings.Split(field, "."), code: code}); !strings.HasSuffix(text, "twice") {
				t.Errorf("%s %s: %q does not say what is wrong", field, code, text)
			}
		}
	}
}
