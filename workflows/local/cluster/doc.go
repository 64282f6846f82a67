// Package cluster runs a private PostgreSQL server as a child of this process:
// it fetches pinned binaries with npm, initialises a data folder once, starts
// the server, restarts it when it dies and stops it.
//
// # Files
//
// Everything lives below Config.Dir:
//
//	17.10.0-beta.17/   the binaries, one folder per pinned version
//	data/              the server's data folder
//	run/               its Unix socket
//	server.log         what the server says
//	password, url      0600: the generated password, and the URL in force
//	lock               held while the server runs
//
// # Reaching it
//
// The server listens on a Unix socket in run/. A socket path holds 107 bytes at
// most; below a longer folder the server listens on 127.0.0.1 and a free port
// instead. Both ask for the password (SCRAM-SHA-256).
//
// # Who it runs as
//
// PostgreSQL refuses to run as root. A root caller starts it in a user namespace
// in which root appears as an ordinary user: files stay root's, and a folder
// below a 0700 home works. Where user namespaces are forbidden the server runs as
// the system's unprivileged user in a folder which that user can reach
// (/var/lib/nigredo/…), and Config.Progress is told.
//
// # Death
//
// The kernel sends the server SIGQUIT (immediate shutdown, nothing committed is
// lost) when this process dies, so that kill -9 leaves no server. Should one be
// there all the same, the next Start waits for it, then stops it. A server that
// dies alone is reaped and started again after a pause that grows from 100 ms to
// 5 s; its URL does not change.
package cluster
