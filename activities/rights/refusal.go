package rights

import (
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/site"
)

// answer is the problem document, or the page for a person who posted the form. wait is
// the time until a slot is free, if that is what is missing. No post: nobody knows who
// asked.
func (p *post) answer(refused task.Problem, headers map[string]string, wait time.Duration) (task.Answer, error) {
	if p == nil || !p.form {
		return refused.Answer(headers), nil
	}
	page := site.FormPage{Locale: p.locale, Status: refused.Status, Values: map[string]string{}, RetryAfter: wait}
	for name := range p.posted {
		page.Values[name] = p.posted.Get(name)
	}
	for _, f := range p.faults {
		page.Errors = append(page.Errors, site.FieldError{Field: strings.TrimPrefix(f.Pointer, "/"), Message: f.Message})
	}
	var html strings.Builder
	if err := site.RenderRights(&html, page); err != nil {
		return task.Answer{}, task.In("render rights page", err)
	}
	return task.Page(refused.Status, html.String(), headers), nil
}
