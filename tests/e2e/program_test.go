package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const (
	startLimit = 3 * time.Minute // a first start fetches PostgreSQL
	stopLimit  = 30 * time.Second
)

// up is the program under test. TestMain sets it before any test runs.
var up *program

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "nigredo-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)           //nolint:errcheck // a temporary folder
	defer func() { closeBrowser() }() // set when a test starts one
	up, err = start(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "start nigredo:", err)
		return 1
	}
	code := m.Run()
	if err := up.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop nigredo:", err)
		code = 1
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "the end of what nigredo wrote:\n%s\n", tail(up.output.String()))
	}
	return code
}

// program is a running "nigredo up".
type program struct {
	binary   string
	dir      string // its data folder
	env      []string
	url      string // the site and the API
	sfn      string // the Step Functions API
	receiver *receiver
	output   output

	cmd       *exec.Cmd
	exited    chan struct{} // closed when the process has ended
	lifeline  io.Closer     // see guard
	addresses atomic.Uint32
}

// start builds the program, runs it below dir and waits until it is ready.
func start(dir string) (*program, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	sfnAddr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	r, err := newReceiver()
	if err != nil {
		return nil, err
	}
	p := &program{
		binary:   filepath.Join(dir, "nigredo"),
		dir:      filepath.Join(dir, "data"),
		url:      "http://" + addr,
		sfn:      "http://" + sfnAddr,
		receiver: r,
		exited:   make(chan struct{}),
	}
	p.env = append(ownEnvironment(),
		"NIGREDO_ADDR="+addr,
		"NIGREDO_SFN_ADDR="+sfnAddr,
		"NIGREDO_DATA_DIR="+p.dir,
		"NIGREDO_TRUSTED_PROXIES=127.0.0.1",
		"FIBONACCI_WEBHOOK_URL="+r.url(),
		"FIBONACCI_WEBHOOK_SECRET="+r.secret,
	)
	build := exec.CommandContext(ctx, "go", "build", "-o", p.binary, "github.com/alquimista-ai/nigredo/workflows/cmd/nigredo")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build: %w: %s", err, out)
	}
	p.cmd = exec.Command(p.binary, "up")
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = p.env, &p.output, &p.output
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.exited)
		_ = p.cmd.Wait() // the exit code is in ProcessState
	}()
	if err := p.guard(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	if err := p.ready(ctx); err != nil {
		return nil, fmt.Errorf("%w\n%s", errors.Join(err, p.stop()), tail(p.output.String()))
	}
	return p, nil
}

// ownEnvironment is the environment without settings of another installation.
func ownEnvironment() []string {
	var env []string
	for _, e := range os.Environ() {
		if (strings.HasPrefix(e, "NIGREDO_") && !strings.HasPrefix(e, "NIGREDO_CACHE_DIR=")) || strings.HasPrefix(e, "FIBONACCI_") {
			continue
		}
		env = append(env, e)
	}
	return env
}

// guard starts a shell that ends the program when this process is gone without
// having stopped it: a test that times out runs no clean-up. It reads a pipe
// whose other end only we hold.
func (p *program) guard() error {
	watcher := exec.Command("sh", "-c", `read _; kill -TERM "$1" 2>/dev/null`, "sh", fmt.Sprint(p.cmd.Process.Pid))
	watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	lifeline, err := watcher.StdinPipe()
	if err != nil {
		return err
	}
	p.lifeline = lifeline
	return watcher.Start()
}

// ready waits for GET /health/ready to answer 200.
func (p *program) ready(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if answer, err := p.send(ctx, request{method: http.MethodGet, path: "/health/ready"}); err == nil && answer.status == http.StatusOK {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.exited:
			return fmt.Errorf("ended before it was ready: %s", p.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", ctx.Err())
		}
	}
}

// stop asks the program to end, as Ctrl-C does, and requires that it does so
// cleanly.
func (p *program) stop() error {
	defer p.receiver.close()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
	case <-time.After(stopLimit):
		_ = p.cmd.Process.Kill() // the error below is the one that counts
		<-p.exited
		return fmt.Errorf("still running %s after SIGTERM", stopLimit)
	}
	if p.lifeline != nil {
		_ = p.lifeline.Close() // the shell finds the process gone
	}
	if !p.cmd.ProcessState.Success() {
		return fmt.Errorf("after SIGTERM: %s", p.cmd.ProcessState)
	}
	return nil
}

// command runs another command of the program beside "up" and gives what it
// prints.
func (p *program) command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.binary, args...)
	cmd.Env = p.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("nigredo %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// run runs a command that must succeed.
func (p *program) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := p.command(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// address gives a caller's address that no other test has.
func (p *program) address() string {
	n := p.addresses.Add(1)
	return fmt.Sprintf("10.%d.%d.%d", byte(n>>16), byte(n>>8), byte(n))
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close() //nolint:errcheck // nothing was accepted
	return l.Addr().String(), nil
}

// output keeps what the program writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func tail(s string) string {
	const keep = 8 << 10
	return s[max(0, len(s)-keep):]
}

// eventually looks until check gives no complaint. Use it for what the program
// does on its own time and tells nobody.
func eventually(t *testing.T, within time.Duration, check func() error) {
	t.Helper()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("after %s: %v", within, err)
		}
	}
}
