package gateway

import (
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// NewServer returns a server with the limits of a public listener: 5 s for the
// request headers and 16 KB of them, 10 s for the whole request, 35 s for the
// answer (the longest integration takes 29), 60 s idle.
func NewServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      35 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
	}
}

// Limit caps the connections of a listener at 1024; the next ones wait in the
// kernel's queue.
func Limit(l net.Listener) net.Listener { return netutil.LimitListener(l, 1024) }
