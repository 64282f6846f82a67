// Package enginetest runs state machines in tests: a Store in memory, a scripted
// stand-in for every task, and Play, which takes one execution from its start to
// its end.
//
// Time in Play is the fake time of testing/synctest: it jumps to the next timer
// when everything waits, so that a machine with a wait of 30 days ends at once.
package enginetest
