// Package sweep finds what the sweep of deliveries has to look into. First it makes
// delivery rows anew that an accepted lead has lost, under their own event id where
// that is known anywhere. Then it lists at most Limit deliveries, oldest first: those
// that are owed, and those of whose execution nothing was heard or whose status
// claims what no attempt proves. It starts and asks nothing itself: delivery_sweep
// does.
package sweep
