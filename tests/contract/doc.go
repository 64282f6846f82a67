// Package contract holds the parts against each other where no compiler does: the
// state machine files against the errors of the activities, against the time and
// the money they may cost, and against what they may contain; API Gateway's mapping
// templates against the local gateway; the schemas against what is sent; the
// answer of a form post against the pages of the site.
package contract
