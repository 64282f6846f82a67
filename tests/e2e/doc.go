// Package e2e holds tests only: they build the program, run "nigredo up" as its
// users do, and look at it from outside: over HTTP, through the
// Step Functions API, in the database and from the receiver of the webhooks.
//
// One "up" serves the whole package. Each test posts from addresses of its own
// (127.0.0.1 is a trusted proxy of that "up"), so that the rate limiter, which is
// on, keeps tests apart. What the pages do in a browser is shown by
// tests/browser.
package e2e
