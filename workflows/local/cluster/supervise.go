package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"
)

const (
	// The pause before a restart doubles from the first to the last, and begins
	// anew once the server has run for steady.
	firstPause = 100 * time.Millisecond
	lastPause  = 5 * time.Second
	steady     = 30 * time.Second

	// patience is how long a server that was told to stop may take.
	patience = 10 * time.Second
)

// supervisor keeps one server process running until stop.
type supervisor struct {
	command func() (*exec.Cmd, error)
	data    string
	log     *zap.Logger

	firstEnd chan error    // the end of the first process, for who awaits its start
	stopping chan struct{} // closed by stop
	done     chan struct{} // closed when the last process is reaped

	mu      sync.Mutex
	process *os.Process // nil while none runs
	once    sync.Once
}

// supervise starts the process that command gives, and again whenever it ends.
func supervise(command func() (*exec.Cmd, error), data string, log *zap.Logger) *supervisor {
	s := &supervisor{
		command: command, data: data, log: log,
		firstEnd: make(chan error, 1), stopping: make(chan struct{}), done: make(chan struct{}),
	}
	go s.run()
	return s
}

// run holds one operating system thread for the life of the server: the kernel
// sends the parent-death signal when the thread that started a process ends, not
// when the whole process does, and Go ends threads as it likes.
func (s *supervisor) run() {
	defer close(s.done)
	runtime.LockOSThread()
	pause := firstPause
	for {
		begun := time.Now()
		err := s.runOnce()
		select {
		case s.firstEnd <- err:
		default:
		}
		if time.Since(begun) > steady {
			pause = firstPause
		}
		select {
		case <-s.stopping:
			return
		default:
			s.log.Error("Cluster: the database server ended, restarting it", zap.NamedError("error_message", err), zap.Int64("pause_ms", pause.Milliseconds()))
		}
		select {
		case <-s.stopping:
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
		// Sessions of a killed server live on for a moment, and the next server
		// refuses to start beside them.
		if err := clearLeftovers(context.Background(), s.data); err != nil {
			s.log.Error("Cluster: processes of the ended server remain", zap.NamedError("error_message", err))
		}
	}
}

// runOnce runs one process to its end and reaps it: PostgreSQL takes a zombie for
// a living server and would refuse to start again.
func (s *supervisor) runOnce() error {
	cmd, err := s.command()
	if err != nil {
		return err
	}
	defer cmd.Stderr.(*os.File).Close() //nolint:errcheck,forcetypeassert // the child has its own copy
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
	if err := s.begin(cmd); err != nil {
		return err
	}
	err = cmd.Wait()
	s.mu.Lock()
	s.process = nil
	s.mu.Unlock()
	if err == nil {
		err = errors.New("exit status 0")
	}
	return fmt.Errorf("server process ended: %w", err)
}

// begin starts cmd unless stop came first.
func (s *supervisor) begin(cmd *exec.Cmd) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.stopping:
		return errors.New("stopped before it began")
	default:
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.process = cmd.Process
	return nil
}

// stop ends the server by a fast shutdown and waits for it; one that takes too
// long is ended by an immediate one, which loses nothing committed either.
func (s *supervisor) stop() error {
	s.once.Do(func() { close(s.stopping) })
	s.signal(syscall.SIGINT)
	select {
	case <-s.done:
		return nil
	case <-time.After(patience):
	}
	s.signal(syscall.SIGQUIT)
	select {
	case <-s.done:
		return nil
	case <-time.After(patience):
	}
	s.signal(syscall.SIGKILL)
	<-s.done
	return errors.New("stop PostgreSQL: it had to be killed")
}

func (s *supervisor) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Signal(sig) // it has ended already, which is what we want
	}
}
