// Package list is GET /api/leads for operators: leads newest first, one page at a
// time, e-mails masked. A page goes on where the one before ended, whatever was
// added meanwhile. An unknown filter, a filter given twice and a value that is
// none are refused with 400: a filter that is silently ignored shows other people
// than were asked for.
package list
