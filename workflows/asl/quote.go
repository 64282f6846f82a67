package asl

import (
	"math/bits"
	"unicode/utf8"
)

// AppendString writes a text as JSON.stringify writes a string. Every byte that is
// not part of UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte { return appendString(dst, s, false) }

// AppendQuoted writes a value's JSON as a JSON string: what AppendString makes of
// AppendJSON's text, without that text. AWS's events hold inputs and outputs so.
func AppendQuoted(dst []byte, value any) []byte {
	dst = append(dst, '"')
	dst = appendValue(dst, value, true)
	return append(dst, '"')
}

// appendString writes a string of JSON, or of JSON that itself stands inside a string.
func appendString(dst []byte, s string, inside bool) []byte {
	dst = appendQuote(dst, inside)
	stop := uint64(wide)
	for {
		n := plain(s, stop)
		dst = append(dst, s[:n]...)
		if s = s[n:]; s == "" {
			return appendQuote(dst, inside)
		}
		if s[0] < utf8.RuneSelf {
			dst = appendEscape(dst, s[0], inside)
			s = s[1:]
			continue
		}
		if !utf8.ValidString(s) {
			s = string([]rune(s))
		}
		stop = 0
	}
}

func appendQuote(dst []byte, inside bool) []byte {
	if inside {
		dst = append(dst, '\\')
	}
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte, inside bool) []byte {
	dst = append(dst, '\\')
	if inside {
		dst = append(dst, '\\')
	}
	switch c {
	case '"', '\\':
		if inside {
			dst = append(dst, '\\')
		}
		return append(dst, c)
	case '\b':
		return append(dst, 'b')
	case '\t':
		return append(dst, 't')
	case '\n':
		return append(dst, 'n')
	case '\f':
		return append(dst, 'f')
	case '\r':
		return append(dst, 'r')
	}
	const hex = "0123456789abcdef"
	return append(dst, 'u', '0', '0', hex[c>>4], hex[c&0xf])
}

// A word is eight bytes of a text, the first one lowest.
const (
	ones = 0x0101010101010101
	wide = 0x80 * ones // the bit that bytes outside ASCII have
)

// plain counts the leading bytes of a text that a JSON string holds as they are. With
// stop 0 those outside ASCII count, with stop wide they end it.
func plain(s string, stop uint64) int {
	n := 0
	for ; len(s)-n >= 8; n += 8 {
		if found := special(word(s[n:n+8]), stop); found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for ; n < len(s); n++ {
		if c := s[n]; c < ' ' || c == '"' || c == '\\' || uint64(c)&stop != 0 {
			break
		}
	}
	return n
}

// special marks in a word, by their highest bits, the bytes that end plain; behind
// the first one it may mark others. In a byte below 0x80, a subtraction of more than
// it holds sets that bit.
func special(w, stop uint64) uint64 {
	controls := w - ' '*ones
	quotes := (w ^ '"'*ones) - ones
	backslashes := (w ^ '\\'*ones) - ones
	return (controls|quotes|backslashes)&^w&wide | w&stop
}

func word(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}
