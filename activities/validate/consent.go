package validate

import (
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/site"
)

// recognise notes of each consent whether its sentence is the site's. One that is not
// refuses nobody: another client may show a sentence of its own, and then the proof of
// it is the client's.
func recognise(c *lead.Consent, locale string) error {
	shown, err := site.Shows(site.ConsentReply, c.TextVersion, locale, c.TextHash)
	if err != nil {
		return task.In("recognise consent", err)
	}
	shown = shown && c.TextID == site.ConsentReply
	c.Recognised = &shown
	if !c.Marketing {
		return nil
	}
	marketing, err := site.Shows(site.ConsentMarketing, c.TextVersion, locale, c.MarketingTextHash)
	if err != nil {
		return task.In("recognise consent", err)
	}
	c.MarketingRecognised = &marketing
	return nil
}
