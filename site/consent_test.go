package site_test

import (
	"testing"

	"github.com/alquimista-ai/nigredo/site"
)

// What the form posts of its two sentences is known, and nothing that differs in one part.
func TestShows_KnowsTheSentencesOfTheForm(t *testing.T) {
	t.Parallel()
	knows := func(t *testing.T, want bool, id, version, locale, hash string) {
		t.Helper()
		if got, err := site.Shows(id, version, locale, hash); err != nil || got != want {
			t.Errorf("%q, %q, %q, %q: %t, %v, want %t", id, version, locale, hash, got, err, want)
		}
	}
	for _, locale := range locales {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			doc := parse(t, get(t, forms[0].blank[locale]).Body)
			version, reply, marketing := answer(t, doc, "consent.textVersion"), answer(t, doc, "consent.textHash"), answer(t, doc, "consent.marketingTextHash")
			knows(t, true, answer(t, doc, "consent.textId"), version, locale, reply)
			knows(t, true, site.ConsentReply, version, locale, reply)
			knows(t, true, site.ConsentMarketing, version, locale, marketing)

			knows(t, false, site.ConsentReply, version, locale, marketing)
			knows(t, false, site.ConsentMarketing, version, locale, reply)
			knows(t, false, "contact", version, locale, reply)
			knows(t, false, site.ConsentReply, "2026-11-20", locale, reply)
			knows(t, false, site.ConsentReply, version, "de", reply)
			knows(t, false, site.ConsentReply, version, locale, "")
			knows(t, false, "", "", locale, "")
			other := map[string]string{site.PortugueseBrazil: site.English, site.English: site.PortugueseBrazil}[locale]
			knows(t, false, site.ConsentReply, version, other, reply)
		})
	}
}
