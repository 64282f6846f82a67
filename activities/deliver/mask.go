package deliver

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const (
	maxExcerpt = 4 << 10 // of an answer, kept; of its masked form
	maxScanned = 8 << 10 // of an answer, looked at
	// Of a text that is cut, the end is looked at and not kept: a value that is cut
	// off there is not known any more. An e-mail address in the longest escape fits.
	margin = 2 << 10

	bullets   = "•••" // what stands for a masked part
	minValue  = 3     // characters of a value that is looked for, also inside of words
	minWord   = 2     // of one that is looked for as a word
	minLocal  = 4     // of the part of an e-mail address before the @
	minQuoted = 12    // characters in a row that make a quotation of the message
	minDigits = 7     // in a row that make a part of the phone number
)

// excerpt is the beginning of a receiver's answer, at most 4 KiB of valid UTF-8,
// fit to be kept: receivers quote what they were sent. Masked are, of the lead,
//
//   - name, e-mail, company, phone and message, from 3 characters;
//   - the words of the name, from 2 characters, as words, but for "de" and the like;
//   - of the e-mail the part before the @, from 4 characters, and the domain unless
//     many have their mail there, as words;
//   - any 12 characters in a row of the message;
//   - any 7 digits in a row of the phone, whatever blanks, dashes and signs of
//     ()./+_ stand between them;
//
// and, whosever they are, e-mail addresses, numbers of 8 digits in one or 9 with
// separators, and what looks like a secret. Of Chinese, Japanese and Korean, which
// need no blanks, 1 character will do and no word is asked for. Case, accents,
// signs without a width and kind of whitespace do not count, nor do two rounds of
// escapes of JSON, HTML and URLs.
//
// Dates and UUIDs stay, and so does what the receiver shortened or put in words of
// its own.
//
// NULs, which are every second byte of most UTF-16, are left out, and so are bytes
// that are no UTF-8, after they were compared as ISO 8859-1. When more than a tenth
// of what is left without NULs is such bytes or control characters, the answer is
// no text: the length that was read is kept in its place.
func excerpt(answer []byte, l lead.Record) string {
	return cut(mask(answer, l, false), maxExcerpt)
}

// mask gives the part of an answer that is looked at, masked; wholeWords leaves
// values inside of words.
func mask(answer []byte, l lead.Record, wholeWords bool) string {
	text := strings.ReplaceAll(string(answer[:min(len(answer), maxScanned)]), "\x00", "")
	if !isText(text) {
		return fmt.Sprintf("(%d bytes that are no text)", len(answer))
	}
	return hide(text, visible(len(text), len(answer)), valuesOf(l).spans(text, wholeWords))
}

func isText(text string) bool {
	strange := 0
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") || unicode.IsControl(r) && !unicode.IsSpace(r) {
			strange++
		}
	}
	return strange <= len(text)/10
}

// visible is how much of a text that may be cut is kept.
func visible(scanned, whole int) int {
	if whole <= maxScanned {
		return scanned
	}
	return max(scanned-margin, 0)
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

// hide puts bullets in the place of the spans of text[:end].
func hide(text string, end int, spans []span) string {
	covered := make([]bool, len(text))
	for _, s := range spans {
		for i := s.from; i < s.to; i++ {
			covered[i] = true
		}
	}
	var out strings.Builder
	for i := 0; i < end; i++ {
		switch {
		case !covered[i]:
			out.WriteByte(text[i])
		case i == 0 || !covered[i-1]:
			out.WriteString(bullets)
		}
	}
	return strings.ToValidUTF8(out.String(), "")
}

// values are what is known of a lead, folded for comparison.
type values struct {
	anywhere []string // also inside a word
	words    []string // as a whole word only
	message  map[string]struct{}
	phone    map[string]struct{}
}

func valuesOf(l lead.Record) values {
	v := values{message: map[string]struct{}{}, phone: map[string]struct{}{}}
	for _, value := range []string{l.Name, l.Email, l.Company, l.Phone} {
		v.anywhere = append(v.anywhere, forms(value, minValue)...)
	}
	for _, word := range strings.Fields(l.Name) {
		if !slices.Contains(particles, word) {
			v.words = append(v.words, forms(word, minWord)...)
		}
	}
	local, domain, _ := strings.Cut(l.Email, "@")
	v.words = append(v.words, forms(local, minLocal)...)
	if !slices.Contains(providers, strings.ToLower(domain)) {
		v.words = append(v.words, forms(domain, minWord)...)
	}
	for _, form := range forms(l.Message, minValue) {
		if utf8.RuneCountInString(form) < minQuoted {
			v.anywhere = append(v.anywhere, form)
		}
		runs(form, minQuoted, func(from, to int) { v.message[form[from:to]] = struct{}{} })
	}
	digits := plain(l.Phone).digits().text
	runs(digits, minDigits, func(from, to int) { v.phone[digits[from:to]] = struct{}{} })
	return v
}

var (
	// particles stand in the names of many, and in every sentence.
	particles = []string{"de", "da", "do", "das", "dos"}
	// providers keep the mail of many: these domains say nothing of a lead.
	providers = []string{
		"gmail.com", "googlemail.com", "outlook.com", "outlook.com.br", "hotmail.com", "hotmail.com.br", "live.com", "msn.com",
		"yahoo.com", "yahoo.com.br", "icloud.com", "me.com", "aol.com", "proton.me", "protonmail.com", "gmx.com", "gmx.de",
		"uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br", "globo.com",
	}
)

// forms are a value as it is and as it reads when its escapes are resolved, like
// those of the answer, when they have the characters.
func forms(value string, least int) []string {
	var all []string
	at := plain(value)
	for range layers {
		for _, l := range []layer{at.fold(), at.fold().seen()} {
			folded := strings.TrimSpace(l.text)
			enough := utf8.RuneCountInString(folded) >= least || unspaced(folded)
			if enough && !slices.Contains(all, folded) {
				all = append(all, folded)
			}
		}
		at = at.resolve()
	}
	return all
}

// unspaced tells a value in a script that writes words without blanks.
func unspaced(value string) bool {
	return strings.ContainsFunc(value, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
	})
}

