package cluster

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// initialise makes the data folder and reads the password, or only reads it when
// both are there. A data folder appears by a rename, so that it is always whole.
func (c *Cluster) initialise(ctx context.Context) error {
	if _, err := os.Stat(c.data()); err == nil {
		return c.readPassword(c.cfg.Dir)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if c.cfg.Template != "" {
		return c.copyTemplate(ctx)
	}
	if err := c.generatePassword(c.cfg.Dir); err != nil {
		return err
	}
	c.cfg.Progress("Initialising the database…")
	return c.initdb(ctx, c.home)
}

// copyTemplate fills the data folder from the template, making that first when
// it is absent.
func (c *Cluster) copyTemplate(ctx context.Context) error {
	root := c.id.place(c.cfg.Template)
	template := filepath.Join(root, version)
	data := filepath.Join(template, "data")
	lock, err := flock.Wait(ctx, filepath.Join(template, "lock"))
	if err != nil {
		return err
	}
	_, err = os.Stat(data)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.Join(c.generatePassword(template), c.id.own(root), c.initdb(ctx, template))
	}
	if err := errors.Join(err, lock.Release()); err != nil {
		return fmt.Errorf("make template: %w", err)
	}
	if err := c.readPassword(template); err != nil {
		return err
	}
	if err := c.writePassword(c.cfg.Dir); err != nil {
		return err
	}
	fresh := c.data() + ".new"
	if err := errors.Join(os.RemoveAll(fresh), copyTree(fresh, data), os.Chmod(fresh, 0o700)); err != nil { //nolint:gosec // 0700 is what PostgreSQL asks of a folder
		return fmt.Errorf("copy template: %w", err)
	}
	return os.Rename(fresh, c.data())
}

// initdb makes the folder data below dir. The locale is PostgreSQL's own C.UTF-8:
// it knows Unicode and sorts the same on every system, whatever its C library.
func (c *Cluster) initdb(ctx context.Context, dir string) error {
	fresh := filepath.Join(dir, "data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.MkdirAll(fresh, 0o700); err != nil {
		return err
	}
	passwordFile := filepath.Join(dir, "initdb.password") // a pipe could not be opened by another user
	if err := os.WriteFile(passwordFile, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	defer os.Remove(passwordFile) //nolint:errcheck // as private as the one that stays
	args := []string{
		"--pgdata", fresh, "--username", superuser, "--auth", "scram-sha-256", "--pwfile", passwordFile, "--encoding", "UTF8",
		"--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C", "--no-instructions",
	}
	if c.cfg.Throwaway {
		args = append(args, "--no-sync", "--wal-segsize", "1")
	}
	if err := errors.Join(c.id.own(dir), c.id.own(c.binaries)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(c.binaries, "bin", "initdb"), args...) //nolint:gosec // our own binary
	cmd.SysProcAttr = c.id.attributes()
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", errors.Join(ctx.Err(), err), tail(out))
	}
	return os.Rename(fresh, filepath.Join(dir, "data"))
}

// generatePassword makes the password of a server whose data is still to be made.
func (c *Cluster) generatePassword(dir string) error {
	c.password = rand.Text()
	return c.writePassword(dir)
}

func (c *Cluster) writePassword(dir string) error {
	return os.WriteFile(filepath.Join(dir, "password"), []byte(c.password+"\n"), 0o600)
}

func (c *Cluster) readPassword(dir string) error {
	b, err := os.ReadFile(filepath.Join(dir, "password"))
	if err != nil {
		return fmt.Errorf("%w; the data in %s cannot be opened without it", err, c.data())
	}
	c.password = string(bytes.TrimSpace(b))
	return nil
}
