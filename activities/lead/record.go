package lead

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// Record is a lead as stored.
type Record struct {
	ID        ID                `json:"id"`
	Reference string            `json:"reference"`
	Status    Status            `json:"status"`
	Name      string            `json:"name"`
	Email     string            `json:"email"`
	Company   string            `json:"company,omitempty"`
	Phone     string            `json:"phone,omitempty"`
	Message   string            `json:"message,omitempty"`
	Source    string            `json:"source"`
	UTM       map[string]string `json:"utm,omitempty"`
	Variant   string            `json:"variant,omitempty"`
	Locale    string            `json:"locale"`
	Consent   Consent           `json:"consent"`
	Verdict   Verdict           `json:"verdict"`
	Signals   []Signal          `json:"signals,omitempty"` // what led to the verdict; only of a View
	CreatedAt time.Time         `json:"createdAt"`
}

// Summary is a lead in a list: enough to find it, the e-mail masked.
type Summary struct {
	ID        ID        `json:"id"`
	Reference string    `json:"reference"`
	Status    Status    `json:"status"`
	Name      string    `json:"name"`
	Email     string    `json:"email"` // masked
	Company   string    `json:"company,omitempty"`
	Source    string    `json:"source"`
	CreatedAt time.Time `json:"createdAt"`
}

// Filter chooses leads for a list, newest first. Zero fields choose nothing out.
type Filter struct {
	Query  string // part of name, e-mail or company in any case, or a whole reference
	Status Status
	Source string
	From   time.Time // inclusive
	To     time.Time // exclusive
	After  Position  // where the page before ended
	Limit  int       // 1 to 100
}

// Position is a place in the order of a list: by time of creation, then by id.
type Position struct {
	CreatedAt time.Time
	ID        ID
}

// View is one look at a lead, for the ledger.
type View struct {
	ID      uuid.UUID // of the ledger entry; a repeat under the same id is one view
	LeadID  ID
	Subject string // the viewer, the claim sub
}

// MaskEmail keeps what an operator needs to tell two leads apart: the first sign
// and the domain, "a•••@example.com".
func MaskEmail(email string) string {
	local, domain, found := strings.Cut(email, "@")
	if !found || local == "" {
		return "•••"
	}
	first := []rune(local)[:1]
	return string(first) + "•••@" + domain
}
