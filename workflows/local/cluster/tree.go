package cluster

import (
	"io/fs"
	"os"
	"path/filepath"
)

// copyTree copies the folder from to the folder to, which must be absent.
func copyTree(to, from string) error { return os.CopyFS(to, os.DirFS(from)) }

// linkTree makes to a folder of hard links into from, at a tenth of the time and
// none of the space of a copy, or a copy where links do not reach. Only for files
// that nobody writes.
func linkTree(to, from string) error {
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o755) //nolint:gosec // programs, not data
		}
		return os.Link(path, filepath.Join(to, name)) //nolint:gosec // both folders are this user's own
	})
	if err == nil {
		return nil
	}
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return copyTree(to, from)
}
