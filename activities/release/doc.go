// Package release answers POST /api/leads/{id}/release: an operator finds that a
// quarantined lead is a person, and says why. In one transaction the lead becomes
// accepted, its delivery due, and the ledger gets an entry lead.released with who
// and why. Then the delivery is started as lead_intake would have started it, under
// the same name, so that nothing can start it twice.
//
// A start that fails changes nothing of that: the answer says so, and the sweep
// starts what has been due for five minutes. A second release is 409, whoever makes
// it.
//
// Where an execution ran in the quarantine, started by hand, it sent nothing, and its
// news withhold nothing, whenever they come: Track makes the delivery due anew. When it
// had the first name, the delivery starts under a name of the release's own, by whoever
// starts it, release or sweep.
package release
