package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// process is an engine in the world. Whatever leaves it passes a place at which it can
// die, or at which what it does can fail without a word of whether it was done.
type process struct {
	*engine.Engine
	world  *world
	number int
	fault  fault

	mu     sync.Mutex
	places []string // that were reached
	struck bool
	dead   bool
	over   chan struct{} // closed when the operator has to turn to another
}

// fault is what happens at a place; the zero fault happens nowhere.
type fault struct {
	kind  string
	place string
}

// The kinds of faults.
const (
	death   = "death"   // of the process
	failure = "failure" // of the call at the place
	stall   = "stall"   // the process loses its lease, does not know it, and goes on
)

func (f fault) String() string { return f.kind + " " + f.place }

// publishes says that the place is one of the publication of status changes.
func (f fault) publishes() bool {
	return strings.HasPrefix(f.place, "publication of ") || strings.HasPrefix(f.place, "removal of ")
}

// repeats says that the place is a write which is stored since an earlier fault.
func (f fault) repeats(earlier fault) bool {
	stored, after := strings.CutSuffix(earlier.place, " after")
	return after && strings.HasPrefix(stored, "write of ") && strings.HasPrefix(f.place, stored+" ")
}

var (
	errDied   = errors.New("the process has died")
	errFailed = errors.New("the connection was lost")
)

// boot starts an engine on what the world has.
func (w *world) boot(t *testing.T, number int, f fault) *process {
	t.Helper()
	p := &process{world: w, number: number, fault: f, over: make(chan struct{})}
	var err error
	p.Engine, err = engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account,
		Store: processStore{Store: w.store, process: p}, Invoker: p, Bus: p, Events: p,
		Jitter: w.jitter, NewID: w.newID,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// reach passes a place. An error ends what the process was about there.
func (p *process) reach(place string) error {
	err := p.strike(place)
	if errors.Is(err, errDied) {
		<-p.Done() // nothing that runs in it comes to anything
	}
	return err
}

func (p *process) strike(place string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errDied
	}
	p.places = append(p.places, place)
	if place != p.fault.place || p.struck {
		return nil
	}
	p.struck = true
	switch p.fault.kind {
	case failure:
		return errFailed
	case stall:
		p.world.store.Crash() // the store forgets it
		p.world.replaced()
	case death:
		p.dead = true
	}
	close(p.over)
	if p.dead {
		return errDied
	}
	return nil
}

// isOver says that the operator has to turn to another process.
func (p *process) isOver() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// bury takes the process away, and its hold on the store.
func (p *process) bury() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.world.store.Crash()
	_ = p.Close(ctx)
}

// Invoke implements engine.Invoker.
func (p *process) Invoke(ctx context.Context, _ string, _ []byte) (engine.Result, error) {
	task, _ := engine.TaskOf(ctx)
	place := "call of " + task.State + " " + attemptOf(task)
	if err := p.reach(place + " before"); err != nil {
		return engine.Result{}, err
	}
	token := p.world.called(p.number, task)
	if err := p.reach(place + " running"); err != nil {
		return engine.Result{}, err
	}
	answer := p.world.voyage.answer(task)
	if answer.never {
		<-ctx.Done()
		return engine.Result{}, ctx.Err()
	}
	// Two attempts of an execution are never answered at the same time.
	wait := time.NewTimer(time.Until(task.Started.Add(answer.after + time.Duration(task.ID)*time.Millisecond)))
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
		return engine.Result{}, ctx.Err()
	}
	if err := p.reach(place + " answered"); err != nil {
		return engine.Result{}, err
	}
	if answer.err != "" {
		return engine.Result{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"` + token + `","errorType":"` + answer.err + `"}`)}, nil
	}
	return engine.Result{RequestID: token, Payload: []byte(`{"state":"` + task.State + `","token":"` + token + `"}`)}, nil
}

// Publish implements engine.Bus.
func (p *process) Publish(_ context.Context, change engine.StatusChange) error {
	place := "publication of " + nameOf(change.ARN) + " " + statusOf(change)
	if err := p.reach(place + " before"); err != nil {
		return err
	}
	p.world.mu.Lock()
	p.world.published = append(p.world.published, change)
	p.world.mu.Unlock()
	return p.reach(place + " after")
}

// statusOf is the status that a change tells, with the redrives before it.
func statusOf(change engine.StatusChange) string {
	var event struct {
		Detail struct {
			Status       string `json:"status"`
			RedriveCount int    `json:"redriveCount"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(change.Body, &event); err != nil {
		return err.Error()
	}
	return event.Detail.Status + " " + strconv.Itoa(event.Detail.RedriveCount)
}

// PutEvents implements engine.EventBus.
func (p *process) PutEvents(_ context.Context, entries []engine.EventEntry) ([]engine.EventResult, error) {
	place := "event " + entries[0].ID
	if err := p.reach(place + " before"); err != nil {
		return nil, err
	}
	p.world.mu.Lock()
	for _, entry := range entries {
		p.world.put[entry.ID]++
	}
	p.world.mu.Unlock()
	if err := p.reach(place + " after"); err != nil {
		return nil, err
	}
	return make([]engine.EventResult, len(entries)), nil
}

// processStore is the store as a process reaches it.
type processStore struct {
	*enginetest.Store
	process *process
}

// Commit implements engine.Store. A place is named by the execution and the last event
// of its step.
func (s processStore) Commit(ctx context.Context, epoch int64, writes []engine.Write) ([]engine.Applied, error) {
	pass := func(side string) error {
		for _, write := range writes {
			place := fmt.Sprintf("write of %s up to event %d %s", write.Record.Name, write.Record.LastEventID, side)
			if err := s.process.reach(place); err != nil {
				return err
			}
		}
		return nil
	}
	if err := pass("before"); err != nil {
		return nil, err
	}
	applied, err := s.Store.Commit(ctx, epoch, writes)
	if err != nil {
		return nil, err
	}
	return applied, pass("after")
}

// Published implements engine.Store.
func (s processStore) Published(ctx context.Context, positions []int64) error {
	pending, err := s.Changes(ctx, 0, math.MaxInt)
	if err != nil {
		return err
	}
	pass := func(side string) error {
		for _, change := range pending {
			if !slices.Contains(positions, change.Position) {
				continue
			}
			place := fmt.Sprintf("removal of %s %s %s", nameOf(change.Change.ARN), statusOf(change.Change), side)
			if err := s.process.reach(place); err != nil {
				return err
			}
		}
		return nil
	}
	if err := pass("before"); err != nil {
		return err
	}
	if err := s.Store.Published(ctx, positions); err != nil {
		return err
	}
	return pass("after")
}

// context is the operator's: it does not end with the process.
func (p *process) context() context.Context { return context.Background() }

// sleep lets time pass, unless the process dies meanwhile, or has died. No voyage takes
// an hour.
func (p *process) sleep(d time.Duration) error {
	if time.Since(p.world.began) > time.Hour {
		return errors.New("the voyage does not end")
	}
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-over.C:
		if !p.isOver() {
			return nil
		}
	case <-p.over:
	}
	return errDied
}
