package deliver

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const (
	maxExcerpt = 4 << 10 // of an answer, kept; of its masked form
	maxScanned = 8 << 10 // of an answer, looked at
	// Of a text that is cut, the end is looked at and not kept: a value that is cut
	// off there is not known any more. An e-mail address in the longest escape fits.
	margin = 2 << 10

	bullets   = "•••" // what stands for a masked part; no letter, so it can make no value
	minValue  = 3     // characters of a value that is looked for
	minQuoted = 12    // characters in a row that make a quotation of the message
)

// excerpt is the beginning of a receiver's answer, at most 4 KiB of valid UTF-8,
// fit to be kept: receivers quote what they were sent. Masked are the name and
// its words, e-mail, company, phone and message of the lead and any part of the
// message, in any case and however JSON, HTML or a URL writes them; and,
// whosever they are, e-mail addresses, long numbers and what looks like a secret.
// Ids and times stay.
func excerpt(answer []byte, l lead.Record) string {
	text := readable(answer)
	values := valuesOf(l)
	text = hide(text, visible(len(text), len(answer)), values.spans(text, false))
	// Two parts that were apart may make a value together. It ends: every round
	// makes bullets of something else, or fewer of many.
	for again := values.spans(text, false); len(again) > 0; again = values.spans(text, false) {
		text = hide(text, len(text), again)
	}
	return cut(text, maxExcerpt)
}

// readable is the part of an answer that is looked at, as text.
func readable(answer []byte) string {
	return strings.ToValidUTF8(string(answer[:min(len(answer), maxScanned)]), "")
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
	anywhere []string            // also inside a word
	words    []string            // as a whole word only
	quotes   map[string]struct{} // every part of the message of minQuoted characters
}

func valuesOf(l lead.Record) values {
	v := values{quotes: map[string]struct{}{}}
	for _, value := range []string{l.Name, l.Email, l.Company, l.Phone} {
		v.anywhere = append(v.anywhere, forms(value)...)
	}
	for _, word := range strings.Fields(l.Name) {
		v.words = append(v.words, forms(word)...)
	}
	for _, form := range forms(l.Message) {
		starts := runeStarts(form)
		if len(starts) <= minQuoted {
			v.anywhere = append(v.anywhere, form)
		}
		for i := minQuoted; i < len(starts); i++ {
			v.quotes[form[starts[i-minQuoted]:starts[i]]] = struct{}{}
		}
	}
	return v
}

// forms are a value as it is and as it reads when its escapes are resolved, like
// those of the answer. Short ones and such without a letter or digit are left out.
func forms(value string) []string {
	var all []string
	at := plain(strings.ToValidUTF8(value, ""))
	for range layers {
		folded := strings.TrimSpace(at.fold().text)
		if utf8.RuneCountInString(folded) >= minValue && strings.Trim(folded, "• ") != "" && !slices.Contains(all, folded) {
			all = append(all, folded)
		}
		at = at.resolve()
	}
	return all
}

// runeStarts gives where each character begins, and the end.
func runeStarts(text string) []int {
	starts := make([]int, 0, len(text)+1)
	for i := range text {
		starts = append(starts, i)
	}
	return append(starts, len(text))
}

// layers is how often escapes are resolved, and one: JSON in a page, say.
const layers = 3

// spans are the parts of a text that are to be masked; wholeWords leaves out
// values inside of words.
func (v values) spans(text string, wholeWords bool) []span {
	var found []span
	at := plain(text)
	for range layers {
		found = append(found, at.patterns()...)
		folded := at.fold()
		for _, value := range v.anywhere {
			found = append(found, folded.find(value, wholeWords)...)
		}
		for _, word := range v.words {
			found = append(found, folded.find(word, true)...)
		}
		found = append(found, folded.quotations(v.quotes)...)
		next := at.resolve()
		if next.text == at.text {
			break
		}
		at = next
	}
	return found
}

// layer is a text with the escapes of the original resolved so many times; at
// gives for each byte what it was written as there.
type layer struct {
	text string
	at   []span
}

func plain(text string) layer {
	at := make([]span, len(text))
	for i := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		for j := range size {
			at[i+j] = span{i, i + size}
		}
	}
	return layer{text, at}
}

// origin is what text[from:to] was written as.
func (l layer) origin(from, to int) span { return span{l.at[from].from, l.at[to-1].to} }

// resolve reads escapes of JSON (\n, \u00e3), HTML (&#39;, &amp;) and URLs (%40,
// +), whichever stand there.
func (l layer) resolve() layer {
	if !strings.ContainsAny(l.text, `\&%+`) {
		return l
	}
	out := layer{at: make([]span, 0, len(l.text))}
	var text strings.Builder
	for i := 0; i < len(l.text); {
		resolved, size := unescape(l.text[i:])
		origin := l.origin(i, i+size)
		text.WriteString(resolved)
		for range len(resolved) {
			out.at = append(out.at, origin)
		}
		i += size
	}
	out.text = text.String()
	return out
}

// unescape resolves what stands at the beginning of text, and says how long it
// is. What is no escape is one byte, as it is.
func unescape(text string) (string, int) {
	switch text[0] {
	case '+':
		return " ", 1
	case '%':
		if len(text) >= 3 {
			if b, err := strconv.ParseUint(text[1:3], 16, 8); err == nil {
				return string([]byte{byte(b)}), 3
			}
		}
	case '&':
		end := strings.IndexByte(text[:min(len(text), 32)], ';')
		if end > 0 {
			if resolved := html.UnescapeString(text[:end+1]); resolved != text[:end+1] {
				return resolved, end + 1
			}
		}
	case '\\':
		return unescapeJSON(text)
	}
	return text[:1], 1
}

func unescapeJSON(text string) (string, int) {
	if len(text) < 2 {
		return text, len(text)
	}
	switch text[1] {
	case 'n', 'r', 't', 'b', 'f':
		return " ", 2 // whitespace, all of it
	case '"', '\\', '/', '\'':
		return text[1:2], 2
	case 'u':
		unit, ok := codeUnit(text)
		if !ok {
			break
		}
		if utf16.IsSurrogate(unit) {
			if low, ok := codeUnit(text[6:]); ok {
				return string(utf16.DecodeRune(unit, low)), 12
			}
		}
		return string(unit), 6
	}
	return text[:1], 1
}

// codeUnit reads \uXXXX.
func codeUnit(text string) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(unit), err == nil
}

// fold gives the layer as it is compared: case and kind of whitespace do not
// count.
func (l layer) fold() layer {
	out := layer{at: make([]span, 0, len(l.text))}
	var text strings.Builder
	for i, r := range l.text {
		_, size := utf8.DecodeRuneInString(l.text[i:]) // r may stand for a byte that is no character
		written, _ := text.WriteRune(fold(r))
		for range written {
			out.at = append(out.at, l.origin(i, i+size))
		}
	}
	out.text = text.String()
	return out
}

// fold gives the same for every case of a letter, and for all whitespace.
func fold(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	r = unicode.ToLower(r)
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
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
			_, size := utf8.DecodeRuneInString(value)
			from = start + size
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

// quotations gives every part of minQuoted characters that stands in quotes.
func (l layer) quotations(quotes map[string]struct{}) []span {
	if len(quotes) == 0 {
		return nil
	}
	var found []span
	starts := runeStarts(l.text)
	for i := minQuoted; i < len(starts); i++ {
		from, to := starts[i-minQuoted], starts[i]
		if _, ok := quotes[l.text[from:to]]; ok {
			found = append(found, l.origin(from, to))
		}
	}
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
