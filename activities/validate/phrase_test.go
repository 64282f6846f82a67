package validate

import (
	"slices"
	"testing"
)

// The stems are a short cut: with and without them the same is found.
func TestPhrase_StemsLoseNoMatch(t *testing.T) {
	t.Parallel()
	matches := 0
	for _, s := range append(corpus(t, "bots.jsonl"), corpus(t, "people.jsonl")...) {
		text := fold(s.Name + "\n" + s.Company + "\n" + s.Message)
		for _, topic := range pitches {
			for _, p := range slices.Concat(topic.subject, topic.offers) {
				want := p.pattern().FindAllString(text, 2)
				if got := p.find(text); !slices.Equal(got, want) {
					t.Errorf("%s: found %q, want %q by %q", p.pattern(), got, want, p.stems)
				}
				matches += len(want)
			}
		}
	}
	if matches < 100 {
		t.Errorf("%d matches: the test compares next to nothing", matches)
	}
}

func TestPhrase_StemsOfEachOperator(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string][]string{
		`\bfree ?spins?\b`:    {"free"},
		`(alpha|beta)+ gamma`: {" gamma"},
		`(loan|\d)`:           nil,
		`(alpha)?`:            nil,
		`alpha*`:              {"alph"},
		`(alpha){2}`:          {"alpha"},
		`a|b`:                 nil,
		`(aa|bb)c`:            {"aa", "bb"},
	} {
		if got := newPhrase(pattern).stems; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
}
