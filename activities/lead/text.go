package lead

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks one base character may carry, not counting
// those that stand beside it with a width of their own: names get by with three.
const maxMarks = 3

// IsLine tells whether a text of one line, as typed, has nothing that its reader
// would not see: controls, line ends at its end too, and what makes a name read as
// another. The joiner and the non-joiner are taken where its script needs them, as in
// "علی\u200cرضا".
func IsLine(s string) bool {
	return readable(withoutJoiners(s), func(r rune) bool { return !invisible(r) && !unicode.IsControl(r) })
}

// IsText is IsLine for a text of several lines: line ends, tabs and what scripts and
// emoji need in running text are taken.
func IsText(s string) bool {
	return readable(strings.ReplaceAll(s, "\r\n", "\n"), func(r rune) bool { return !unicode.IsControl(r) || r == '\n' || r == '\t' })
}

func readable(s string, allowed func(rune) bool) bool {
	marks := 0
	for _, r := range norm.NFC.String(s) {
		if forbidden(r) || !allowed(r) {
			return false
		}
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; marks > maxMarks {
				return false
			}
		case !unicode.In(r, unicode.Mc, unicode.Cf): // a pile goes on over those
			marks = 0
		}
	}
	return true
}

const (
	nonJoiner = '\u200c'
	joiner    = '\u200d'
	virama    = 9 // the combining class of the signs that take the vowel from a letter
)

// joining are the living scripts in which a letter has another form beside its
// neighbour: the cursive ones, and those of the family of Brahmi.
var joining = []*unicode.RangeTable{
	unicode.Adlam, unicode.Arabic, unicode.Hanifi_Rohingya, unicode.Mandaic, unicode.Mongolian, unicode.Nko, unicode.Syriac,
	unicode.Balinese, unicode.Bengali, unicode.Chakma, unicode.Devanagari, unicode.Gujarati, unicode.Gunjala_Gondi, unicode.Gurmukhi,
	unicode.Javanese, unicode.Kannada, unicode.Khmer, unicode.Malayalam, unicode.Masaram_Gondi, unicode.Meetei_Mayek, unicode.Myanmar,
	unicode.Newa, unicode.Oriya, unicode.Saurashtra, unicode.Sinhala, unicode.Sundanese, unicode.Syloti_Nagri, unicode.Tamil,
	unicode.Telugu, unicode.Tibetan, unicode.Tirhuta,
}

// withoutJoiners leaves the joiner and the non-joiner out where they stand between two
// letters or marks of a script that joins, and the joiner behind a virama at the end of
// a word, which is how Malayalam wrote its last consonants before 2008. RFC 5892,
// appendix A, would have them behind a virama or between letters of certain forms only,
// and so refuses "র\u200d্যাচেল" (Rachel).
func withoutJoiners(s string) string {
	if !strings.ContainsAny(s, string(nonJoiner)+string(joiner)) {
		return s
	}
	runes := []rune(norm.NFC.String(s))
	var out strings.Builder
	for i, r := range runes {
		if (r == nonJoiner || r == joiner) && needed(r, runes[:i], runes[i+1:]) {
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// needed tells whether a joiner has its place between what stands before and after.
func needed(r rune, before, after []rune) bool {
	base := len(before) - 1
	for base >= 0 && unicode.Is(unicode.M, before[base]) {
		base--
	}
	if base < 0 || !isJoining(before[base]) {
		return false
	}
	if len(after) > 0 && (isJoining(after[0]) || unicode.Is(unicode.M, after[0])) {
		return true
	}
	last := norm.NFC.PropertiesString(string(before[len(before)-1])).CCC()
	return r == joiner && last == virama && (len(after) == 0 || unicode.IsSpace(after[0]))
}

func isJoining(r rune) bool { return unicode.IsLetter(r) && unicode.In(r, joining...) }

// forbidden holds for characters that no text may have: tag characters, which
// can hide a second text in a first one, noncharacters, and the sign that
// something was lost before it came here.
func forbidden(r rune) bool {
	return r >= 0xE0000 && r <= 0xE007F ||
		r >= 0xFDD0 && r <= 0xFDEF || r&0xFFFE == 0xFFFE ||
		r == unicode.ReplacementChar
}

// invisible holds for characters that a single line may not have: bidirectional
// controls, joiners that no script needs, zero-width signs and line separators make a
// name read as another. A text may have them: scripts and emoji need them in running
// text.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}
