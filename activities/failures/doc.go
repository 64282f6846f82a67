// Package failures is GET /api/failures for operators and engineers: deliveries
// that failed and wait, in groups that failed alike, the most frequent first, each
// with what to do next. Alike are those whose newest attempts have the same error,
// status, cause and fingerprint of the answer; a delivery that failed without an
// attempt is grouped by its execution's error. One that runs again or was
// delivered meanwhile is not counted.
//
// An unknown filter, a filter given twice and a value that is none are refused
// with 400, as package list does it.
package failures
