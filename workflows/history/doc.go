// Package history keeps the engine's machines, executions and histories in
// PostgreSQL: it implements engine.Store on the schema stepfunctions, whose
// migrations are in migrations/engine.
//
// A Commit is one statement: it checks the epoch, inserts or moves the executions,
// appends their events and queues their status changes, for as many executions as
// the engine hands over. That is one round trip and one flush, whatever their
// number.
//
// The lease is an advisory lock of one session, which ends with the process that
// held it, and a row with the epoch, which outlives it. A second engine finds the
// lock taken, and is refused once it has seen a sign of life of the holder. A holder
// that has given none for 20 s (it is stopped, or cut off) is fenced off, and has its
// session ended; when it goes on, its epoch is no longer the row's and its commits
// change nothing.
package history
