// Package flock locks a file between processes. The kernel drops the lock when
// its holder ends, however it ends, so that a lock is never stale.
package flock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// ErrHeld is returned by Try when another holder has the lock, in this process
// or another.
var ErrHeld = errors.New("lock is held")

// waitInterval is how often Wait asks again. flock(2) has no form that a context
// could cancel.
const waitInterval = 50 * time.Millisecond

// Lock is a held lock. Children started while it is held do not inherit it.
type Lock struct{ file *os.File }

// Try takes the lock at path, creating the file (0600) and its folder (0700). It
// refuses with ErrHeld, and the holder's process id where it is known, when the
// lock is taken.
func Try(path string) (*Lock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close() //nolint:errcheck // nothing was written
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w%s", path, ErrHeld, holder(file))
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	l := &Lock{file: file}
	if err := l.sign(); err != nil {
		_ = l.Release()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return l, nil
}

// Wait takes the lock at path as Try does, but waits for its holder until ctx
// ends.
func Wait(ctx context.Context, path string) (*Lock, error) {
	ticker := time.NewTicker(waitInterval)
	defer ticker.Stop()
	for {
		l, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, ctx.Err())
		case <-ticker.C:
		}
	}
}

// Release gives the lock back. The file stays: removing it would let two
// processes hold two files of one name.
func (l *Lock) Release() error { return l.file.Close() }

func (l *Lock) sign() error {
	if err := l.file.Truncate(0); err != nil {
		return err
	}
	_, err := l.file.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

func holder(file *os.File) string {
	b := make([]byte, 32)
	n, _ := file.ReadAt(b, 0)
	pid := strings.TrimSpace(string(b[:n]))
	if pid == "" {
		return ""
	}
	return " by process " + pid
}
