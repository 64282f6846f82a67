package site

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The names that the form posts. Dots stand for nesting: consent.accepted is
// the member accepted of the object consent in the JSON body.
const (
	fieldName      = "name"
	fieldEmail     = "email"
	fieldPhone     = "phone"
	fieldCompany   = "company"
	fieldMessage   = "message"
	fieldAccepted  = "consent.accepted"
	fieldMarketing = "consent.marketing"
)

// FormPage is the landing page in answer to a form that was refused.
type FormPage struct {
	Locale     string            // "pt-BR" or "en"; anything else is shown in Portuguese
	Status     int               // the HTTP status of the answer; chooses the words when Errors is empty
	Values     map[string]string // what was posted, by form name: shown again
	Errors     []FieldError      // in any order; the page shows the first one of each field
	RetryAfter time.Duration     // with 429: until a slot is free, shown in minutes; 0 when unknown
}

// FieldError is one error of a form. Field is a form name such as
// "consent.accepted"; an error of no visible field stands in the summary only.
type FieldError struct {
	Field   string
	Message string
}

// RenderForm writes the landing page with the errors of page: a summary above
// the form that links to the fields, the same words at each field, the answers
// kept. Nothing is written when it fails, except for errors of w itself.
func RenderForm(w io.Writer, page FormPage) error {
	l := in(page.Locale)
	errs := page.Errors
	if len(errs) == 0 && page.Status >= http.StatusBadRequest {
		errs = []FieldError{{Message: l.Text.refusal(page.Status, page.RetryAfter)}}
	}
	return render(w, "form.html", newForm(l, page.Values, errs))
}

// refusal says in a sentence why a form as a whole was not taken.
func (t text) refusal(status int, retryAfter time.Duration) string {
	switch status {
	case http.StatusTooManyRequests:
		if retryAfter > 0 {
			return t.Script.limited(retryAfter)
		}
		return t.Limited
	case http.StatusConflict:
		return t.Running
	case http.StatusUnprocessableEntity:
		return t.Conflict
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusInternalServerError:
		return t.Script.Unavailable
	default:
		return t.Unreadable
	}
}

func (t scriptText) limited(retryAfter time.Duration) string {
	minutes := int((retryAfter + time.Minute - 1) / time.Minute)
	if minutes <= 1 {
		return t.LimitedOne
	}
	return strings.ReplaceAll(t.LimitedMany, "{n}", strconv.Itoa(minutes))
}

// form is what the template form.html shows.
type form struct {
	page
	Inputs    []input // text fields in their order on the page
	Message   input
	Accepted  input
	Marketing input
	Values    map[string]string
	Summary   []summaryLine
	Hidden    []hidden
}

type input struct {
	Name, ID, Label, Hint, Value, Error         string
	Optional                                    bool
	Type, Autocomplete, Mode, Capitalize, Spell string
}

type hidden struct{ Name, Value string }

// summaryLine is one entry of the error summary. Anchor is empty when no
// visible field is at fault.
type summaryLine struct{ Anchor, Message string }

// DescribedBy lists the ids of what a screen reader says after the label.
func (i input) DescribedBy() string {
	var ids []string
	if i.Hint != "" {
		ids = append(ids, i.ID+"-hint")
	}
	if i.Error != "" {
		ids = append(ids, i.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// Checked reports whether a box was ticked when the form was posted.
func (i input) Checked() bool {
	return i.Value == "on" || i.Value == "true"
}

func newForm(l locale, values map[string]string, errs []FieldError) form {
	messages := make(map[string]string, len(errs))
	for _, e := range errs {
		if _, ok := messages[e.Field]; !ok && e.Field != "" {
			messages[e.Field] = e.Message
		}
	}
	field := func(name string) input {
		t := l.Text.Fields[name]
		return input{
			Name: name, ID: strings.ReplaceAll(name, ".", "-"), Label: t.Label, Hint: t.Hint,
			Value: values[name], Error: messages[name],
		}
	}
	name, email, phone, company := field(fieldName), field(fieldEmail), field(fieldPhone), field(fieldCompany)
	name.Type, name.Autocomplete, name.Spell = "text", "name", "false"
	email.Type, email.Autocomplete, email.Mode, email.Capitalize, email.Spell = "email", "email", "email", "none", "false"
	phone.Type, phone.Autocomplete, phone.Mode, phone.Optional = "tel", "tel", "tel", true
	company.Type, company.Autocomplete, company.Optional = "text", "organization", true
	message, accepted, marketing := field(fieldMessage), field(fieldAccepted), field(fieldMarketing)
	message.Optional, marketing.Optional = true, true
	accepted.Label, marketing.Label = l.Consent.Reply.Text, l.Consent.Marketing.Text

	f := form{
		page:      page{Locale: l, Title: l.Text.Title, OtherPath: l.Other().Home},
		Inputs:    []input{name, email, phone, company},
		Message:   message,
		Accepted:  accepted,
		Marketing: marketing,
		Values:    values,
		Hidden: []hidden{
			{"locale", l.Code},
			{"consent.textId", l.Consent.Reply.ID},
			{"consent.textVersion", l.Consent.Reply.Version},
			{"consent.textHash", l.Consent.Reply.Hash},
		},
	}
	for _, n := range []string{"source", "utm.source", "utm.medium", "utm.campaign", "utm.term", "utm.content"} {
		f.Hidden = append(f.Hidden, hidden{n, values[n]})
	}
	f.Summary = summarise(slices.Concat(f.Inputs, []input{message, accepted, marketing}), errs)
	if len(f.Summary) > 0 {
		f.Title = l.Text.TitlePrefix + f.Title
	}
	return f
}

// summarise puts the errors in the order of the fields, then those of no field.
func summarise(fields []input, errs []FieldError) []summaryLine {
	var lines []summaryLine
	visible := make(map[string]bool, len(fields))
	for _, f := range fields {
		visible[f.Name] = true
		if f.Error != "" {
			lines = append(lines, summaryLine{Anchor: "#" + f.ID, Message: f.Error})
		}
	}
	for _, e := range errs {
		if !visible[e.Field] {
			lines = append(lines, summaryLine{Message: e.Message})
		}
	}
	return lines
}

// render executes a template before it writes, so that a failure does not
// leave half a page.
func render(w io.Writer, name string, data any) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
