// Package track keeps our books on deliveries: it applies the status-change events
// of fibonacci_delivery to the delivery, its lead and the ledger.
//
// EventBridge delivers such an event at least once, late, out of order, or never.
// Changes are therefore ordered (start of the execution, redrive count, running
// before closed, stop date) and a repeat or an overtaken one changes nothing. What
// never comes is found by the sweep. A redrive runs the same execution again and
// reopens its row; one that no campaign of ours made (AWS console, CLI) gets a ledger
// entry of its own, delivery.redriven_outside. A lead is delivered when an attempt
// succeeded, whatever the execution says of itself.
//
// An event of an execution that belongs to no delivery is logged and dropped:
// somebody started the machine by hand, or the lead is gone.
package track
