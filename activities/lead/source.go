package lead

import "strings"

// Direct is the source of who came by no link of ours.
const Direct = "direct"

// Source is where somebody came from: what the page says, else the campaign's
// utm_source when that is a word, else Direct. It is logged and counted by, so it is
// a word and nothing else; who hands in given has held it to IsWord.
func Source(given, campaign string) string {
	switch {
	case given != "":
		return given
	case IsWord(campaign):
		return campaign
	}
	return Direct
}

// IsWord is the pattern of source in the schema of the form: 1 to 64 letters, digits
// and signs of ._- that do not begin with a sign. No address is one.
func IsWord(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsAny(s[:1], "._-") &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("._-", r)
		})
}
