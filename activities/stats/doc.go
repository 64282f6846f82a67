// Package stats is GET /api/stats for operators and engineers: what came in over a
// range of whole days in UTC, by status, by day, and by source and variant with the
// views of the landing pages and the conversion.
//
// accepted is every lead that came in, whatever became of it. Conversion is accepted
// without quarantined, over views; without views there is none. It may pass 1: who asks
// not to be counted as a view is a lead all the same.
//
// Answers hold counts, sources and variants, which are words: no personal data.
package stats
