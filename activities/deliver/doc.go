// Package deliver sends one attempt of one event to Fibonacci by signed webhook
// (Standard Webhooks 1.0) and writes its row. It never tries twice: attempts,
// pauses and giving up are declared in states/fibonacci_delivery.asl.json.
//
// What an answer means:
//
//	2xx                                    delivered
//	429                                    Fibonacci.Throttled; Retry-After is recorded
//	408, 5xx, no answer within 5 s,
//	no connection, bad TLS, no HTTP        Fibonacci.Unavailable
//	3xx, other 4xx (410: it wants no
//	more events), an address that is not
//	allowed                                Fibonacci.Rejected
//
// The status decides, and the body does not: a 200 whose body says "error" or
// never ends is delivered. A redirect is a failure, as Standard Webhooks has it,
// and is not followed: the next host was not configured by anybody. It is
// rejected rather than unavailable, because it stays until somebody corrects the
// URL.
//
// The secrets in force are asked for with each attempt, and each makes a signature
// over the bytes that are sent: two while a secret rotates, the new one first.
// When none can be read nothing is sent, and the attempt is Fibonacci.Unavailable.
// Of the five seconds, two may go into resolving the name and connecting and two
// into TLS. Every failed attempt has a lead.Cause, which says where on the way it
// ended. Of what the receiver answers the beginning is kept, without what
// it quotes word for word of the lead (excerpt says what counts as that), with a
// fingerprint by which the failures of many leads are counted as one.
//
// An attempt is known by execution, redrive count and retry count. When the same
// one is asked for again (Lambda or a crash repeated it), its row answers and
// nothing is sent. Between the receiver's answer and the row there is no
// transaction: a crash there sends the event again, with the same webhook-id and
// the same bytes, which is what receivers de-duplicate by.
package deliver
