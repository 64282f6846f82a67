package asl

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// quotedByLibrary is the text as the library writes it. Its error is about bytes that
// are not UTF-8, which it replaces all the same.
func quotedByLibrary(text string) string {
	quoted, _ := jsontext.AppendQuote(nil, text)
	return string(quoted)
}

// Every byte, at every place of a word and behind it, before and after other bytes
// that need care.
func TestAppendString_WritesWhatTheLibraryWrites(t *testing.T) {
	t.Parallel()
	var texts []string
	for c := range 256 {
		for n := range 18 {
			texts = append(texts, strings.Repeat("x", n)+string([]byte{byte(c)})+"y\x01z", strings.Repeat("é", n)+string([]byte{byte(c)}))
		}
	}
	texts = append(texts, "", "plain", "a\u2028b\u2029", "😀\x00😀", "\xf0\x9f\x98", "\xed\xa0\x80", "\xc0\xaf", "<&>\x7f", "é\"\xff\"é\xff\xff")
	for _, text := range texts {
		if got, want := string(AppendString([]byte("a"), text)), "a"+quotedByLibrary(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestAppendQuoted_IsTheTextOfTheTextOfTheValue(t *testing.T) {
	t.Parallel()
	values := []any{nil, true, -1.5, "", []any{}, NewObject(0)}
	for _, text := range []string{`{"a\"b":["\\","\n\u0001é😀",{"":null}],"2":1e300,"1":"</script>"}`, `"\u2028\u0000\t"`} {
		values = append(values, mustParse(t, text))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		values = append(values, randomText(random))
	}
	for _, value := range values {
		text := string(AppendJSON(nil, value))
		if got, want := string(AppendQuoted([]byte("a"), value)), "a"+quotedByLibrary(text); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// randomText is rich in what must be escaped, and not always UTF-8.
func randomText(random *rand.Rand) string {
	alphabet := []string{"a", "long enough for a word", `"`, `\`, "\n", "\x00", "\x1f", "é", "😀", "\xff", "\xf0\x9f"}
	var text strings.Builder
	for range random.IntN(12) {
		text.WriteString(alphabet[random.IntN(len(alphabet))])
	}
	return text.String()
}

func FuzzAppendString(f *testing.F) {
	for _, text := range []string{"", "plain text of a word", "\"\\\n\x00", "é😀\u2028", "\xff\xf0\x9f"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := string(AppendString(nil, text)), quotedByLibrary(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
		if got, want := string(AppendQuoted(nil, text)), quotedByLibrary(quotedByLibrary(text)); got != want {
			t.Errorf("%q inside: got %s, want %s", text, got, want)
		}
	})
}
