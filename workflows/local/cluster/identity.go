package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// reachable is where files go that a dropped user could not enter otherwise.
const reachable = "/var/lib/nigredo"

// identity is who the server runs as, and how it gets there from this process.
type identity struct {
	mode     mode
	uid, gid int // the user inside the namespace, or the one dropped to
}

type mode int

const (
	same      mode = iota // as this process
	namespace             // in a user namespace where this process' user has another id
	drop                  // as another user: this process is root
)

// detectIdentity finds out who the server can run as. It starts one short-lived
// process when this one is root or has no name.
func detectIdentity() (identity, error) {
	if _, err := user.LookupId(strconv.Itoa(os.Geteuid())); err == nil && os.Geteuid() != 0 {
		return identity{mode: same}, nil
	}
	uid, gid, err := unprivileged()
	if err != nil {
		return identity{}, err
	}
	id := identity{mode: namespace, uid: uid, gid: gid}
	probe := exec.Command("/bin/sh", "-c", ":") //nolint:noctx // does nothing and ends
	probe.SysProcAttr = id.attributes()
	if probe.Run() == nil {
		return id, nil
	}
	if os.Geteuid() != 0 {
		return identity{mode: same}, nil
	}
	return identity{mode: drop, uid: uid, gid: gid}, nil
}

// unprivileged finds a user that initdb accepts: one with a name, not root.
func unprivileged() (uid, gid int, err error) {
	for _, name := range []string{"nobody", "daemon"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID == nil && errGID == nil && uid != 0 {
			return uid, gid, nil
		}
	}
	return 0, 0, fmt.Errorf("run PostgreSQL as root: this system has neither a user nobody nor a user daemon to run it as")
}

// attributes are the process attributes of a program run as id. Programs get a
// process group of their own: Ctrl-C in a terminal must reach this process only,
// which then stops the server in its turn.
func (id identity) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	switch id.mode {
	case same:
	case namespace:
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: id.uid, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: id.gid, HostID: os.Getegid(), Size: 1}}
		attr.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid), NoSetGroups: true}
	case drop:
		attr.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return attr
}

// place gives the folder to use for dir: dir itself, unless the server runs as
// another user that cannot enter it.
func (id identity) place(dir string) string {
	if id.mode != drop || enterable(dir) {
		return dir
	}
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(reachable, filepath.Base(dir)+"-"+hex.EncodeToString(sum[:4]))
}

// enterable says whether any user may pass through the folders above dir.
func enterable(dir string) bool {
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		info, err := os.Stat(parent)
		if err == nil && info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if parent == filepath.Dir(parent) {
			return true
		}
	}
}

// own gives path and all below it to the user that the server runs as.
func (id identity) own(path string) error {
	if id.mode != drop {
		return nil
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // nothing is written through it
	return fs.WalkDir(root.FS(), ".", func(p string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return root.Lchown(p, id.uid, id.gid)
	})
}

// note is a sentence for the person who starts the server, or nothing.
func (id identity) note(dir string) string {
	if id.mode != drop {
		return ""
	}
	return fmt.Sprintf("User namespaces are not allowed here: PostgreSQL runs as user id %d, with its files in %s.", id.uid, dir)
}