// runs calls f for every size characters in a row.
func runs(text string, size int, f func(from, to int)) {
	starts := make([]int, 0, len(text)+1)
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	for i := size; i < len(starts); i++ {
		f(starts[i-size], starts[i])
	}
}

// layers is how often escapes are resolved, and one: JSON in a page, say.
const layers = 3

// spans are the parts of a text that are to be masked; wholeWords leaves out
// values inside of words.
func (v values) spans(text string, wholeWords bool) []span {
	at := plain(text)
	found := v.spansOf(at, wholeWords)
	if !utf8.ValidString(text) {
		found = append(found, v.spansOf(at.valid(), wholeWords)...)
	}
	return found
}

func (v values) spansOf(at layer, wholeWords bool) []span {
	var found []span
	for range layers {
		found = append(found, at.patterns()...)
		folded := at.fold()
		found = append(found, v.textsIn(folded, wholeWords)...)
		if seen := folded.seen(); seen.text != folded.text {
			found = append(found, v.textsIn(seen, wholeWords)...)
		}
		found = append(found, at.digits().quotations(v.phone, minDigits)...)
		next := at.resolve()
		if next.text == at.text {
			break
		}
		at = next
	}
	return found
}

// textsIn gives the places of the values in a folded layer, but for the phone.
func (v values) textsIn(folded layer, wholeWords bool) []span {
	var found []span
	for _, value := range v.anywhere {
		found = append(found, folded.find(value, wholeWords && !unspaced(value))...)
	}
	for _, word := range v.words {
		found = append(found, folded.find(word, !unspaced(word))...)
	}
	return append(found, folded.quotations(v.message, minQuoted)...)
}

// find gives the places of a value.
func (l layer) find(value string, wholeWord bool) []span {
	var found []span
	for from := 0; ; {
		i := strings.Index(l.text[from:], value)
		if i < 0 {
			return found
		}
		start, end := from+i, from+i+len(value)
		if wholeWord && !l.isWord(start, end) {
			from = start + 1
			continue
		}
		found = append(found, l.origin(start, end))
		from = end
	}
}

func (l layer) isWord(from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(l.text[:from])
	after, _ := utf8.DecodeRuneInString(l.text[to:])
	return !isLetterOrDigit(before) && !isLetterOrDigit(after)
}

func isLetterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// quotations gives every size characters in a row that are among parts.
func (l layer) quotations(parts map[string]struct{}, size int) []span {
	if len(parts) == 0 {
		return nil
	}
	var found []span
	runs(l.text, size, func(from, to int) {
		if _, ok := parts[l.text[from:to]]; ok {
			found = append(found, l.origin(from, to))
		}
	})
	return found
}

// pattern finds what is masked whosever it is. keep tells a match that is left.
type pattern struct {
	sign       string // that every match has; "" for none
	expression *regexp.Regexp
	keep       func(string) bool
}

var (
	uuidForm = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	dateForm = regexp.MustCompile(`^(19|20)\d\d[-/.][01]\d[-/.][0-3]\d`)

	personal = []pattern{
		{sign: "@", expression: regexp.MustCompile(`[^\s@<>"'()&;,:=\[\]{}|\\]+@[^\s@<>"'()&;,:=\[\]{}|\\]+\.[\pL\d-]{2,}`)},
		// A phone or card number, with or without separators.
		{expression: regexp.MustCompile(`\+?\(?\d(?:[ .()/\-\x{a0}]{0,3}\d){7,}`), keep: isShortNumber},
		{expression: regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}`)},
		{sign: "whsec_", expression: regexp.MustCompile(`whsec_[A-Za-z0-9+/=_-]+`)},
		{sign: "eyJ", expression: regexp.MustCompile(`\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*`)}, // a JWT
		{expression: regexp.MustCompile(`\b[0-9A-Fa-f]{32,}\b`)},
		{expression: regexp.MustCompile(`[A-Za-z0-9+/_-]{32,}={0,2}`), keep: isPlainPath},
	}
)

// isShortNumber tells a date, and separated digits that are too few for a phone.
func isShortNumber(match string) bool {
	digits := 0
	for _, r := range dateForm.ReplaceAllString(match, "") {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits < 8 || digits == 8 && strings.ContainsAny(match, " .()/-\u00a0")
}

// isPlainPath tells a path or a long name from base64, which has letters of both
// cases and digits.
func isPlainPath(match string) bool {
	return !strings.ContainsAny(match, "0123456789") || strings.ToLower(match) == match || strings.ToUpper(match) == match
}

// patterns gives what is masked whosever it is.
func (l layer) patterns() []span {
	text := uuidForm.ReplaceAllStringFunc(l.text, func(id string) string { return strings.Repeat("\n", len(id)) })
	var found []span
	for _, p := range personal {
		if !strings.Contains(text, p.sign) {
			continue
		}
		for _, match := range p.expression.FindAllStringIndex(text, -1) {
			if p.keep == nil || !p.keep(text[match[0]:match[1]]) {
				found = append(found, l.origin(match[0], match[1]))
			}
		}
	}
	return found
}
