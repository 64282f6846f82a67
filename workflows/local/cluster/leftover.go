package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

const (
	// leftoverPatience is how long processes of an earlier server may take to end
	// by themselves, and again after each signal.
	leftoverPatience = 3 * time.Second
	leftoverInterval = 10 * time.Millisecond
)

// clearLeftovers ends the processes that an earlier server of the data folder
// left, and removes its pid file and the lock of its socket. The caller holds the
// folder's lock, so none of them belongs to a server that anybody still wants.
//
// The number in those files would not do: after a restart of the machine it may
// belong to any process, and PostgreSQL then refuses to start.
func clearLeftovers(ctx context.Context, data string) error {
	for _, sig := range []syscall.Signal{0, syscall.SIGQUIT, syscall.SIGKILL} {
		gone, err := endLeftovers(ctx, data, sig)
		if err != nil {
			return err
		}
		if gone {
			return removeLocks(data)
		}
	}
	return fmt.Errorf("processes %v of an earlier server of %s do not end", leftovers(data), data)
}

func removeLocks(data string) error {
	locks, err := filepath.Glob(filepath.Join(filepath.Dir(data), "run", ".s.PGSQL.*.lock"))
	if err != nil { // the pattern is ours, but the folder's name is part of it
		return err
	}
	var errs []error
	for _, lock := range append(locks, filepath.Join(data, "postmaster.pid")) {
		if err := os.Remove(lock); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// endLeftovers sends sig once and waits.
func endLeftovers(ctx context.Context, data string, sig syscall.Signal) (gone bool, err error) {
	patience := time.NewTimer(leftoverPatience)
	defer patience.Stop()
	ticker := time.NewTicker(leftoverInterval)
	defer ticker.Stop()
	for first := true; ; first = false {
		pids := leftovers(data)
		if len(pids) == 0 {
			return true, nil
		}
		for _, pid := range pids {
			if first && sig != 0 {
				_ = syscall.Kill(pid, sig) // it may have ended meanwhile
			}
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-patience.C:
			return false, nil
		case <-ticker.C:
		}
	}
}

// leftovers lists the processes whose working directory is the data folder: the
// server and each of its sessions change to it, and nothing else does.
func leftovers(data string) []int {
	if resolved, err := filepath.EvalSymlinks(data); err == nil {
		data = resolved
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		cwd, err := os.Readlink(filepath.Join("/proc", entry.Name(), "cwd"))
		if err != nil || cwd != data || program(entry.Name()) != "postgres" {
			continue
		}
		pids = append(pids, pid)
	}
	return pids
}

func program(pid string) string {
	exe, err := os.Readlink(filepath.Join("/proc", pid, "exe"))
	if err != nil {
		return ""
	}
	return filepath.Base(exe)
}
