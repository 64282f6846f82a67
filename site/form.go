package site

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FormPage is the page of a form in answer to a post that was refused.
type FormPage struct {
	Locale     string            // "pt-BR" or "en"; anything else is shown in Portuguese
	Status     int               // the HTTP status of the answer; chooses the words when Errors is empty
	Values     map[string]string // what was posted, by form name: shown again
	Errors     []FieldError      // in any order; the page shows the first one of each field
	RetryAfter time.Duration     // with 429: until a slot is free, shown in minutes; 0 when unknown
}

// FieldError is one error of a form. Field is a form name such as "consent.accepted"; an
// error of no visible field stands in the summary only.
type FieldError struct {
	Field   string
	Message string
}

// RenderLead writes the landing page with the errors of page: a summary above the form
// that links to the fields, the same words at each field, the answers kept. It has the
// variant that was posted. Nothing is written when it fails, except for errors of w
// itself.
func RenderLead(w io.Writer, page FormPage) error {
	b, err := load()
	if err != nil {
		return err
	}
	shown := b.Variants[0].Name
	if posted := page.Values["variant"]; b.hasVariant(posted) {
		shown = posted
	}
	fields := []string{"name", "email", "phone", "company", "message", "consent.accepted", "consent.marketing"}
	hidden := []string{"source", "utm.source", "utm.medium", "utm.campaign", "utm.term", "utm.content"}
	locale := localeOf(page.Locale)
	// A tick was given to the sentence that stood there: another one has to be ticked anew.
	values := maps.Clone(page.Values)
	for box, said := range map[string]struct{ id, hash string }{
		"consent.accepted":  {ConsentReply, "consent.textHash"},
		"consent.marketing": {ConsentMarketing, "consent.marketingTextHash"},
	} {
		if values[said.hash] != b.currentHash(said.id, locale) {
			delete(values, box)
		}
	}
	page.Values = values
	return b.renderForm(w, "lead."+locale+"."+shown, locale, fields, hidden, page)
}

// RenderRights writes the page of a data subject's request in the same way.
func RenderRights(w io.Writer, page FormPage) error {
	b, err := load()
	if err != nil {
		return err
	}
	locale := localeOf(page.Locale)
	return b.renderForm(w, "rights."+locale, locale, []string{"kind", "email", "reference", "message"}, nil, page)
}

// field is what a template shows of one field.
type field struct {
	Value, Error string
}

// Invalid is the value of aria-invalid.
func (f field) Invalid() string {
	return strconv.FormatBool(f.Error != "")
}

// Ticked reports whether a box was ticked when the form was posted.
func (f field) Ticked() bool {
	return f.Value == "on" || f.Value == "true"
}

// line is one entry of the error summary. Anchor is empty when no visible field is at
// fault.
type line struct{ Anchor, Message string }

func (b *built) renderForm(w io.Writer, name, locale string, fields, hidden []string, page FormPage) error {
	errs := page.Errors
	if len(errs) == 0 && page.Status >= http.StatusBadRequest {
		errs = []FieldError{{Message: b.Refusals[locale].of(page.Status, page.RetryAfter)}}
	}
	messages := make(map[string]string, len(errs))
	for _, e := range errs {
		if _, ok := messages[e.Field]; !ok {
			messages[e.Field] = e.Message
		}
	}
	var summary []line
	data := map[string]any{}
	for _, f := range slices.Concat(fields, hidden) {
		data[strings.ReplaceAll(f, ".", "_")] = field{Value: page.Values[f], Error: messages[f]}
	}
	for _, f := range fields {
		if message := messages[f]; message != "" {
			summary = append(summary, line{Anchor: "#" + strings.ReplaceAll(f, ".", "-"), Message: message})
		}
	}
	for _, e := range errs {
		if !slices.Contains(fields, e.Field) {
			summary = append(summary, line{Message: e.Message})
		}
	}
	data["Summary"], data["TitlePrefix"] = summary, ""
	if len(summary) > 0 {
		data["TitlePrefix"] = b.Refusals[locale].TitlePrefix
	}
	html, err := b.page(name, data)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(w, html); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// refusals say in a sentence why a form as a whole was not taken.
type refusals struct {
	TitlePrefix                               string
	Limited, LimitedOne, LimitedMany          string
	Running, Changed, Unavailable, Unreadable string
	TooLarge                                  string
}

func (r refusals) of(status int, retryAfter time.Duration) string {
	switch status {
	case http.StatusTooManyRequests:
		return r.limited(retryAfter)
	case http.StatusConflict:
		return r.Running
	case http.StatusUnprocessableEntity:
		return r.Changed
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusInternalServerError:
		return r.Unavailable
	case http.StatusRequestEntityTooLarge:
		return r.TooLarge
	default:
		return r.Unreadable
	}
}

func (r refusals) limited(retryAfter time.Duration) string {
	minutes := int((retryAfter + time.Minute - 1) / time.Minute)
	switch {
	case minutes <= 0:
		return r.Limited
	case minutes == 1:
		return r.LimitedOne
	}
	return strings.ReplaceAll(r.LimitedMany, "{n}", strconv.Itoa(minutes))
}
