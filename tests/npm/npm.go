// Package npm installs what tests need of the npm registry: once per machine, from a
// lock file with hashes, without running anybody's install scripts.
package npm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/alquimista-ai/nigredo/workflows/local/cluster"
)

// Folder returns a folder with the files of sources, package.json and
// package-lock.json among them, and the packages that these name. It stays in the
// cache under its name and the hash of the files. An error says that npm is missing or
// its registry out of reach.
func Folder(ctx context.Context, name string, sources fs.FS) (string, error) {
	hash, err := hashOf(sources)
	if err != nil {
		return "", err
	}
	cache := cluster.CacheDir(os.Getenv)
	folder := filepath.Join(cache, name+"-"+hash)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	temp, err := os.MkdirTemp(cache, name+"-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	if err := os.CopyFS(temp, sources); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	cmd.Dir = temp
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci of %s: %w\n%s", name, err, out)
	}
	if err := os.Rename(temp, folder); err != nil {
		if _, there := os.Stat(folder); there != nil { // nobody else was faster
			return "", errors.Join(err, there)
		}
	}
	return folder, nil
}

func hashOf(sources fs.FS) (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(sources, path)
		hash.Write(content)
		return err
	})
	return hex.EncodeToString(hash.Sum(nil))[:16], err
}
