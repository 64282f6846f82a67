// Package postgres is the store of the activities: schema nigredo, by pgx, with
// queries that sqlc checks and generates (queries/*.sql, sqlc.yaml, package db).
//
// Every method is one statement in one round trip (RecordAttempt one more when it
// is repeated), so that no transaction is ever open between two of them and a
// crash leaves all of it or none. What must hold under concurrency is in the
// database: constraints, and the functions of migrations/.
//
// The statements can pass through RDS Proxy without pinning a connection: no SET,
// no set_config, no sequence, no LISTEN, no session lock, no text over 16 KB (a
// test reads them all). Timeouts of statements, locks and idle transactions are
// therefore settings of the database roles (ALTER ROLE … SET statement_timeout),
// not of the connection; the caller's context ends what takes longer.
//
// Errors are *Error: what we were doing, and the SQLSTATE. A database error's
// message, detail and hint may quote a row and never leave this package.
package postgres
