// Package get is GET /api/leads/{id} for operators: one lead with everything
// known of the person. Each view is a ledger entry, written by the statement that
// reads, so that no look goes unrecorded.
package get
