// Package ratelimit is the activity behind Check Rate Limit: it claims the key
// of a post and a slot of the caller's address in one statement, and answers what
// need not go on: a repeat with the first answer, other content under the same key
// with 422, a full hour with 429.
//
// The claim is idempotent under the key's hash and the execution: a retried task
// holds the slot it has. Invalid posts never come here and repeats take no slot.
// A post that another execution is taking in just now is Lead.Running, which the
// machine tries again after a second.
package ratelimit
