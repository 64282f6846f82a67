package validate

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// phrase is a pattern that is only tried on a text that has one of its stems:
// looking for plain words costs a hundredth of matching, and most posts have none. So it
// is compiled when it is tried first: all of them together are half of what a process of
// this activity does before its first call.
type phrase struct {
	pattern func() *regexp.Regexp
	stems   []string // every match contains one of these; empty: unknown
}

func newPhrase(pattern string) phrase {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		panic("phrase: " + err.Error()) // a constant of ours
	}
	return phrase{pattern: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) }), stems: stems(parsed.Simplify())}
}

// find gives at most two matches.
func (p phrase) find(text string) []string {
	if len(p.stems) > 0 && !slices.ContainsFunc(p.stems, func(stem string) bool { return strings.Contains(text, stem) }) {
		return nil
	}
	return p.pattern().FindAllString(text, 2)
}

// minStem is the shortest stem that is worth looking for.
const minStem = 2

// stems gives texts of which every match of the pattern contains at least one; nil
// when there is no such set. Of the parts that must all match, the one with the
// longest stems tells most.
func stems(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		if len(re.Rune) >= minStem {
			return []string{string(re.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return stems(re.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, part := range re.Sub {
			if found := stems(part); shortest(found) > shortest(best) {
				best = found
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, part := range re.Sub {
			found := stems(part)
			if found == nil {
				return nil
			}
			all = append(all, found...)
		}
		return all
	default: // what may match nothing, or any sign of a set
	}
	return nil
}

func shortest(stems []string) int {
	if len(stems) == 0 {
		return 0
	}
	return len(slices.MinFunc(stems, func(a, b string) int { return len(a) - len(b) }))
}
