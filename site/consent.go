package site

import "slices"

// What a person may agree to, by the ids of the sentences.
const (
	ConsentReply     = "reply"
	ConsentMarketing = "marketing"
)

// consent is one sentence that a person agrees to, of any version.
type consent struct {
	ID, Version, Locale string
	Hash                string // SHA-256 of the sentence in UTF-8, lower-case hex
}

// currentHash is that of the sentence that the form shows today.
func (b *built) currentHash(id, locale string) string {
	for _, c := range slices.Backward(b.Consents) {
		if c.ID == id && c.Locale == locale {
			return c.Hash
		}
	}
	return ""
}

// Shows tells whether a sentence is one that the form shows, or showed in an earlier
// version: by its id, version, locale and the SHA-256 of its words in lower-case hex. It
// fails with ErrNotBuilt only.
func Shows(id, version, locale, hash string) (bool, error) {
	b, err := load()
	if err != nil {
		return false, err
	}
	return slices.Contains(b.Consents, consent{ID: id, Version: version, Locale: locale, Hash: hash}), nil
}
