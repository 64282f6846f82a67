package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
)

// server is an HTTP server and where it listens.
type server struct {
	name     string // for the error that ends it
	listener net.Listener
	http     *http.Server
}

// serve serves until Close, which lets requests finish, and logs to log what a
// server complains of. The servers stop
// together: a request that never ends at one of them takes no time from another.
func (i *Instance) serve(log *zap.Logger, servers ...server) {
	i.later(func(ctx context.Context) error {
		var stops errgroup.Group
		for _, s := range servers {
			stops.Go(func() error { return s.stop(ctx) })
		}
		return stops.Wait()
	})
	for _, s := range servers {
		s.http.ErrorLog = newErrorLog(log)
		go func() {
			if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				i.fail(fmt.Errorf("serve %s: %w", s.name, err))
			}
		}()
	}
}

// stop cuts what has not finished when ctx ends, such as a request whose body
// never comes.
func (s server) stop(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return s.http.Close()
	}
	return err
}

// newSFNServer is a server for callers on this machine. StartSyncExecution may
// take five minutes to answer.
func newSFNServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      6 * time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
}
