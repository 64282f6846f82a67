package cluster

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestManifest_PinsVersionAndHashesForEveryPlatform(t *testing.T) {
	t.Parallel()
	lock, err := manifest.ReadFile("npm/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var locked struct {
		Packages map[string]struct{ Version, Integrity, Resolved string }
	}
	if err := json.Unmarshal(lock, &locked); err != nil {
		t.Fatal(err)
	}
	wanted := wantedVersions(t)
	for _, arch := range []string{"amd64", "arm64"} {
		name, err := packageName("linux", arch)
		if err != nil {
			t.Fatal(err)
		}
		got := locked.Packages["node_modules/"+name]
		if got.Version != version || wanted[name] != version || !strings.HasPrefix(got.Integrity, "sha512-") {
			t.Errorf("%s: package.json %s, lock %s with hash %q; want %s and SHA-512", name, wanted[name], got.Version, got.Integrity, version)
		}
		if got.Resolved != "" {
			t.Errorf("%s is bound to one registry: %s", name, got.Resolved)
		}
	}
}

func wantedVersions(t *testing.T) map[string]string {
	t.Helper()
	content, err := manifest.ReadFile("npm/package.json")
	if err != nil {
		t.Fatal(err)
	}
	var wanted struct{ OptionalDependencies map[string]string }
	if err := json.Unmarshal(content, &wanted); err != nil {
		t.Fatal(err)
	}
	return wanted.OptionalDependencies
}

func TestPackageName_RefusesOtherPlatforms(t *testing.T) {
	t.Parallel()
	for _, platform := range [][2]string{{"linux", "riscv64"}, {"darwin", "arm64"}, {"windows", "amd64"}} {
		if name, err := packageName(platform[0], platform[1]); err == nil || !strings.Contains(err.Error(), "NIGREDO_DATABASE_URL") {
			t.Errorf("%v: got %q, %v; want a refusal with a way out", platform, name, err)
		}
	}
}

func TestCacheDir_FirstThatIsSet(t *testing.T) {
	t.Parallel()
	for want, env := range map[string]map[string]string{
		"/own":                     {"NIGREDO_CACHE_DIR": "/own", "XDG_CACHE_HOME": "/xdg", "HOME": "/home/ana"},
		"/xdg/nigredo":             {"XDG_CACHE_HOME": "/xdg", "HOME": "/home/ana"},
		"/home/ana/.cache/nigredo": {"XDG_CACHE_HOME": "relative", "HOME": "/home/ana"},
	} {
		if got := CacheDir(func(name string) string { return env[name] }); got != want {
			t.Errorf("got %s; want %s", got, want)
		}
	}
	if got := CacheDir(func(string) string { return "" }); !filepath.IsAbs(got) {
		t.Errorf("without a home: got %q; want an absolute folder", got)
	}
}

func TestPlace_OnlyADroppedUserNeedsAnotherFolder(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "0700", "dir") // t.TempDir is below folders of mode 0700
	for _, id := range []identity{{mode: same}, {mode: namespace}} {
		if got := id.place(closed); got != closed {
			t.Errorf("mode %d: got %s; want %s", id.mode, got, closed)
		}
	}
	dropped := identity{mode: drop}
	if got := dropped.place("/usr/share"); got != "/usr/share" {
		t.Errorf("an open folder: got %s", got)
	}
	one, other := dropped.place("/root/a/postgres"), dropped.place("/root/b/postgres")
	if enterable("/root/a/postgres") {
		t.Skip("the home of root is open on this machine")
	}
	if one == other || filepath.Dir(one) != reachable || filepath.Dir(other) != reachable {
		t.Errorf("got %s and %s; want two folders in %s", one, other, reachable)
	}
}
