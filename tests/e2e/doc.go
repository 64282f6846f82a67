// Package e2e holds tests only: they build the program, run "nigredo up" as its
// users do, and look at it from outside: over HTTP, in a browser, through the
// Step Functions API, in the database and from the receiver of the webhooks.
//
// One "up" serves the whole package. Each test posts from addresses of its own
// (127.0.0.1 is a trusted proxy of that "up"), so that the rate limiter, which is
// on, keeps tests apart. The browser tests need Debian's chromium: without it
// they fail where CI=true and are skipped elsewhere.
package e2e
