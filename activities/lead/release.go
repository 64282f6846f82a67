package lead

import (
	"time"

	"github.com/google/uuid"
)

// Release is an operator's decision that a quarantined lead is a person after
// all.
type Release struct {
	ID      uuid.UUID // of the ledger entry
	LeadID  ID
	Subject string // who decides, the claim sub
	Reason  string // 1 to 500 characters, names nobody
}

// Released is what became of a Release.
type Released struct {
	Found     bool // there is such a lead
	Done      bool // it was quarantined, and is not any more
	Earlier   bool // not Done: somebody released it before
	Status    Status
	Reference string
	At        time.Time // when Done
	EventID   uuid.UUID // when Done: what is due now; uuid.Nil: the row is lost, and the sweep restores it
	Taken     bool      // when Done: an execution under the first name, lead-<id>, has ended without sending
}
