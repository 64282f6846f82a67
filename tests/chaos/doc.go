// Package chaos holds tests only: they kill the running program, and its
// database under it, at random moments in a stream of posts, and then ask three
// independent witnesses what became of every lead that was answered with 201:
// the client that kept the answer, the table, and the receiver.
//
// One test does so with the built-in receiver, whose memory must outlive the kill.
//
// NIGREDO_GATE=1 kills 20, 5 and 10 times; without it the tests kill twice, once
// and once. NIGREDO_CHAOS_SEED repeats the moments of an earlier run.
package chaos
