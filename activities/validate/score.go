package validate

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// The lines that the sum of all weights is held against.
const (
	quarantineAt = 100 // the verdict spam: stored, answered like any other, not delivered until released
	suspiciousAt = 50  // the verdict suspicious: delivered, marked for an operator's eye
)

// The weights. Alone, the trap reaches the line, because nobody sees that field, and
// so do two offers of one kind and random letters in two fields; everything else
// takes two or three together. What a form without JavaScript lacks, the stamp, weighs
// nothing, and one that is old or not ours is as none. What speaks for a sender is
// noted when something speaks against.
//
//	signal            weight     seen when
//	trap              100        the field that people do not see is filled
//	stamp_good        -60        sent back after 2 s and within 24 h: a browser with a person before it
//	stamp_fast        40         sent back within 2 s of the stamp
//	asks              -40        the message speaks of forms, consent or an API, as those do who have read the page
//	complaint         -80        the message speaks of spam, as those do who have enough of it
//	name_link         50         a link in the name
//	name_scripts      50         one word of the name mixes alphabets that look alike
//	email_nonsense    40         the e-mail's domain cannot be a person's
//	email_disposable  40         the e-mail's domain is one of throw-away addresses
//	email_dots        30         a Gmail address with four dots or more
//	random            60 120 180 one, two, three of name, company and message have random letters, each its own
//	message_repeats   60         the message is the name or the company again
//	message_scripts   60         a word of the message mixes alphabets that look alike
//	message_foreign   30         most letters of the message are of another alphabet than the form's
//	message_hidden    40         three or more invisible characters in the message
//	markup            70         a link written as HTML or BBCode
//	tags              30         another HTML element that loads or runs something
//	links             40         a link in name or message to a site that is not its sender's, see linkSignals
//	link_list         40         two such links or more, and no more words than links beside them
//	link_short        30         one that hides where it leads
//	link_domain       30         one of a top-level domain that is mostly spam
//	subject           60         it speaks of what spam is about, of any topic; see pitches
//	pitch_<topic>     60 120     one offer of a topic of spam, two or more different ones
const (
	weightTrap            = 100
	weightStampGood       = -60
	weightStampFast       = 40
	weightAsks            = -40
	weightComplaint       = -80
	weightNameLink        = 50
	weightNameScripts     = 50
	weightEmailNonsense   = 40
	weightEmailDisposable = 40
	weightEmailDots       = 30
	weightRandom          = 60
	weightMessageRepeats  = 60
	weightMessageScripts  = 60
	weightMessageForeign  = 30
	weightMessageHidden   = 40
	weightMarkup          = 70
	weightTags            = 30
	weightLinks           = 40
	weightLinkList        = 40
	weightLinkShort       = 30
	weightLinkDomain      = 30
	weightSubject         = 60
	weightPitch           = 60
	weightPitches         = 120
)

// checks are what the form sends for the bot checks.
type checks struct {
	stamp   string
	trapped bool
}

// checksOf reads whatever a post has in that place, and refuses nothing: what is no
// text is no stamp, and a trap is filled by anything that a person's form cannot send.
func checksOf(sent any) checks {
	members, _ := sent.(map[string]any)
	var c checks
	c.stamp, _ = members["stamp"].(string)
	switch trap := members["trap"].(type) {
	case nil:
	case bool:
		c.trapped = trap
	case string:
		c.trapped = strings.TrimSpace(trap) != ""
	default:
		c.trapped = true
	}
	return c
}

// verdict is what a sum of signals means.
func verdict(signals []lead.Signal) lead.Verdict {
	sum := 0
	for _, s := range signals {
		sum += s.Weight
	}
	switch {
	case sum >= quarantineAt:
		return lead.VerdictSpam
	case sum >= suspiciousAt:
		return lead.VerdictSuspicious
	}
	return lead.VerdictClean
}

