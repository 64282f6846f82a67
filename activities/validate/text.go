package validate

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// normalise gives a copy of document with every text trimmed and composed (NFC)
// and without the texts that are then empty, and notes texts with characters
// that its field may not hold. A tab in name and company, which comes along with a cell
// of a spreadsheet, is a blank. Nothing else is taken out of a text silently. The
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
			if len(path) == 0 && (name == "name" || name == "company") {
				value = strings.ReplaceAll(value, "\t", " ")
			}
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
	if len(path) == 1 && path[0] == "message" {
		return lead.IsText(value)
	}
	return lead.IsLine(value)
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
