package validate

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// The sentences of version 2026-11-21 in English, of which site/test/consent.test.ts holds
// the hashes too.
const (
	replyHash     = "58bd281ca1058be27f96e97e1dcd6fcb81a129af1ca7a3695393622dc295cd7a"
	marketingHash = "81f7a72f580ca183cdfbe7ab3ea3a33a14c41bb511a2ef64c917ca62ca0fbb84"
)

func TestConsent_KeepsTheSentenceOfEachPurpose(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	own := strings.Repeat("ab", 32)
	tests := map[string]struct {
		form string // the members of consent as a form posts them, beside accepted
		want lead.Consent
	}{
		"both of the site": {
			"textId=reply&textVersion=2026-11-21&textHash=" + replyHash + "&marketing=on&marketingTextHash=" + marketingHash,
			lead.Consent{
				TextID: "reply", TextVersion: "2026-11-21", TextHash: replyHash, Recognised: &yes,
				Marketing: true, MarketingTextHash: marketingHash, MarketingRecognised: &yes,
			},
		},
		"marketing was shown and not ticked": {
			"textId=reply&textVersion=2026-11-21&textHash=" + replyHash + "&marketingTextHash=" + marketingHash,
			lead.Consent{TextID: "reply", TextVersion: "2026-11-21", TextHash: replyHash, Recognised: &yes},
		},
		"page from before there was a hash of marketing": {
			"textId=reply&textVersion=2026-11-21&textHash=" + replyHash + "&marketing=on",
			lead.Consent{TextID: "reply", TextVersion: "2026-11-21", TextHash: replyHash, Recognised: &yes, Marketing: true, MarketingRecognised: &no},
		},
		"sentences of a client's own": {
			"textId=reply&textVersion=2026-11-21&textHash=" + own + "&marketing=on&marketingTextHash=" + own,
			lead.Consent{
				TextID: "reply", TextVersion: "2026-11-21", TextHash: own, Recognised: &no,
				Marketing: true, MarketingTextHash: own, MarketingRecognised: &no,
			},
		},
		"sentences changed with each other": {
			"textId=reply&textVersion=2026-11-21&textHash=" + marketingHash + "&marketing=on&marketingTextHash=" + replyHash,
			lead.Consent{
				TextID: "reply", TextVersion: "2026-11-21", TextHash: marketingHash, Recognised: &no,
				Marketing: true, MarketingTextHash: replyHash, MarketingRecognised: &no,
			},
		},
		"marketing in the place of the reply": {
			"textId=marketing&textVersion=2026-11-21&textHash=" + marketingHash,
			lead.Consent{TextID: "marketing", TextVersion: "2026-11-21", TextHash: marketingHash, Recognised: &no},
		},
		"reply under another id": {
			"textId=contact&textVersion=2026-11-21&textHash=" + replyHash,
			lead.Consent{TextID: "contact", TextVersion: "2026-11-21", TextHash: replyHash, Recognised: &no},
		},
		"version that never was": {
			"textId=reply&textVersion=2026-11-20&textHash=" + replyHash + "&marketing=on&marketingTextHash=" + marketingHash,
			lead.Consent{
				TextID: "reply", TextVersion: "2026-11-20", TextHash: replyHash, Recognised: &no,
				Marketing: true, MarketingTextHash: marketingHash, MarketingRecognised: &no,
			},
		},
		"no sentence": {"", lead.Consent{Recognised: &no}},
	}
	for name, c := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			given, err := url.ParseQuery(c.form)
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"name": {"Ana Souza"}, "email": {"ana@example.com"}, "locale": {"en"}, "consent.accepted": {"on"}}
			var members strings.Builder
			for member := range given {
				form.Set("consent."+member, given.Get(member))
				value := `"` + given.Get(member) + `"`
				if member == "marketing" {
					value = "true"
				}
				members.WriteString(`,"` + member + `":` + value)
			}
			if got := b.accept(t, form.Encode(), formPost).Consent; !reflect.DeepEqual(got, c.want) {
				t.Errorf("form: %+v, want %+v", got, c.want)
			}
			if got := b.accept(t, strings.Replace(minimal, "true", "true"+members.String(), 1), nil).Consent; !reflect.DeepEqual(got, c.want) {
				t.Errorf("JSON: %+v, want %+v", got, c.want)
			}
		})
	}
}

// The sentence is one of a language: that of the page.
func TestConsent_RecognisedInItsLanguageOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for locale, want := range map[string]bool{"en": true, "pt-BR": false} {
		body := strings.Replace(minimal, "true", `true,"textId":"reply","textVersion":"2026-11-21","textHash":"`+replyHash+`","marketing":true,"marketingTextHash":"`+marketingHash+`"`, 1)
		got := b.accept(t, strings.TrimSuffix(body, "}")+`,"locale":"`+locale+`"}`, nil).Consent
		if *got.Recognised != want || *got.MarketingRecognised != want {
			t.Errorf("%s: %t, %t, want %t", locale, *got.Recognised, *got.MarketingRecognised, want)
		}
	}
}
