package site

// The locales that the site speaks. Any other value means PortugueseBrazil.
const (
	PortugueseBrazil = "pt-BR"
	English          = "en"
)

// locale is one language of the site: where its pages are and what they say.
type locale struct {
	Code    string
	Home    string // path of the landing page
	Receipt string // path of the receipt page
	Text    text
	Consent ConsentPair
}

// in gives the locale of a code, Portuguese when the code is unknown: the form
// page is rendered from what a stranger posted.
func in(code string) locale {
	if code == English {
		return locale{Code: English, Home: "/en/", Receipt: "/en/thank-you/", Text: english(), Consent: ConsentTexts(English)}
	}
	return locale{Code: PortugueseBrazil, Home: "/", Receipt: "/obrigado/", Text: portuguese(), Consent: ConsentTexts(PortugueseBrazil)}
}

// Other is the locale that the language link leads to.
func (l locale) Other() locale {
	if l.Code == English {
		return in(PortugueseBrazil)
	}
	return in(English)
}
