package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// The exit codes, which scripts may rely on.
const (
	exitFailed      = 1 // it was tried and did not work
	exitUsage       = 2 // the command line or a setting is wrong
	exitUnreachable = 3 // the program or the database does not answer, or is not ready
	exitNotFound    = 4 // there is no such lead or execution
	exitRefused     = 5 // not as things stand: not redrivable, no permission, already running
)

// failure is an error with its exit code. Its text says what to do next.
type failure struct {
	code int
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func usage(err error) error {
	return &failure{exitUsage, fmt.Errorf("%w; nigredo --help lists the commands and their flags", err)}
}

func unreachable(format string, args ...any) error {
	return &failure{exitUnreachable, fmt.Errorf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &failure{exitNotFound, fmt.Errorf(format, args...)}
}

func refused(format string, args ...any) error {
	return &failure{exitRefused, fmt.Errorf(format, args...)}
}

// report writes the error, if any, and gives the exit code.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintf(stderr, "nigredo: %v\n", err) // the exit code says it as well
	var f *failure
	switch {
	case errors.As(err, &f):
		return f.code
	case errors.Is(err, local.ErrConfig):
		return exitUsage
	case errors.Is(err, local.ErrDatabase):
		return exitUnreachable
	case errors.Is(err, flock.ErrHeld), errors.Is(err, engine.ErrLeaseHeld):
		return exitRefused
	}
	return exitFailed
}
