// Package receiver tries a webhook receiver out: does it keep to Standard
// Webhooks 1.0 in all that our deliveries rely on? Check sends events of type
// nigredo.test, at most 18, one after the other, and gives a Scorecard.
//
// The checks do not lean on each other: a receiver with one defect fails one
// check. Three rules keep it so.
//
//   - Only an event that is taken when all is well tells anything. When the first
//     one is not, nothing more is sent.
//   - A redirect is judged by the check "redirect" alone, an answer that does not
//     come in time by "slow answer" alone. What was asked meanwhile stays open.
//   - Every event has an id of its own, apart from the one that is sent twice, and
//     what is unusual about an event is in one check only.
//
// A refusal is a 4xx. Any 5xx, 408 and 429 are not: they tell the sender to try
// again what can never succeed.
//
// It is no activity and has no Lambda: the command line calls it.
package receiver
