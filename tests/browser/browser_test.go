package browser

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/npm"
	"github.com/alquimista-ai/nigredo/tests/program"
	_ "github.com/alquimista-ai/nigredo/workflows/local" // what the program is made of: a change of it is a change of these tests
)

var (
	update      = flag.Bool("update", false, "write the pictures that TestVisual compares with")
	screenshots = flag.String("screenshots", "", "folder for TestScreenshots to put pictures in")
)

var (
	//go:embed *.mjs lib lighthouse
	sources embed.FS
	//go:embed package.json package-lock.json
	packages embed.FS
	//go:embed lighthouse/package.json lighthouse/package-lock.json
	lighthousePackages embed.FS
)

const (
	// runLimit bounds one run of node; the gate takes the longest.
	runLimit = 15 * time.Minute
	// killDelay is what a run has to end its browsers in.
	killDelay = 10 * time.Second
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "nigredo-browser-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	var started *stage
	open = sync.OnceValues(func() (*stage, error) {
		s, err := newStage(context.Background(), dir)
		started = s
		return s, err
	})
	code := m.Run()
	if started == nil {
		return code
	}
	if err := started.up.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop nigredo:", err)
		code = 1
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "the end of what nigredo wrote:\n%s\n", started.up.Output.Tail())
	}
	return code
}

// stage is a running installation and a folder in which node finds the test files
// and their packages.
type stage struct {
	up     *program.Program
	folder string
	env    []string
}

// open gives the one stage of the package, made by the first test that needs it.
var open func() (*stage, error)

// errMissing says that this machine has no browser or no node.
var errMissing = errors.New("apt-get install chromium nodejs npm to run this")

func newStage(ctx context.Context, dir string) (*stage, error) {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		return nil, errors.Join(errMissing, err)
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, errors.Join(errMissing, err)
		}
	}
	folder := filepath.Join(dir, "tests")
	if err := os.CopyFS(folder, sources); err != nil {
		return nil, err
	}
	if err := install(ctx, "browser-tests", packages, folder); err != nil {
		return nil, err
	}
	lighthouse, err := fs.Sub(lighthousePackages, "lighthouse")
	if err != nil {
		return nil, err
	}
	if err := install(ctx, "lighthouse", lighthouse, filepath.Join(folder, "lighthouse")); err != nil {
		return nil, err
	}
	baselines, err := filepath.Abs("baselines")
	if err != nil {
		return nil, err
	}
	up, err := program.New(ctx, dir, "NIGREDO_TRUSTED_PROXIES=127.0.0.1")
	if err != nil {
		return nil, err
	}
	env := append(slices.Clone(up.Env), "NIGREDO_URL="+up.URL, "NIGREDO_BINARY="+up.Binary, "NIGREDO_GATE="+os.Getenv("NIGREDO_GATE"),
		"NIGREDO_CHROMIUM="+chromium, "NIGREDO_BASELINES="+baselines)
	return &stage{up: up, folder: folder, env: env}, up.Start(ctx)
}

// install links the packages that a lock file names into a folder.
func install(ctx context.Context, name string, locked fs.FS, folder string) error {
	installed, err := npm.Folder(ctx, name, locked)
	if err != nil {
		return err
	}
	return os.Symlink(filepath.Join(installed, "node_modules"), filepath.Join(folder, "node_modules"))
}

// need gives the stage, or ends the test on a machine that cannot have one.
func need(t *testing.T) *stage {
	t.Helper()
	s, err := open()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// event is a line of lib/reporter.mjs.
type event struct {
	Kind   string // "test" or "note"
	File   string
	Name   []string
	Suite  bool
	Passed bool
	MS     int64
	Skip   string
	Error  string
	Text   string // of a note
}

// test runs test files and makes each of their tests a subtest of t.
func (s *stage) test(t *testing.T, env []string, files ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runLimit)
	defer cancel()
	args := append([]string{"--test", "--test-concurrency=2", "--test-reporter=./lib/reporter.mjs"}, files...)
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir, cmd.Env = s.folder, slices.Concat(s.env, env)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = killDelay
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Errorf("node wrote %q: %v", lines.Text(), err)
			continue
		}
		if e.Kind == "note" {
			t.Log(e.Text)
			continue
		}
		seen[filepath.Base(e.File)] = true
		if !e.Suite || !e.Passed {
			t.Run(strings.TrimSuffix(filepath.Base(e.File), ".test.mjs")+"/"+strings.Join(e.Name, "/"), e.report)
		}
	}
	if err := errors.Join(lines.Err(), cmd.Wait()); err != nil && (!t.Failed() || ctx.Err() != nil) {
		t.Errorf("node --test: %v\n%s", errors.Join(err, ctx.Err()), &stderr)
	}
	for _, file := range files {
		if !seen[filepath.Base(file)] {
			t.Errorf("%s: no test of it was run\n%s", file, &stderr)
		}
	}
}

// report repeats the outcome of a node test.
func (e event) report(t *testing.T) {
	switch {
	case e.Skip != "":
		t.Skip(e.Skip)
	case !e.Passed:
		t.Errorf("after %d ms: %s", e.MS, e.Error)
	}
}

// Files that run alone: what they measure or compare is not for every run.
const (
	speed  = "speed.test.mjs"
	visual = "visual.test.mjs"
)

// files lists the other test files.
func files(t *testing.T) []string {
	t.Helper()
	all, err := fs.Glob(sources, "*.test.mjs")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, name := range all {
		if name != speed && name != visual {
			names = append(names, name)
		}
	}
	return names
}

func TestPages_BehaveInABrowser(t *testing.T) {
	need(t).test(t, nil, files(t)...)
}

func TestPages_KeepToTheBudget(t *testing.T) {
	need(t).test(t, nil, "lighthouse/lighthouse.test.mjs")
}

func TestSpeed_AReceiptComesAtOnce(t *testing.T) {
	if os.Getenv("NIGREDO_GATE") != "1" {
		t.Skip("a time is measured by make gate, where nothing else runs beside it")
	}
	need(t).test(t, nil, speed)
}

func TestVisual_PagesLookAsTheyDid(t *testing.T) {
	if os.Getenv("NIGREDO_GATE") != "1" {
		t.Skip("pictures are compared by make gate, on a machine with its fonts")
	}
	var env []string
	if *update {
		env = append(env, "NIGREDO_UPDATE=1")
	}
	need(t).test(t, env, visual)
}

func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("takes pictures for people, into the folder given by -screenshots")
	}
	folder, err := filepath.Abs(*screenshots)
	if err != nil {
		t.Fatal(err)
	}
	s := need(t)
	cmd := exec.CommandContext(t.Context(), "node", "screenshots.mjs", folder)
	cmd.Dir, cmd.Env = s.folder, s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
