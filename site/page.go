package site

import (
	"html/template"
	"io"
	"net/http"
	"regexp"
)

// templates are embedded: one that does not parse is a defect of the build.
var templates = template.Must(
	template.New("").Funcs(template.FuncMap{"asset": assetPath}).ParseFS(files, "templates/*.html"),
)

// page is what every template needs for its frame.
type page struct {
	Locale    locale
	Title     string
	OtherPath string // the same page in the other language
	NoIndex   bool
}

// receipt is the page after an accepted post.
type receipt struct {
	page
	Reference string // empty when the address held none of the right shape
}

// referenceShape is the shape of a lead's reference: letters and digits without
// 0, O, 1 and I. Whether such a lead exists is not asked: the page would tell
// strangers.
var referenceShape = regexp.MustCompile(`^NG-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$`)

func newReceipt(l locale, reference string) receipt {
	r := receipt{page: page{Locale: l, Title: l.Text.NoReceiptTitle, OtherPath: l.Other().Receipt, NoIndex: true}}
	if referenceShape.MatchString(reference) {
		r.Reference = reference
		r.Title = l.Text.ReceiptTitle
		r.OtherPath += "?ref=" + reference
	}
	return r
}

// problem is the page for what went wrong.
type problem struct {
	page
	Heading, Detail string
}

// renderProblem writes the page for a status. Nothing is written when it fails,
// except for errors of w itself.
func renderProblem(w io.Writer, l locale, status int) error {
	title, detail := l.Text.problem(status)
	return render(w, "problem.html", problem{
		page:    page{Locale: l, Title: title, OtherPath: l.Other().Home, NoIndex: true},
		Heading: title,
		Detail:  detail,
	})
}

// problem gives the words for a status.
func (t text) problem(status int) (title, detail string) {
	switch status {
	case http.StatusNotFound:
		return t.NotFoundTitle, t.NotFound
	case http.StatusMethodNotAllowed:
		return t.MethodTitle, t.Method
	default:
		return t.WentWrongTitle, t.WentWrong
	}
}
