package lead

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxMarks is how many combining marks one base character may carry: the
// languages of the world get by with three.
const maxMarks = 3

// IsLine tells whether a text of one line, as typed, has nothing that its reader
// would not see: controls, line ends at its end too, and what makes a name read as
// another.
func IsLine(s string) bool {
	return readable(s, func(r rune) bool { return !invisible(r) && !unicode.IsControl(r) })
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
// another. A text may have them: scripts and emoji need them in running text.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}
