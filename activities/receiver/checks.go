package receiver

import (
	"encoding/base64"
	"net/http"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The names of checks that others refer to.
const (
	nameGood     = "good signature"
	nameSlow     = "slow answer"
	nameRedirect = "redirect"
)

// beyond is further from now than the five minutes that a receiver tolerates.
const beyond = 10 * time.Minute

// check is messages that are to be answered alike.
type check struct {
	name     string
	refuse   bool // by a 4xx; else it wants a 2xx
	messages []message
	note     string // of a check that passed
	fix      string
	snippet  string
}

// checks lists them in their order. The first one tells whether the rest can be
// judged.
func (r *run) checks() []check {
	good := func(what string, content any) message { return message{what: what, id: newID(), data: content} }
	altered := func(what string, alter func(http.Header, sent)) message {
		return message{what: what, id: newID(), data: plain, alter: alter}
	}
	skewed := func(what string, skew time.Duration) message {
		return message{what: what, id: newID(), data: plain, skew: skew}
	}
	again := newID()
	content, _ := large(r.options.Now()) // what cannot be written is told when it is sent
	return []check{
		{
			name: nameGood,
			messages: []message{
				good("an event, signed", plain),
				{what: "an event with white space and escapes", id: newID(), data: marked, spread: true, fix: fixSpread},
			},
			fix: fixGood, snippet: snippetVerify,
		},
		{
			name: "bad signature", refuse: true,
			messages: []message{
				altered("a signature with one bit changed", func(h http.Header, s sent) { set(h, flipped(r.signer[:1].sign(s))) }),
				altered("a signature by another secret", func(h http.Header, s sent) { set(h, r.other.sign(s)) }),
				altered("a signature over another body", func(h http.Header, s sent) {
					s.body = append([]byte(" "), s.body...)
					set(h, r.signer.sign(s))
				}),
				altered("no webhook-signature", func(h http.Header, _ sent) { h.Del(standardwebhooks.HeaderWebhookSignature) }),
				altered("no webhook-id", func(h http.Header, _ sent) { h.Del(standardwebhooks.HeaderWebhookID) }),
				altered("no webhook-timestamp", func(h http.Header, _ sent) { h.Del(standardwebhooks.HeaderWebhookTimestamp) }),
			},
			fix: fixBad, snippet: snippetVerify,
		},
		{
			name: "stale timestamp", refuse: true, messages: []message{skewed("a timestamp 10 minutes old, correctly signed", -beyond)},
			fix: fixStale, snippet: snippetTolerance,
		},
		{
			name: "future timestamp", refuse: true, messages: []message{skewed("a timestamp 10 minutes ahead, correctly signed", beyond)},
			fix: fixFuture, snippet: snippetTolerance,
		},
		{
			name: "duplicate id",
			// Two seconds apart, so that not even the signature is the same.
			messages: []message{
				{what: "an event", id: again, data: plain, skew: -2 * time.Second},
				{what: "the same event again, with a fresh timestamp", id: again, data: plain},
			},
			note: "that it was taken once cannot be seen from here: " + again + " must be in your records one time",
			fix:  fixDuplicate, snippet: snippetDuplicate,
		},
		{
			name: "two secrets",
			messages: []message{
				altered("two signatures, ours first", func(h http.Header, s sent) { set(h, r.signer.sign(s)+" "+r.other.sign(s)) }),
				altered("two signatures, ours second", func(h http.Header, s sent) { set(h, r.other.sign(s)+" "+r.signer.sign(s)) }),
				altered("a signature of an unknown version v9 before ours", func(h http.Header, s sent) {
					set(h, "v9,"+base64.StdEncoding.EncodeToString(random(32))+" "+r.signer.sign(s))
				}),
			},
			fix: fixTwo, snippet: snippetTwo,
		},
		{
			name: "unknown field", messages: []message{good("a member in data that nobody knows", extended{plain, map[string]any{"since": 2}})},
			fix: fixUnknown, snippet: snippetUnknown,
		},
		{
			name: "20 KiB body", messages: []message{good("a body of 20,480 bytes", content)},
			fix: fixLarge, snippet: snippetLarge,
		},
		{
			name: "UTF-8 names", messages: []message{good("O'Brien, Han, an emoji, combining accents, right-to-left", data{names, plain.Message})},
			fix: fixNames,
		},
	}
}

func set(h http.Header, signature string) { h.Set(standardwebhooks.HeaderWebhookSignature, signature) }

// flipped changes one bit of the first signature.
func flipped(signature string) string {
	mac, err := base64.StdEncoding.DecodeString(signature[len("v1,"):])
	if err != nil || len(mac) == 0 {
		return "v1,"
	}
	mac[0] ^= 1
	return "v1," + base64.StdEncoding.EncodeToString(mac)
}

// unrun is the result before anything was sent.
func (c check) unrun() Result {
	want := "2xx"
	if c.refuse {
		want = "4xx, other than 408 and 429"
	}
	return Result{Name: c.name, Status: NotRun, Want: want, Answers: []Answer{}}
}

// judge gives the result its status. One wrong answer decides; else one that is
// judged elsewhere leaves the check open.
func (c check) judge(result Result) Result {
	result.Status = Passed
	for i, a := range result.Answers {
		switch {
		case a.redirect():
			result.Status, result.Note = NotRun, "it answers with a redirect, see "+nameRedirect
		case a.late && (c.name != nameGood || i > 0):
			result.Status, result.Note = NotRun, "there was no answer, see "+nameSlow
		case c.refuse && !a.refused(), !c.refuse && !a.taken():
			result.Status, result.Note = Failed, ""
			result.Fix, result.Snippet = c.advice(a)
			return result
		}
	}
	if result.Status == Passed {
		result.Note = c.note
	}
	return result
}
