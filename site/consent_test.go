package site_test

import (
	"testing"

	"github.com/alquimista-ai/nigredo/site"
)

// TestConsentTexts_WordingOfAVersionNeverChanges: a stored consent is proved by
// the sentence behind its version. New words need a new version and new rows.
func TestConsentTexts_WordingOfAVersionNeverChanges(t *testing.T) {
	t.Parallel()
	const version = "2026-11-21"
	for _, c := range []struct {
		text site.ConsentText
		id   string
		hash string
	}{
		{site.ConsentTexts(site.PortugueseBrazil).Reply, "reply", "2abc1c63b9c48540b6ca0a181ea8001594e79b8f6a34c1da4e9da3b9d7b01285"},
		{site.ConsentTexts(site.PortugueseBrazil).Marketing, "marketing", "59b99b9a2a7ad9db381027d50e97004283cb4b4645dfd2d609cf6e9c9e91e2a1"},
		{site.ConsentTexts(site.English).Reply, "reply", "58bd281ca1058be27f96e97e1dcd6fcb81a129af1ca7a3695393622dc295cd7a"},
		{site.ConsentTexts(site.English).Marketing, "marketing", "81f7a72f580ca183cdfbe7ab3ea3a33a14c41bb511a2ef64c917ca62ca0fbb84"},
	} {
		if c.text.ID != c.id || c.text.Version != version || c.text.Hash != c.hash {
			t.Errorf("%q: got %s version %s hash %s, want %s version %s hash %s",
				c.text.Text, c.text.ID, c.text.Version, c.text.Hash, c.id, version, c.hash)
		}
	}
}

func TestConsentTexts_UnknownLocaleIsPortuguese(t *testing.T) {
	t.Parallel()
	if site.ConsentTexts("xx") != site.ConsentTexts(site.PortugueseBrazil) {
		t.Error("an unknown locale shows one language and records another")
	}
}
