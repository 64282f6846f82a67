package validate

import (
	"net/http"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/site"
)

const statusInvalid = http.StatusUnprocessableEntity

// The codes of a FieldError. They are part of the API.
const (
	codeRequired   = "required"
	codeUnknown    = "unknown"
	codeWrongType  = "wrong_type"
	codeTooShort   = "too_short"
	codeTooLong    = "too_long"
	codeFormat     = "format"
	codeNotAllowed = "not_allowed"
	codeCharacters = "characters"

	codeEmpty       = "empty"
	codeJSON        = "json"
	codeNotObject   = "not_an_object"
	codeDuplicate   = "duplicate_key"
	codeEncoding    = "invalid_utf8"
	codeNUL         = "nul"
	codeTooDeep     = "too_deep"
	codeTooManyKeys = "too_many_keys"
	codeForm        = "form"
	codeRepeated    = "repeated"
	codeKey         = "idempotency_key"
	codeTooLarge    = "too_large"
	codeMediaType   = "media_type"
)

// fault is one rule broken at one place; no path is the post as a whole.
type fault struct {
	path []string
	code string
}

// pointer is the place as a JSON pointer (RFC 6901).
func (f fault) pointer() string {
	var b strings.Builder
	for _, member := range f.path {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(member))
	}
	return b.String()
}

// faults keeps the first fault of each place.
type faults struct{ list []fault }

func (f *faults) add(code string, path ...string) {
	for _, known := range f.list {
		if slices.Equal(known.path, path) {
			return
		}
	}
	f.list = append(f.list, fault{path: path, code: code})
}

// sorted gives them in the order of the form, then by place: the same post gets
// the same answer.
func (f *faults) sorted() []fault {
	order := []string{"name", "email", "phone", "company", "message", "consent"}
	rank := func(x fault) int {
		for i, field := range order {
			if len(x.path) > 0 && x.path[0] == field {
				return i
			}
		}
		return len(order)
	}
	slices.SortFunc(f.list, func(a, b fault) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.pointer(), b.pointer())
	})
	return f.list
}

// refusal is the error of a post that is not taken: what the answer says.
type refusal struct {
	status int
	locale string
	faults []fault
	form   bool // answered by the form page
	values map[string]string
}

// Error names the status only: a refusal is an answer, not a failure to report.
func (r *refusal) Error() string { return "post refused: " + http.StatusText(r.status) }

// unreadable is the refusal of a post as a whole, answered to a program.
func unreadable(status int, code string) *refusal {
	return &refusal{status: status, locale: lead.English, faults: []fault{{code: code}}}
}

// answer is the problem document, or the form page for a person.
func (r *refusal) answer() (task.Answer, error) {
	if r.form {
		return r.page()
	}
	detail := "The form has errors. Each entry of errors names a field and says what is wrong with it."
	if r.locale == lead.PortugueseBrazil {
		detail = "O formulário tem erros. Cada item de errors aponta um campo e diz o que está errado."
	}
	problem := task.NewProblem(r.status, detail)
	if r.status != statusInvalid {
		problem.Detail = message(r.locale, r.faults[0])
	}
	for _, f := range r.faults {
		problem.Errors = append(problem.Errors, task.FieldError{Pointer: f.pointer(), Code: f.code, Message: message(r.locale, f)})
	}
	return problem.Answer(nil), nil
}

func (r *refusal) page() (task.Answer, error) {
	page := site.FormPage{Locale: r.locale, Status: r.status, Values: r.values}
	for _, f := range r.faults {
		page.Errors = append(page.Errors, site.FieldError{Field: strings.Join(f.path, "."), Message: message(r.locale, f)})
	}
	var html strings.Builder
	if err := site.RenderLead(&html, page); err != nil {
		return task.Answer{}, task.In("render form page", err)
	}
	return task.Page(r.status, html.String(), nil), nil
}
