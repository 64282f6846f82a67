// Package lead is the domain: what a lead is, what may be done to it, and which
// errors a state machine may match. It imports nothing of ours and knows no
// database, no HTTP and no Step Functions.
package lead

import (
	"time"

	"github.com/google/uuid"
)

// ID identifies a lead: a UUID of version 7, made when the lead is persisted.
type ID = uuid.UUID

// Status is where a lead stands.
type Status string

// The life of a lead: accepted, then one of the others.
const (
	StatusAccepted    Status = "accepted"
	StatusDelivered   Status = "delivered"
	StatusFailed      Status = "failed"
	StatusWithheld    Status = "withheld"
	StatusQuarantined Status = "quarantined"
)

// Verdict is what the bot checks think of a submission. Nothing is refused for
// it: spam is kept apart, suspicious text is marked for the operator's eye.
type Verdict string

// The verdicts, from harmless to quarantined.
const (
	VerdictClean      Verdict = "clean"
	VerdictSuspicious Verdict = "suspicious"
	VerdictSpam       Verdict = "spam"
)

// The locales that a person is answered in.
const (
	PortugueseBrazil = "pt-BR"
	English          = "en"
)

// Signal is one thing that the bot checks saw in a submission, and what it
// weighs. It quotes nothing of what was sent.
type Signal struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
}

// Submission is a form post after validation: normalised, and the only shape in
// which personal data travels from Validate to Persist. It never enters a
// Standard execution.
type Submission struct {
	Name          string            `json:"name"`
	Email         string            `json:"email"`     // as typed, trimmed, NFC
	EmailNorm     string            `json:"emailNorm"` // lower case, domain in ASCII (IDNA 2008)
	Company       string            `json:"company,omitempty"`
	Phone         string            `json:"phone,omitempty"` // E.164
	Message       string            `json:"message,omitempty"`
	Source        string            `json:"source"`            // "direct" when the form said nothing
	UTM           map[string]string `json:"utm,omitempty"`     // source, medium, campaign, term, content
	Variant       string            `json:"variant,omitempty"` // of the page, a word
	Locale        string            `json:"locale"`            // PortugueseBrazil or English
	Consent       Consent           `json:"consent"`
	Verdict       Verdict           `json:"verdict"`
	Signals       []Signal          `json:"signals,omitempty"` // what led to the verdict, in the order of the checks
	Form          bool              `json:"form"`              // a plain HTML form post: answered by a page, not by JSON
	Key           Key               `json:"key"`
	Address       string            `json:"address"`       // the caller's address, "203.0.113.7" or "2001:db8::1"
	UserAgentHash string            `json:"userAgentHash"` // SHA-256 in hex, never the header itself
	RequestID     string            `json:"requestId"`
}

// Consent is what the person agreed to, and to which exact sentences: one for the
// answer, whose id, version and hash these are, and one of the same version for
// marketing. A hash is the SHA-256 of the sentence shown, in hex. Recognised: whether
// the sentence is one of the site's; nil where nobody looked, as in what was stored
// before there was a column for it.
type Consent struct {
	Marketing           bool   `json:"marketing"`
	TextID              string `json:"textId"`
	TextVersion         string `json:"textVersion"`
	TextHash            string `json:"textHash"`
	Recognised          *bool  `json:"recognised,omitempty"`
	MarketingTextHash   string `json:"marketingTextHash,omitempty"` // only with Marketing, like the next
	MarketingRecognised *bool  `json:"marketingRecognised,omitempty"`
}

// Key makes a repeat recognisable. Hash is made from the client's
// Idempotency-Key, or from person and content when there is none.
type Key struct {
	Hash        string        `json:"hash"`        // SHA-256, hex
	Fingerprint string        `json:"fingerprint"` // SHA-256 of the canonical content, hex
	Keep        time.Duration `json:"keep"`        // how long a repeat gets the first answer: 24 h, or 10 min without a key
}

// Receipt is what the prospect gets: the stored answer of an accepted post.
type Receipt struct {
	ID        ID        `json:"id"`
	Reference string    `json:"reference"`
	Status    Status    `json:"status"` // always accepted to the outside
	CreatedAt time.Time `json:"createdAt"`
}

// Outcome is the answer of the one statement that reserves a slot.
type Outcome string

// What Check Rate Limit may find.
const (
	OutcomeReserved Outcome = "reserved" // go on: the slot is held for this execution
	OutcomeReplay   Outcome = "replay"   // accepted before: the first answer again
	OutcomeConflict Outcome = "conflict" // same key, other content
	OutcomeRunning  Outcome = "running"  // same key and content, another execution holds it
	OutcomeLimited  Outcome = "limited"  // the hour is full
)

// Reservation is what the store answers to a claim.
type Reservation struct {
	Outcome    Outcome
	Owner      string        // the execution that holds or completed the key
	EventID    uuid.UUID     // with replay: the event of the first answer's delivery
	Receipt    Receipt       // with replay
	Deliver    bool          // with replay: whether the lead was due for delivery
	RetryAfter time.Duration // with limited: until the oldest slot is free again
}

// Accepted is what Persist writes in its one transaction, beside the submission.
type Accepted struct {
	Receipt    Receipt
	EventID    uuid.UUID
	Submission Submission
	Execution  string    // lead_intake's execution, holder of the reservation
	StartedAt  time.Time // when that execution started
}