// signals gives what the bot checks see in a valid submission, received at. They
// call nobody, and name nothing of what was sent.
func (v *validator) signals(s lead.Submission, c checks, at time.Time) []lead.Signal {
	var seen []lead.Signal
	note := func(name string, weight int, is bool) {
		if is {
			seen = append(seen, lead.Signal{Name: name, Weight: weight})
		}
	}
	note("trap", weightTrap, c.trapped)
	good := false
	if c.stamp != "" {
		age, ours := v.stamps.Age(c.stamp, at)
		good = ours && age >= lead.StampFast && age <= lead.StampKeep
		note("stamp_fast", weightStampFast, ours && age < lead.StampFast)
	}

	note("name_link", weightNameLink, len(links(s.Name)) > 0)
	note("name_scripts", weightNameScripts, mixesScripts(s.Name))
	local, domain, _ := strings.Cut(s.EmailNorm, "@")
	note("email_nonsense", weightEmailNonsense, isNonsense(domain))
	note("email_disposable", weightEmailDisposable, isDisposable(domain))
	note("email_dots", weightEmailDots, domain == "gmail.com" && strings.Count(local, ".") >= 4)

	random := randomFields(s.Name, s.Company, s.Message)
	note("random", random*weightRandom, random > 0)
	note("message_repeats", weightMessageRepeats, repeats(s))
	note("message_scripts", weightMessageScripts, mixesScripts(s.Message))
	note("message_foreign", weightMessageForeign, isForeign(s.Message))
	note("message_hidden", weightMessageHidden, hides(s.Message))
	note("markup", weightMarkup, markup.MatchString(s.Message))
	note("tags", weightTags, tags.MatchString(s.Message))
	for _, found := range linkSignals(s, domain) {
		note(found.Name, found.Weight, true)
	}

	text := fold(s.Name + "\n" + s.Company + "\n" + s.Message)
	message := fold(s.Message)
	subject := false
	for _, topic := range pitches {
		subject = subject || topic.speaks(text)
		switch n := topic.count(text); {
		case n == 1:
			note("pitch_"+topic.name, weightPitch, true)
		case n > 1:
			note("pitch_"+topic.name, weightPitches, true)
		}
	}
	note("subject", weightSubject, subject)
	if len(seen) > 0 && !c.trapped {
		note("asks", weightAsks, len(asks.find(message)) > 0)
		note("complaint", weightComplaint, complains(message))
		note("stamp_good", weightStampGood, good)
	}
	return seen
}

// fold brings a text into the form that phrases are written in: compatible signs
// as one, no invisible ones, lower case, no accents, one blank between words.
func fold(text string) string {
	decomposed := norm.NFKD.String(text)
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, decomposed)
	return strings.Join(strings.Fields(plain), " ")
}

// Random letters look like "JkRWfQuMHxBt": a long word that the case cuts into
// pieces of one or two letters, or with more consonants in a row than any language
// has.
const (
	randomLength     = 10
	randomRises      = 3
	randomConsonants = 7
)

// randomFields counts the fields with random letters. A word that an earlier field
// has too tells nothing more.
func randomFields(fields ...string) int {
	n := 0
	seen := map[string]bool{}
	for _, field := range fields {
		if word := randomWord(field); word != "" && !seen[word] {
			seen[word] = true
			n++
		}
	}
	return n
}

func randomWord(text string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.IsLetter(r) && r != '.' && r != '/' && r != ':' && r != '@' && !unicode.IsDigit(r) && r != '-' && r != '_'
	}) {
		if isRandom(word) {
			return word
		}
	}
	return ""
}

// sounds are written with several consonants each: "Rechtsschutz" has four
// between its vowels.
var sounds = strings.NewReplacer("sch", "s", "ch", "c", "th", "t", "ph", "p", "sh", "s", "pf", "p", "ck", "k", "tz", "t")

// isRandom judges plain letters only: what has a digit or a sign in it is a code,
// a file or an address, which people write too.
func isRandom(word string) bool {
	if len(word) < randomLength {
		return false
	}
	rises, pieces, short, length := 0, 0, 0, 0
	var before rune
	for _, r := range word {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return false
		}
		if unicode.IsUpper(r) && length > 0 {
			pieces++
			if length <= 2 {
				short++
			}
			length = 0
		}
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			rises++
		}
		length++
		before = r
	}
	if rises >= randomRises && short*2 > pieces {
		return true
	}
	consonants := 0
	for _, r := range sounds.Replace(strings.ToLower(word)) {
		if strings.ContainsRune("aeiouy", r) {
			consonants = 0
		} else if consonants++; consonants >= randomConsonants && !sameLetter(word) {
			return true
		}
	}
	return false
}

