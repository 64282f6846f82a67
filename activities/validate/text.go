package validate

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks one base character may carry: the
// languages of the world get by with three.
const maxMarks = 3

// normalise gives a copy of document with every text trimmed and composed (NFC)
// and without the texts that are then empty, and notes texts with characters
// that its field may not hold. Nothing else is taken out of a text silently. The
// checks are left out: they are for machines, and no rule for a field holds there.
func normalise(document map[string]any, path []string, f *faults) map[string]any {
	out := make(map[string]any, len(document))
	for name, value := range document {
		if len(path) == 0 && name == "checks" {
			continue
		}
		at := slices.Concat(path, []string{name})
		switch value := value.(type) {
		case map[string]any:
			out[name] = normalise(value, at, f)
		case string:
			if !allowed(value, at) {
				f.add(codeCharacters, at...)
			}
			if value = strings.TrimSpace(norm.NFC.String(unixLines(value))); value != "" {
				out[name] = value
			}
		default:
			out[name] = value
		}
	}
	return out
}

// unixLines undoes what browsers do to the lines of a text area.
func unixLines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }

func allowed(value string, path []string) bool {
	lines := len(path) == 1 && path[0] == "message"
	if lines {
		value = unixLines(value)
	}
	marks := 0
	for _, r := range norm.NFC.String(value) {
		if forbidden(r) || !lines && invisible(r) || unicode.IsControl(r) && (!lines || r != '\n' && r != '\t') {
			return false
		}
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks > maxMarks {
			return false
		}
	}
	return true
}

// forbidden holds for characters that no text may have: tag characters, which
// can hide a second text in a first one, noncharacters, and the sign that
// something was lost before it came here.
func forbidden(r rune) bool {
	return r >= 0xE0000 && r <= 0xE007F ||
		r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE ||
		r == unicode.ReplacementChar
}

// invisible holds for characters that a single line may not have: bidirectional
// controls, joiners, zero-width signs and line separators make a name read as
// another. A message may have them: scripts and emoji need them in running text.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// mixesScripts tells whether one word has letters of two alphabets that look
// alike: "Аna" with a Cyrillic A. People do that seldom, impostors often; but
// "API-ключ" is two words.
func mixesScripts(s string) bool {
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) }) {
		seen := 0
		for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek} {
			if strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(script, r) }) {
				seen++
			}
		}
		if seen > 1 {
			return true
		}
	}
	return false
}
