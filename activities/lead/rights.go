package lead

import (
	"time"

	"github.com/google/uuid"
)

// RightsKind is a right of a data subject: the nine of LGPD (Lei 13.709/2018), art.
// 18, I to IX, in its order.
type RightsKind string

// The rights.
const (
	RightConfirmation  RightsKind = "confirmation"  // I: confirmação da existência de tratamento
	RightAccess        RightsKind = "access"        // II: acesso aos dados
	RightCorrection    RightsKind = "correction"    // III: correção de dados incompletos, inexatos ou desatualizados
	RightAnonymisation RightsKind = "anonymisation" // IV: anonimização, bloqueio ou eliminação de dados desnecessários, excessivos ou tratados em desconformidade
	RightPortability   RightsKind = "portability"   // V: portabilidade dos dados
	RightErasure       RightsKind = "erasure"       // VI: eliminação dos dados tratados com o consentimento
	RightSharing       RightsKind = "sharing"       // VII: informação das entidades com as quais houve uso compartilhado
	RightRefusal       RightsKind = "refusal"       // VIII: informação sobre não fornecer consentimento e as consequências
	RightRevocation    RightsKind = "revocation"    // IX: revogação do consentimento
)

// RightsKinds are all rights, in the order of the law.
func RightsKinds() []RightsKind {
	return []RightsKind{
		RightConfirmation, RightAccess, RightCorrection, RightAnonymisation, RightPortability,
		RightErasure, RightSharing, RightRefusal, RightRevocation,
	}
}

// RightsDays is the time to answer (LGPD, art. 19, II), in calendar days. The
// database adds it to the time of receipt.
const RightsDays = 15

// When somebody is told that open requests wait: 10 and 13 days after they came in.
const (
	RightsDueSoon   = 5 * 24 * time.Hour
	RightsDueAtOnce = 2 * 24 * time.Hour
)

// RightsDue counts the open requests. Each count after the first is of those in the one
// before that are due sooner.
type RightsDue struct {
	Open    int
	Soon    int // due within RightsDueSoon, by the database's clock
	AtOnce  int // due within RightsDueAtOnce
	Overdue int
}

// RightsQuota is how many requests one bucket may make: enough for a household, too
// few to flood. The same request again takes no slot.
func RightsQuota() Quota { return Quota{Slots: 5, Window: time.Hour} }

// MaxRightsLeads is how many leads of one person, the newest, are bound to a request.
const MaxRightsLeads = 100

// RightsStatus is where a request stands.
type RightsStatus string

// A request is open until somebody closes it.
const (
	RightsOpen   RightsStatus = "open"
	RightsClosed RightsStatus = "closed"
)

// RightsOutcome is how a request ended.
type RightsOutcome string

// The outcomes.
const (
	RightsAnswered     RightsOutcome = "answered"     // the person has the whole answer, that there are no data included
	RightsRefused      RightsOutcome = "refused"      // the person was told why not (art. 18, § 4)
	RightsUnidentified RightsOutcome = "unidentified" // the person did not prove to be the one
	RightsDuplicate    RightsOutcome = "duplicate"    // another request has the answer
)

// RightsOutcomes are all outcomes.
func RightsOutcomes() []RightsOutcome {
	return []RightsOutcome{RightsAnswered, RightsRefused, RightsUnidentified, RightsDuplicate}
}

// NewRightsRequest is a request that was made. Personal data.
type NewRightsRequest struct {
	Kind      RightsKind
	Email     string // as typed, trimmed
	EmailNorm string // NormalEmail
	Reference string // of a lead, in its canonical form; may be empty
	Message   string // may be empty
	Locale    string // PortugueseBrazil or English
	Address   string // the caller's; kept for an hour, for the limit
}

// RightsReceipt is what the store made of a request. It is the same whether there is
// a lead or not.
type RightsReceipt struct {
	Protocol   string        // "RQ-7K3M-9Q2X"; empty: limited
	RetryAfter time.Duration // with limited: until a slot is free
}

// RightsRequest is a request as stored. Personal data.
type RightsRequest struct {
	ID         uuid.UUID
	Protocol   string
	Kind       RightsKind
	Email      string
	Reference  string
	Message    string
	Locale     string
	Leads      []ID // that had this e-mail address or reference when it was made
	Status     RightsStatus
	ReceivedAt time.Time
	DueAt      time.Time
	DaysLeft   int // whole days until it is due, by the database's clock; below 0: overdue
	Outcome    RightsOutcome
	Reason     string
	ClosedBy   string
	AnsweredAt time.Time // zero while it is open
}

// RightsFilter chooses requests, the one that is due first first.
type RightsFilter struct {
	Status RightsStatus // empty: all
	After  Position     // where the page before ended, by time due and id
	Limit  int
}

// RightsClosing is the end of a request.
type RightsClosing struct {
	ID      uuid.UUID
	Outcome RightsOutcome
	Reason  string
	Actor   string // the claim sub
}
