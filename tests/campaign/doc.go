// Package campaign runs whole redrive campaigns on the machine files: the embedded
// engine in fake time, the real books in a real PostgreSQL, deliveries that end as
// the test says. A campaign of days passes in seconds, and the test looks at what
// Step Functions would count: events and payloads of every execution.
//
// A query does not stand still in the bubble of testing/synctest, so fake time
// waits for the database.
package campaign
