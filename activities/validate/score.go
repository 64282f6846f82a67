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
// so do two offers of one kind; everything that a person may do by chance takes two
// or three together. What a form without JavaScript lacks, the stamp, weighs nothing; a good
// one speaks for its sender, and is noted when something speaks against.
//
//	signal            weight     seen when
//	trap              100        the field that people do not see is filled
//	stamp_good        -30        sent back after 2 s and within 24 h: a browser with a person before it
//	stamp_fast        40         sent back within 2 s of the stamp
//	stamp_forged      25         a stamp that is none of ours, or of a key before
//	stamp_expired     10         sent back after 24 h
//	name_link         50         a link in the name
//	name_scripts      50         one word of the name mixes alphabets that look alike
//	name_random       60         the name is random letters
//	email_nonsense    40         the e-mail's domain cannot be a person's
//	email_disposable  40         the e-mail's domain is one of throw-away addresses
//	email_dots        30         a Gmail address with four dots or more
//	company_random    30         the company is random letters
//	message_random    60         a word of the message is random letters
//	message_repeats   60         the message is the name or the company again
//	message_scripts   60         a word of the message mixes alphabets that look alike
//	message_foreign   60         most letters of the message are of another alphabet than the form's
//	message_hidden    40         three or more invisible characters in the message
//	markup            70         a link written as HTML or BBCode
//	tags              30         another HTML element that loads or runs something
//	links             40 60 70   one, two, more links in name and message; those to the e-mail's own domain do not count
//	link_short        30         a link that hides where it leads
//	link_domain       30         a top-level domain that is mostly spam
//	pitch_<topic>     60 120     one phrase of a topic of spam, two or more different ones; see pitches
const (
	weightTrap            = 100
	weightStampGood       = -30
	weightStampFast       = 40
	weightStampForged     = 25
	weightStampExpired    = 10
	weightNameLink        = 50
	weightNameScripts     = 50
	weightNameRandom      = 60
	weightEmailNonsense   = 40
	weightEmailDisposable = 40
	weightEmailDots       = 30
	weightCompanyRandom   = 30
	weightMessageRandom   = 60
	weightMessageRepeats  = 60
	weightMessageScripts  = 60
	weightMessageForeign  = 60
	weightMessageHidden   = 40
	weightMarkup          = 70
	weightTags            = 30
	weightLink            = 40
	weightLinks           = 60
	weightManyLinks       = 70
	weightLinkShort       = 30
	weightLinkDomain      = 30
	weightPitch           = 60
	weightPitches         = 120
)

// checks are what the form sends for the bot checks.
type checks struct{ stamp, trap string }

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
	note("trap", weightTrap, c.trap != "")
	good := false
	if c.stamp != "" {
		age, ours := v.stamps.Age(c.stamp, at)
		good = ours && age >= lead.StampFast && age <= lead.StampKeep && c.trap == ""
		note("stamp_fast", weightStampFast, ours && age < lead.StampFast)
		note("stamp_forged", weightStampForged, !ours)
		note("stamp_expired", weightStampExpired, ours && age > lead.StampKeep)
	}

	note("name_link", weightNameLink, len(links(s.Name)) > 0)
	note("name_scripts", weightNameScripts, mixesScripts(s.Name))
	note("name_random", weightNameRandom, hasRandomWord(s.Name))
	local, domain, _ := strings.Cut(s.EmailNorm, "@")
	note("email_nonsense", weightEmailNonsense, isNonsense(domain))
	note("email_disposable", weightEmailDisposable, isDisposable(domain))
	note("email_dots", weightEmailDots, domain == "gmail.com" && strings.Count(local, ".") >= 4)
	note("company_random", weightCompanyRandom, hasRandomWord(s.Company))

	note("message_random", weightMessageRandom, hasRandomWord(s.Message))
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
	for _, topic := range pitches {
		switch n := topic.count(text); {
		case n == 1:
			note("pitch_"+topic.name, weightPitch, true)
		case n > 1:
			note("pitch_"+topic.name, weightPitches, true)
		}
	}
	note("stamp_good", weightStampGood, good && len(seen) > 0)
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

// Random letters look like "JkRWfQuMHxBt": a long word of which the case goes up
// time and again, or with more consonants in a row than any language has.
const (
	randomLength     = 10
	randomRises      = 3
	randomConsonants = 7
)

func hasRandomWord(text string) bool {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.IsLetter(r) && r != '.' && r != '/' && r != ':' && r != '@' && !unicode.IsDigit(r) && r != '-' && r != '_'
	}) {
		if isRandom(word) {
			return true
		}
	}
	return false
}

// isRandom judges plain letters only: what has a digit or a sign in it is a code,
// a file or an address, which people write too.
func isRandom(word string) bool {
	if len(word) < randomLength {
		return false
	}
	rises, consonants := 0, 0
	var before rune
	for _, r := range word {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return false
		}
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			rises++
		}
		if strings.ContainsRune("aeiouyAEIOUY", r) {
			consonants = 0
		} else if consonants++; consonants >= randomConsonants && !sameLetter(word) {
			return true
		}
		before = r
	}
	return rises >= randomRises
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
