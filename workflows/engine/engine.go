package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"
)

// Engine runs executions. New makes one, Start lets it work on its store, Close
// ends it. Its methods may be called by many goroutines.
type Engine struct {
	config       Config
	clock        Clock
	log          *zap.Logger
	integrations map[string]Integration
	programs     *programs
	waiters      waiters
	commits      *committer
	wakes        *wakeQueue
	changes      *publisher
	keeper       *keeper

	// root ends when running tasks must be given up.
	root   context.Context //nolint:containedctx // the engine's own lifetime
	cancel context.CancelCauseFunc
	work   sync.WaitGroup // the engine's own loops
	active sync.WaitGroup // executions that move: tasks, steps, Express runs

	mu      sync.Mutex
	state   lifecycle
	epoch   int64
	release func(context.Context) error // nil: no lease is held
	drivers map[string]*driver          // of the executions in memory, by ARN
	done    chan struct{}
	err     error
}

type lifecycle int

const (
	created lifecycle = iota
	started
	closing
	ended
)

func newUUID() string { return uuid.NewString() }

// New makes an engine. It refuses a Config without Region, Account, Store or
// Invoker, and does nothing else yet: Start reads and writes.
func New(config Config) (*Engine, error) {
	if err := config.complete(); err != nil {
		return nil, err
	}
	root, cancel := context.WithCancelCause(context.Background())
	e := &Engine{
		config:  config,
		clock:   config.Clock,
		log:     config.Log,
		root:    root,
		cancel:  cancel,
		drivers: map[string]*driver{},
		done:    make(chan struct{}),
	}
	e.integrations = e.builtin()
	for resource, integration := range config.Integrations {
		e.integrations[resource] = integration
	}
	e.programs = newPrograms(config.Store, e.integrationOf)
	e.programs.referenceOnly = config.ReferenceOnly
	e.commits = newCommitter(e)
	e.wakes = newWakeQueue(e)
	e.changes = newPublisher(e)
	e.keeper = newKeeper(e)
	return e, nil
}

// Start takes the store's lease and resumes what was running: pending tasks are
// invoked again, waits and pauses go on. It returns when the running executions
// are known, not when they are done. ErrLeaseHeld: an engine is already running.
func (e *Engine) Start(ctx context.Context) error {
	e.mu.Lock()
	if e.state != created {
		e.mu.Unlock()
		return fmt.Errorf("start engine: %w", ErrClosed)
	}
	e.state = started
	e.mu.Unlock()

	lease, err := e.config.Store.Acquire(ctx)
	if err != nil {
		e.finish(err)
		return fmt.Errorf("start engine: %w", err)
	}
	e.mu.Lock()
	e.epoch, e.release = lease.Epoch, lease.Release
	e.mu.Unlock()
	e.work.Go(func() { e.guard(lease) })
	deleting, err := e.config.Store.Deleting(ctx, e.now())
	if err != nil {
		_ = e.Close(ctx)
		return fmt.Errorf("start engine: %w", err)
	}
	for _, machine := range deleting {
		e.programs.doom(machine.ARN)
	}
	e.work.Go(e.commits.loop)
	e.work.Go(e.wakes.loop)
	e.work.Go(e.changes.loop)
	e.work.Go(e.keeper.loop)
	running, err := e.recover(ctx)
	if err != nil {
		_ = e.Close(ctx)
		return fmt.Errorf("start engine: %w", err)
	}
	e.log.Info("Engine: started", zap.Int64("epoch", lease.Epoch), zap.Int("running", running))
	return nil
}

// recoverPage is how many wake-ups are read at a time at start.
const recoverPage = 5000

// recover queues every running execution: at once when a task was pending, at its
// due time when it waits.
func (e *Engine) recover(ctx context.Context) (int, error) {
	running := 0
	for after := int64(0); ; {
		page, err := e.config.Store.Running(ctx, after, recoverPage)
		if err != nil {
			return running, fmt.Errorf("read running executions: %w", err)
		}
		for _, wake := range page {
			at := time.Time{}
			if wake.At != nil {
				at = *wake.At
			}
			e.wakes.add(wake.ARN, at)
			after = wake.Seq
		}
		running += len(page)
		if len(page) < recoverPage {
			return running, nil
		}
	}
}

// guard ends the engine when the lease is lost.
func (e *Engine) guard(lease *Lease) {
	select {
	case <-lease.Lost:
		e.abandon(ErrFenced)
	case <-e.root.Done():
	}
}

// Done is closed when the engine has ended: by Close, or because it lost its
// store to another engine. Err says which.
func (e *Engine) Done() <-chan struct{} { return e.done }

// Err is nil while the engine runs and after Close, ErrFenced when another engine
// took the store.
func (e *Engine) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// abandon ends the engine at once: what it runs belongs to another now.
func (e *Engine) abandon(err error) {
	e.log.Error("Engine: stopped", zap.NamedError("error_message", err))
	e.finish(err)
}

func (e *Engine) finish(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == ended {
		return
	}
	e.state, e.err = ended, err
	if err == nil {
		err = ErrClosed
	}
	e.cancel(err)
	close(e.done)
}

// Close lets running tasks and Express executions end until ctx does, gives up
// the rest, and releases the lease. A task given up is invoked again by the next
// engine on the store.
func (e *Engine) Close(ctx context.Context) error {
	e.mu.Lock()
	if e.state == started || e.state == created {
		e.state = closing
	}
	release := e.release
	e.release = nil
	e.mu.Unlock()

	idle := make(chan struct{})
	go func() {
		e.active.Wait()
		close(idle)
	}()
	var err error
	select {
	case <-idle:
	case <-e.root.Done():
	case <-ctx.Done():
		err = fmt.Errorf("close engine: running tasks given up: %w", ctx.Err())
	}
	e.finish(nil)
	e.work.Wait()
	if release == nil || errors.Is(e.Err(), ErrFenced) {
		return err
	}
	if released := release(context.WithoutCancel(ctx)); released != nil {
		err = errors.Join(err, fmt.Errorf("release lease: %w", released))
	}
	return err
}

// open refuses work when the engine has not started or is closing.
func (e *Engine) open() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.state == started:
		return nil
	case e.err != nil:
		return e.err
	default:
		return ErrClosed
	}
}

// hold answers the epoch to write with; it refuses when the engine does not run.
func (e *Engine) hold() (int64, error) {
	if err := e.open(); err != nil {
		return 0, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.epoch, nil
}

// unwritten says in which operation a write failed. One that was fenced off ends
// the engine.
func (e *Engine) unwritten(operation string, err error) error {
	if errors.Is(err, ErrFenced) {
		e.abandon(err)
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// enter counts one more piece of work, unless the engine is closing.
func (e *Engine) enter() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.state == closing || e.state == ended {
		return false
	}
	e.active.Add(1)
	return true
}

// now is the time of events: UTC, in milliseconds, as AWS shows it.
func (e *Engine) now() time.Time { return e.clock.Now().UTC().Truncate(time.Millisecond) }

// pause waits on the clock; false when the engine ended first.
func (e *Engine) pause(d time.Duration) bool {
	over := make(chan struct{})
	timer := e.clock.AfterFunc(d, func() { close(over) })
	defer timer.Stop()
	select {
	case <-over:
		return true
	case <-e.root.Done():
		return false
	}
}
