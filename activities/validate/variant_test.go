package validate

import (
	"net/url"
	"strings"
	"testing"
)

func TestVariant_IsKeptWhenItIsAWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	longest := strings.Repeat("v", 64)
	for raw, want := range map[string]string{
		`"b"`: "b", `"Hero_2.b-1"`: "Hero_2.b-1", `"  b  "`: "b", `"b\r\n"`: "b", quoted(longest): longest,
	} {
		if got := b.accept(t, with("variant", raw), nil).Variant; got != want {
			t.Errorf("%s: %q, want %q", raw, got, want)
		}
	}
}

// Nobody can mend a hidden field, so that nobody is refused for it.
func TestVariant_ThatIsNoneIsDropped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	none := b.accept(t, with("variant", `""`), nil)
	for _, raw := range []string{
		`" "`, `"-b"`, `"hero b"`, `"é"`, `"ana@example.com"`, quoted(strings.Repeat("v", 65)), `"b\u0007"`, `"b\u202E"`, `"\udb40\udc41"`,
		`7`, `true`, `null`, `["b"]`, `{"b":"b"}`, `{"\u202E":"\u202E"}`,
	} {
		s := b.accept(t, with("variant", raw), nil)
		if s.Variant != "" || s.Key != none.Key || len(s.Signals) != len(none.Signals) {
			t.Errorf("%s: variant %q, key %+v, signals %v; want those of no variant: %+v", raw, s.Variant, s.Key, s.Signals, none)
		}
	}
	for _, typed := range []string{"", "hero b", "b\u0001", strings.Repeat("v", 65)} {
		form := url.Values{"name": {"Ana Souza"}, "email": {"ana@example.com"}, "consent.accepted": {"on"}, "variant": {typed}}
		if s := b.accept(t, form.Encode(), formPost); s.Variant != "" {
			t.Errorf("form with %q: variant %q", typed, s.Variant)
		}
	}
}

func TestVariant_IsNoFaultBesideOthers(t *testing.T) {
	t.Parallel()
	_, problem := setup(t).refuse(t, strings.Replace(with("variant", `"\u202E"`), "ana@example.com", "x", 1), nil)
	if len(problem.Errors) != 1 || problem.Errors[0].Pointer != "/email" {
		t.Errorf("errors %+v, want one, at /email", problem.Errors)
	}
}
