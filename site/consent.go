package site

import (
	"crypto/sha256"
	"encoding/hex"
)

// consentVersion names the wording of both sentences in both languages. Who
// changes one character of one of them gives all of them a new version: a test
// holds the hashes of every version.
const consentVersion = "2026-11-21"

// ConsentText is a sentence that a person agrees to. ID, Version and Hash are
// stored with the consent, so that the controller can show what was agreed to
// (LGPD, art. 8, § 2).
type ConsentText struct {
	ID      string
	Version string
	Text    string // exactly as the page shows it
	Hash    string // SHA-256 of Text in UTF-8, lower-case hex
}

// ConsentPair is what the form asks: Reply is required, Marketing is a purpose
// of its own and optional. The form posts ID, Version and Hash of Reply;
// Marketing has the same version, so that a stored consent identifies it too.
type ConsentPair struct {
	Reply     ConsentText
	Marketing ConsentText
}

// ConsentTexts gives the sentences shown in a locale.
func ConsentTexts(locale string) ConsentPair {
	if locale == English {
		return ConsentPair{
			Reply:     consentText("reply", "I allow alquimista.ai to use the data in this form to answer my request, by email or by phone."),
			Marketing: consentText("marketing", "I would also like to get news from alquimista.ai by email. I can cancel at any time."),
		}
	}
	return ConsentPair{
		Reply:     consentText("reply", "Autorizo a alquimista.ai a usar os dados deste formulário para responder ao meu pedido, por e-mail ou por telefone."),
		Marketing: consentText("marketing", "Também quero receber novidades da alquimista.ai por e-mail. Posso cancelar quando quiser."),
	}
}

func consentText(id, sentence string) ConsentText {
	sum := sha256.Sum256([]byte(sentence))
	return ConsentText{ID: id, Version: consentVersion, Text: sentence, Hash: hex.EncodeToString(sum[:])}
}
