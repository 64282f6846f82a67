// Package fibonacci is the receiving side of the webhook: it verifies the
// signature, takes each event once and puts it where Fibonacci's own work
// begins. It answers before that work is done.
//
//	2xx  taken, or taken before: the sender is done
//	400  signed by us, but not an event: the sender must not try again
//	401  not signed by us, or more than five minutes old
//	413  larger than any event
//	500  the event could not be put: the sender tries again
//
// An event is known by its webhook-id. Inbox decides how long and how far that
// is remembered; behind it, delivery is at least once.
//
// Dial puts the receiver out of order on purpose, in front of all this: what
// meets a fault is neither verified nor taken.
package fibonacci
