// Package program builds nigredo and runs "nigredo up" as a process of its own,
// for tests and benchmarks that need the real thing: on free ports, with a data
// folder of its own, gone when the test is gone.
package program

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
	"syscall"
	"time"
)

const (
	main         = "github.com/alquimista-ai/nigredo/workflows/cmd/nigredo"
	startTimeout = 3 * time.Minute // a first start fetches PostgreSQL
	stopTimeout  = 30 * time.Second
)

// Program is an installation of nigredo: a binary, a data folder, two addresses.
// It can be started, stopped or killed, and started again.
type Program struct {
	Binary string
	Dir    string   // NIGREDO_DATA_DIR
	Env    []string // the whole environment of its processes
	URL    string   // the site and the API
	SFN    string   // the Step Functions API
	Output Output   // what its processes have written, logs and metrics

	up *process
}

// process is one run of "nigredo up".
type process struct {
	cmd      *exec.Cmd
	exited   chan struct{} // closed when the process has ended and was reaped
	lifeline io.Closer     // see guard
}

// New builds the program below dir and finds two free ports. The environment is
// this process's own without another installation's settings, and env.
func New(ctx context.Context, dir string, env ...string) (*Program, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	sfnAddr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	p := &Program{
		Binary: filepath.Join(dir, "nigredo"),
		Dir:    filepath.Join(dir, "data"),
		URL:    "http://" + addr,
		SFN:    "http://" + sfnAddr,
	}
	p.Env = append(ownEnvironment(), "NIGREDO_ADDR="+addr, "NIGREDO_SFN_ADDR="+sfnAddr, "NIGREDO_DATA_DIR="+p.Dir)
	p.Env = append(p.Env, env...)
	build := exec.CommandContext(ctx, "go", "build", "-o", p.Binary, main)
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build nigredo: %w: %s", err, out)
	}
	return p, nil
}

// ownEnvironment leaves out what another installation on this machine set.
func ownEnvironment() []string {
	var env []string
	for _, e := range os.Environ() {
		foreign := strings.HasPrefix(e, "NIGREDO_") || strings.HasPrefix(e, "FIBONACCI_")
		if !foreign || strings.HasPrefix(e, "NIGREDO_CACHE_DIR=") {
			env = append(env, e)
		}
	}
	return env
}

// Start runs "nigredo up" and returns when GET /health/ready answers 200. The
// error of a start that failed holds the end of what the program wrote.
func (p *Program) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	cmd := exec.Command(p.Binary, "up")
	cmd.Env, cmd.Stdout, cmd.Stderr = p.Env, &p.Output, &p.Output
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start nigredo: %w", err)
	}
	up := &process{cmd: cmd, exited: make(chan struct{})}
	p.up = up
	go func() {
		defer close(up.exited)
		_ = cmd.Wait() // how it ended is in ProcessState
	}()
	err := up.guard()
	if err == nil {
		err = p.ready(ctx)
	}
	if err != nil {
		return fmt.Errorf("start nigredo: %w\n%s", errors.Join(err, p.Stop()), p.Output.Tail())
	}
	return nil
}

// guard starts a shell that ends the program when this process is gone without
// having stopped it: a test that times out runs no clean-up. It reads a pipe
// whose other end only we hold.
func (u *process) guard() error {
	watcher := exec.Command("sh", "-c", `cat >/dev/null; kill -TERM "$1" 2>/dev/null`, "sh", fmt.Sprint(u.cmd.Process.Pid))
	watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	lifeline, err := watcher.StdinPipe()
	if err != nil {
		return err
	}
	u.lifeline = lifeline
	if err := watcher.Start(); err != nil {
		return err
	}
	go func() { _ = watcher.Wait() }() // its exit code says nothing
	return nil
}

// ready waits for GET /health/ready to answer 200.
func (p *Program) ready(ctx context.Context) error {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if p.isReady(ctx) {
			return nil
		}
		select {
		case <-tick.C:
		case <-p.up.exited:
			return fmt.Errorf("ended before it was ready: %s", p.up.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", ctx.Err())
		}
	}
}

func (p *Program) isReady(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL+"/health/ready", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close() //nolint:errcheck // only the status counts
	return res.StatusCode == http.StatusOK
}

// Stop asks the program to end, as Ctrl-C does, and requires that it does so
// cleanly. Not running: nothing to do.
func (p *Program) Stop() error {
	if p.up == nil {
		return nil
	}
	if err := p.up.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timeout := time.NewTimer(stopTimeout)
	defer timeout.Stop()
	select {
	case <-p.up.exited:
	case <-timeout.C:
		return errors.Join(fmt.Errorf("nigredo still runs %s after SIGTERM", stopTimeout), p.Kill())
	}
	state := p.up.cmd.ProcessState
	p.release()
	if !state.Success() {
		return fmt.Errorf("nigredo after SIGTERM: %s", state)
	}
	return nil
}

// Kill ends the program as a crash does, by SIGKILL.
func (p *Program) Kill() error {
	if p.up == nil {
		return nil
	}
	if err := p.up.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.up.exited
	p.release()
	return nil
}

func (p *Program) release() {
	if p.up.lifeline != nil {
		_ = p.up.lifeline.Close() // the shell finds the process gone
	}
	p.up = nil
}

// Run runs another command of the program beside "up" and gives what it prints,
// white space trimmed. The error of one that failed holds what it complained of.
func (p *Program) Run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, p.Binary, args...)
	cmd.Env = p.Env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("nigredo %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

func freeAddr(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close() //nolint:errcheck // nothing was accepted
	return l.Addr().String(), nil
}

// Output keeps what the program writes.
type Output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *Output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// Tail is the end of it, for an error message.
func (o *Output) Tail() string {
	const keep = 8 << 10
	s := o.String()
	return s[max(0, len(s)-keep):]
}
