package validate

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Names whose letters are joined or kept apart by signs without a width.
var joined = []string{
	"علی\u200cرضا محمدی", "عَلِی\u200cرِضا", "രമേശന്\u200d നായര്\u200d", "ශ්\u200dරී කාන්ත", "র\u200d\u09cdযাচেল", "सुऱ्\u200dया",
	"ರಾಜ್\u200cಕುಮಾರ್", "ကျော်မင်းထွန်း",
}

func TestValidate_KeepsNamesOfLivingScripts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range joined {
		name = norm.NFC.String(name)
		form := url.Values{"name": {name}, "email": {"ana@example.com"}, "company": {name}, "message": {"من " + name + " هستم"}, "consent.accepted": {"on"}, "locale": {"en"}}
		fromForm := b.accept(t, form.Encode(), formPost)
		fromJSON := b.accept(t, strings.Replace(minimal, "Ana O'Brien", name, 1), nil)
		if fromForm.Name != name || fromForm.Company != name || fromForm.Message != "من "+name+" هستم" || fromJSON.Name != name {
			t.Errorf("%+q became %+q, %+q and %+q", name, fromForm.Name, fromForm.Company, fromJSON.Name)
		}
		if len(fromJSON.Signals) > 0 || fromJSON.Verdict != lead.VerdictClean {
			t.Errorf("%+q: %v", name, fromJSON.Signals)
		}
		decomposed := b.accept(t, strings.Replace(minimal, "Ana O'Brien", norm.NFD.String(name), 1), nil)
		if decomposed.Name != name || decomposed.Key != fromJSON.Key {
			t.Errorf("%+q decomposed became %+q, or another content", name, decomposed.Name)
		}
		plain := strings.NewReplacer("\u200c", "", "\u200d", "").Replace(name)
		if plain != name && b.accept(t, strings.Replace(minimal, "Ana O'Brien", plain, 1), nil).Key == fromJSON.Key {
			t.Errorf("%+q and %+q are one content", name, plain)
		}
	}
}

// A cell of a spreadsheet takes its tabs along.
func TestValidate_TakesATabForABlank(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for typed, want := range map[string]string{"Ana\tSouza": "Ana Souza", "\tAna Souza\t": "Ana Souza", "Ana\t\tSouza": "Ana  Souza"} {
		form := url.Values{"name": {typed}, "email": {"ana@example.com"}, "company": {typed}, "message": {"a\tb"}, "consent.accepted": {"on"}}
		if got := b.accept(t, form.Encode(), formPost); got.Name != want || got.Company != want || got.Message != "a\tb" {
			t.Errorf("%q became %q, %q and %q", typed, got.Name, got.Company, got.Message)
		}
	}
}
