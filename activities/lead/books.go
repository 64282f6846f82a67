package lead

import "time"

// Balance is the books: every lead that was ever accepted, in exactly one of the
// other columns. Unaccounted must be 0.
type Balance struct {
	Accepted    int `json:"accepted"`    // by the ledger
	Delivered   int `json:"delivered"`   // an attempt succeeded
	Failed      int `json:"failed"`      // its execution failed, and can be redriven
	Withheld    int `json:"withheld"`    // nothing was sent, and nothing is owed
	Quarantined int `json:"quarantined"` // waits for an operator
	InFlight    int `json:"inFlight"`    // due or running, and heard of in time
	Unaccounted int `json:"unaccounted"` // nothing explains it
}

// Unaccounted is a lead that nothing explains.
type Unaccounted struct {
	LeadID     ID
	Problem    Problem
	AcceptedAt time.Time
}

// Problem is what is wrong with a lead that nothing explains.
type Problem string

// The problems. The sweep repairs all but the last two.
const (
	ProblemNoDelivery    Problem = "no_delivery"   // no row says that a delivery is owed
	ProblemNotStarted    Problem = "not_started"   // due for a sweep period, and no execution was ever heard of
	ProblemNotHeardOf    Problem = "not_heard_of"  // its execution runs, and said nothing for two sweep periods
	ProblemNoProof       Problem = "no_proof"      // a status claims a delivery that no attempt proves
	ProblemNoLead        Problem = "no_lead"       // the lead itself is gone
	ProblemContradiction Problem = "contradiction" // its rows exclude each other
)