// sameLetter holds for "kkkkkkkkkkkk", which is how Brazilians laugh.
func sameLetter(word string) bool {
	return strings.Trim(strings.ToLower(word), strings.ToLower(word[:1])) == ""
}

// repeats tells whether the message is another field again. Words under four
// letters are left to people in a hurry.
func repeats(s lead.Submission) bool {
	message := fold(s.Message)
	return len(message) >= 4 && (message == fold(s.Name) || message == fold(s.Company))
}

// isForeign tells whether most letters of a text, of ten or more, are not Latin.
// The form is in Portuguese and English.
func isForeign(text string) bool {
	letters, foreign := 0, 0
	for word := range strings.FieldsSeq(text) {
		if strings.Contains(word, "/") {
			continue // a link is Latin, whatever language it stands in
		}
		for _, r := range word {
			if unicode.IsLetter(r) {
				letters++
				if !unicode.Is(unicode.Latin, r) {
					foreign++
				}
			}
		}
	}
	return letters >= 10 && foreign*2 > letters
}

// hides counts signs without a width that no emoji needs.
func hides(text string) bool {
	n := 0
	for _, r := range text {
		if slices.Contains([]rune{'\u00AD', '\u200B', '\u2060', '\uFEFF'}, r) {
			n++
		}
	}
	return n >= 3
}

// isNonsense holds for domains that nobody can get mail at: names reserved for
// other uses (RFC 2606, RFC 6761, .local), labels of one sign before a top-level
// domain of one sign, and random letters. Names for examples count as real: people
// who try the form out use them.
func isNonsense(domain string) bool {
	labels := strings.Split(domain, ".")
	last := labels[len(labels)-1]
	return len(last) < 2 || slices.Contains([]string{"invalid", "localhost", "test", "local", "lan", "internal"}, last) ||
		slices.ContainsFunc(labels, isRandom)
}

// isDisposable holds for the well-known throw-away services.
func isDisposable(domain string) bool {
	return slices.Contains([]string{
		"10minutemail.com", "33mail.com", "discard.email", "dispostable.com", "dropmail.me", "emailondeck.com", "fakeinbox.com",
		"getnada.com", "grr.la", "guerrillamail.com", "guerrillamail.info", "guerrillamail.net", "inboxkitten.com", "mail-temp.com",
		"mail.tm", "mailcatch.com", "maildrop.cc", "mailinator.com", "mailnesia.com", "mailsac.com", "mintemail.com", "moakt.com",
		"mohmal.com", "mytemp.email", "sharklasers.com", "spam4.me", "spamgourmet.com", "temp-mail.io", "temp-mail.org", "tempail.com",
		"tempmail.com", "tempmail.net", "tempmailo.com", "throwawaymail.com", "trashmail.com", "trashmail.de", "yopmail.com", "yopmail.fr",
		"yopmail.net",
	}, domain)
}

// What customers speak of, and senders of spam seldom do.
var (
	asks = newPhrase(`formul|\b(web ?)?forms?\b|\bconsent\w*|\b(lgpd|gdpr|dsgvo|rgpd|api|webhooks?|crm)\b|форм[аыуеой]|согласи|einwillig|заяв|` +
		`\b(how much|quanto (custa|fica|sai)|was kostet|combien|cuanto cuesta|which plan|(need|like|want) (a |to have a )?(quote|demo)|saber (os |o )?precos?)\b|сколько стоит`)
	speaksOfSpam = newPhrase(`\b(spam\w*|phishing)\b|спам`)
	deniesSpam   = newPhrase(`\bnot (\w+ )?(as )?spam\b|\bno spam\b|не спам`)
)

// complains tells whether a folded text speaks of spam. Who sends it says that it is
// none.
func complains(text string) bool {
	return len(speaksOfSpam.find(text)) > 0 && len(deniesSpam.find(text)) == 0
}
