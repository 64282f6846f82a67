// Package local wires Nigredo together on one machine: database, engine,
// activities in process, Step Functions API, gateway, site, login and the
// Fibonacci receiver, in one program. It is the only package that knows them all.
//
// # Start
//
// Start takes the lock of the data folder, listens, brings the database up and
// migrates it, creates the machines of package states, resumes what was running,
// begins to run the schedules of package states (the first sweep at once: it starts
// the deliveries that nobody started) and then serves. It returns when /health/ready
// would say 200. A failure half way takes everything down again, in reverse.
//
// # Stop
//
// Close stops listening, lets requests and tasks finish for Config.Drain, stops the
// engine (a Standard execution stays where its history stands and goes on at the
// next Start) and stops the database last.
//
// # Files below the data folder
//
//	lock            held while the program runs: a second one is refused
//	secrets         0600: webhook secrets in force, signing key of the login; "nigredo
//	                secret rotate" replaces it beside a program that runs
//	secrets.unused  there while FIBONACCI_WEBHOOK_SECRET takes the place of the webhook secrets
//	secrets.lock    held while the secrets are replaced
//	fault           0600: how the built-in receiver is out of order, and until when
//	receiver        0600: the URL of the built-in receiver, until Close
//	postgres/       the private database, see package cluster
//	log/            the events of Express executions, one JSON record a line
package local
