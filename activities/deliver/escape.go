package deliver

import (
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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
		return unescapeHTML(text)
	case '\\':
		return unescapeJSON(text)
	}
	return text[:1], 1
}

// unescapeHTML reads a character reference. Some need no semicolon, and letters
// may follow at once: "&atildeo".
func unescapeHTML(text string) (string, int) {
	const longest = 32
	size := 1
	for size < min(len(text), longest) && (text[size] == '#' || isAlphanumeric(text[size])) {
		size++
	}
	if size < len(text) && text[size] == ';' {
		size++
	}
	resolved := html.UnescapeString(text[:size])
	if resolved == text[:size] {
		return text[:1], 1
	}
	for resolved != "" && resolved[len(resolved)-1] == text[size-1] {
		resolved, size = resolved[:len(resolved)-1], size-1
	}
	return resolved, size
}

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

func unescapeJSON(text string) (string, int) {
	if len(text) < 2 {
		return text, len(text)
	}
	switch text[1] {
	case 'n', 't':
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

// valid gives the layer without bytes that are no characters.
func (l layer) valid() layer {
	return l.rewrite(func(out []rune, r rune, broken bool) []rune {
		if broken {
			return out
		}
		return append(out, r)
	})
}

// fold gives the layer as it is compared: case, accents and kind of whitespace do
// not count, nor whether an accent is a character of its own. A byte that is no
// character counts as one of ISO 8859-1.
func (l layer) fold() layer {
	return l.rewrite(func(out []rune, r rune, _ bool) []rune {
		if r < utf8.RuneSelf { // it has no accent
			return append(out, foldCase(r))
		}
		for _, part := range norm.NFD.String(string(r)) {
			if norm.NFD.PropertiesString(string(part)).CCC() == 0 {
				out = append(out, foldCase(part))
			}
		}
		return out
	})
}

// seen gives a folded layer without signs that have no width, which some who quote a
// name leave out. With them they part words, so that both are looked at.
func (l layer) seen() layer {
	if !strings.ContainsFunc(l.text, isUnseen) {
		return l
	}
	return l.rewrite(func(out []rune, r rune, _ bool) []rune {
		if isUnseen(r) {
			return out
		}
		return append(out, r)
	})
}

func isUnseen(r rune) bool { return unicode.Is(unicode.Cf, r) }

// foldCase gives the same for every case of a letter, and for all whitespace.
func foldCase(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// digits gives the layer as numbers are compared: without what groups digits, and
// with one sign for everything else.
func (l layer) digits() layer {
	return l.rewrite(func(out []rune, r rune, _ bool) []rune {
		switch {
		case r >= '0' && r <= '9':
			return append(out, r)
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), strings.ContainsRune("()./+_", r):
			return out
		}
		return append(out, 'x')
	})
}

// rewrite puts in the place of every character what to appends for it. An accent
// for which that is nothing belongs to the letter before.
func (l layer) rewrite(to func(out []rune, r rune, broken bool) []rune) layer {
	out := layer{at: make([]span, 0, len(l.text))}
	var text strings.Builder
	var buffer []rune
	for i := 0; i < len(l.text); {
		r, size := utf8.DecodeRuneInString(l.text[i:])
		broken := r == utf8.RuneError && size == 1
		if broken {
			r = rune(l.text[i])
		}
		origin := l.origin(i, i+size)
		i += size
		buffer = to(buffer[:0], r, broken)
		if n := len(out.at); len(buffer) == 0 && n > 0 && unicode.Is(unicode.Mn, r) {
			out.at[n-1].to = origin.to
		}
		for _, r := range buffer {
			written, _ := text.WriteRune(r)
			for range written {
				out.at = append(out.at, origin)
			}
		}
	}
	out.text = text.String()
	return out
}
