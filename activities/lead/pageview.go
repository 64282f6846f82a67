package lead

// PageView is one look at one page, with nothing of who looked.
type PageView struct {
	Page    string // one of Pages, or Other
	Source  string // a word: as of a lead
	Variant string // a word; NoVariant when the page had none
}

// Other stands for what is not counted by its own name, NoVariant for no variant.
const (
	Other     = "other"
	NoVariant = "none"
)

// MaxViewRows is how many combinations of page, source and variant are counted by
// name in one day. Further ones are counted as source and variant Other of their
// page, so that whoever makes names up cannot fill the disk: a day has at most
// MaxViewRows and one row for each page.
const MaxViewRows = 500

// LandingPages are the pages with the form: their views are what conversion is
// measured against.
func LandingPages() []string { return []string{"/", "/en/"} }

// Pages are the paths that views are counted for.
func Pages() []string {
	return append(LandingPages(),
		"/obrigado/", "/en/thank-you/", "/privacidade/", "/en/privacy/",
		"/privacidade/solicitacao/", "/en/privacy/request/",
		"/privacidade/solicitacao/recebida/", "/en/privacy/request/received/")
}
