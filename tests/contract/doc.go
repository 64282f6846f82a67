// Package contract holds the parts against each other where no compiler does: the
// state machine files against the errors of the activities, against the time and
// the money they may cost, and against what they may contain.
package contract
