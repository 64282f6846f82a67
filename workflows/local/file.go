package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// replaceFile writes a file of 0600, renamed into place, so that a file of that
// name is always whole, and on disk before it returns.
func replaceFile(path string, content []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	_, err = fresh.Write(content)
	err = errors.Join(err, giveToFolder(fresh), fresh.Sync(), fresh.Close())
	if err == nil {
		err = os.Rename(fresh.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// giveToFolder gives a file that root made to the owner of its folder, who is to
// read it.
func giveToFolder(file *os.File) error {
	info, err := os.Stat(filepath.Dir(file.Name()))
	if err != nil || os.Geteuid() != 0 {
		return err
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return nil
	}
	return file.Chown(int(owner.Uid), int(owner.Gid))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// watched is a small file that another process may replace or remove while this
// one runs. It is read when it has changed, and looked at each time.
type watched[T any] struct {
	path  string
	parse func(content []byte) (T, error)

	mu     sync.Mutex
	looked bool
	seen   os.FileInfo // nil: it could not be looked at
	value  T           // what could be read last
	err    error       // of the last reading
}

// get gives what could be read last, with the error of a reading that failed
// since, and tells whether the file has changed since the last call.
func (w *watched[T]) get() (value T, changed bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// Before it is read: what is replaced in between is read again the next time.
	info, err := os.Stat(w.path)
	if w.looked && same(w.seen, info) {
		return w.value, false, w.err
	}
	w.looked, w.seen, w.err = true, info, err
	if err != nil {
		return w.value, true, w.err
	}
	content, err := os.ReadFile(w.path)
	if err != nil {
		w.err = err
		return w.value, true, w.err
	}
	parsed, err := w.parse(content)
	if err != nil {
		w.err = fmt.Errorf("%s is damaged: %w", w.path, err)
		return w.value, true, w.err
	}
	w.value = parsed
	return w.value, true, nil
}

func same(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.ModTime().Equal(b.ModTime()) && a.Size() == b.Size()
}
