package e2e

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/program"
)

// up is the program under test. TestMain sets it before any test runs.
var up *installation

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "nigredo-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	up, err = start(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer up.receiver.close()
	code := m.Run()
	if err := up.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop nigredo:", err)
		code = 1
	}
	if up.functions != nil {
		up.functions.close()
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "the end of what nigredo wrote:\n%s\n", up.Output.Tail())
	}
	return code
}

// installation is a running "nigredo up" with the receiver it delivers to.
type installation struct {
	*program.Program
	receiver  *receiver
	functions *functions // nil when "up" runs the activities itself
	addresses atomic.Uint32
}

// start builds the program, runs it below dir and waits until it is ready.
func start(dir string) (*installation, error) {
	r, err := newReceiver()
	if err != nil {
		return nil, err
	}
	i := &installation{receiver: r}
	env := []string{"NIGREDO_TRUSTED_PROXIES=127.0.0.1", "FIBONACCI_WEBHOOK_URL=" + r.url(), "FIBONACCI_WEBHOOK_SECRET=" + r.secret}
	if asProcesses() {
		if i.functions, err = serveFunctions(); err != nil {
			return nil, err
		}
		env = append(env, i.functions.variables()...)
	}
	if i.Program, err = program.New(context.Background(), dir, env...); err != nil {
		return nil, err
	}
	if i.functions != nil {
		i.functions.of(i)
	}
	if err := i.Start(context.Background()); err != nil {
		return nil, err
	}
	if i.functions != nil {
		return i, i.functions.warm()
	}
	return i, nil
}

// run runs a command that must succeed and gives what it prints.
func (i *installation) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := i.Run(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// address gives a caller's address that no other test has.
func (i *installation) address() string {
	n := i.addresses.Add(1)
	return fmt.Sprintf("10.%d.%d.%d", byte(n>>16), byte(n>>8), byte(n))
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
