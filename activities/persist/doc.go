// Package persist is the activity behind Persist Lead: the one statement that
// makes a lead out of a reserved post. From its commit on the lead is accepted.
//
// It is idempotent under the reservation. A task that is retried because its
// answer was lost finds its own key completed and gives the same answer, ids
// included. A reservation that is not held any more, void after 30 seconds or
// given back by an earlier try that failed, is claimed once more; what that claim
// says is the answer: the first lead of a repeat, or an error for the machine.
package persist
