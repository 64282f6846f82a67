package flock_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

func TestTry_RefusesASecondHolderAndNamesTheFirst(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "folder", "lock")
	first, err := flock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = flock.Try(path)
	if !errors.Is(err, flock.ErrHeld) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("got %v; want %v with this process's id", err, flock.ErrHeld)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := flock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	_ = second.Release()
}

func TestWait_TakesTheLockWhenItIsReleased(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	first, err := flock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	taken := make(chan error, 1)
	go func() {
		second, err := flock.Wait(t.Context(), path)
		if err == nil {
			err = second.Release()
		}
		taken <- err
	}()
	select {
	case err := <-taken:
		t.Fatalf("the waiter did not wait: %v", err)
	case <-time.After(150 * time.Millisecond):
	}
	if err := errors.Join(first.Release(), <-taken); err != nil {
		t.Fatal(err)
	}
}

func TestWait_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	holder, err := flock.Try(path)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Release() //nolint:errcheck // the end of the test
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := flock.Wait(ctx, path); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, flock.ErrHeld) {
		t.Errorf("got %v; want the deadline and who holds it", err)
	}
}
