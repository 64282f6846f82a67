package deliver

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

const maxCompared = 2 << 10 // of an answer in its normal form

// What differs between two answers that mean the same, in the order in which it
// is taken out of a text in lower case.
var (
	identifier = regexp.MustCompile(`[a-z0-9_-]{8,}`)
	number     = regexp.MustCompile(`\d+|•+`)
	calendar   = regexp.MustCompile(`\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|am|pm|gmt|utc)\b`)
	together   = regexp.MustCompile(`#(?:[\s,;:./+tz-]*#)+`)
	blanks     = regexp.MustCompile(`\s+`)
)

// fingerprint is the same for answers that differ only in ids, numbers, times and
// in what they quote: the same error page for two leads. "" for an empty answer.
//
// Values of the lead count as quoted where they are whole words: inside of a word
// they are the page's own, and Ana's "management" is everybody's.
func fingerprint(answer []byte, l lead.Record) string {
	text := strings.ToLower(mask(answer, l, true))
	text = identifier.ReplaceAllStringFunc(text, func(word string) string {
		if strings.ContainsAny(word, "0123456789") {
			return "#"
		}
		return word
	})
	text = calendar.ReplaceAllString(number.ReplaceAllString(text, "#"), "#")
	text = blanks.ReplaceAllString(together.ReplaceAllString(text, "#"), " ")
	text = cut(strings.TrimSpace(text), maxCompared)
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}
