package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Store is an engine.Store in memory. Everything that goes in and out is copied,
// as a database would. The zero value is not usable: NewStore.
type Store struct {
	mu       sync.Mutex
	epoch    int64
	lost     chan struct{} // of the current holder, nil: none
	machines map[string]stored
	records  map[string]engine.Record
	events   map[string][]engine.Event
	changes  []engine.PendingChange
	seq      int64
	position int64
	commits  int

	// watch, when set, is asked before and after each commit.
	watch func(Commit) error
}

// stored is a machine with all its revisions, by id.
type stored struct {
	current   string
	revisions map[string]engine.StateMachine
	deleting  time.Time // zero: it is not being deleted
}

func (m stored) form(revision string) engine.StateMachine {
	machine := m.revisions[revision]
	if !m.deleting.IsZero() {
		machine.Status = engine.MachineDeleting
	}
	machine.Logging.Destinations = slices.Clone(machine.Logging.Destinations)
	return machine
}

// Commit is one commit at one of its moments.
type Commit struct {
	Stage  Stage
	Number int // of the commit, from 1
	Writes []engine.Write
	// Snapshot copies what is stored at this moment: the store as another process
	// finds it after a crash.
	Snapshot func() *Store
}

// Stage is a moment of a Commit.
type Stage int

// The moments at which a test can look at a commit, or make it fail.
const (
	BeforeCommit Stage = iota // nothing is stored
	AfterCommit               // everything is stored, the answer is lost
)

// NewStore returns an empty store.
func NewStore() *Store {
	return &Store{
		machines: map[string]stored{},
		records:  map[string]engine.Record{},
		events:   map[string][]engine.Event{},
	}
}

// Watch has f asked around every commit from now on; an error of f is the commit's
// answer. Nil: no more.
func (s *Store) Watch(f func(Commit) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = f
}

// Commits is how many transactions were written.
func (s *Store) Commits() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.commits
}

// Crash forgets the holder of the lease, as a database does when the process that
// held it dies: the next Acquire takes it, and the dead one's writes are fenced.
func (s *Store) Crash() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = nil
	s.epoch++
}

// snapshot copies what is stored, without a holder. The lock is held.
func (s *Store) snapshot() *Store {
	clone := NewStore()
	clone.epoch, clone.seq, clone.position = s.epoch, s.seq, s.position
	for arn, machine := range s.machines {
		machine.revisions = maps.Clone(machine.revisions)
		clone.machines[arn] = machine
	}
	for arn, record := range s.records {
		clone.records[arn] = copyRecord(record)
	}
	for arn, events := range s.events {
		clone.events[arn] = slices.Clone(events)
	}
	clone.changes = slices.Clone(s.changes)
	return clone
}

// Acquire implements engine.Store.
func (s *Store) Acquire(context.Context) (*engine.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		return nil, fmt.Errorf("acquire lease: %w", engine.ErrLeaseHeld)
	}
	s.epoch++
	lost := make(chan struct{})
	s.lost = lost
	return &engine.Lease{Epoch: s.epoch, Lost: lost, Release: func(context.Context) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.lost == lost {
			s.lost = nil
		}
		return nil
	}}, nil
}

// Expire ends the lease of a holder that stalled: it is told, and another may
// acquire.
func (s *Store) Expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		close(s.lost)
		s.lost = nil
	}
	s.epoch++
}

// Commit implements engine.Store.
func (s *Store) Commit(_ context.Context, epoch int64, writes []engine.Write) ([]engine.Applied, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return nil, err
	}
	if err := s.asked(BeforeCommit, s.commits+1, writes); err != nil {
		return nil, err
	}
	for _, write := range writes {
		if err := s.takes(write.Record); err != nil {
			return nil, fmt.Errorf("%w: %w", engine.ErrRejected, err)
		}
	}
	s.commits++
	applied := make([]engine.Applied, len(writes))
	for i, write := range writes {
		applied[i] = s.apply(write)
	}
	if err := s.asked(AfterCommit, s.commits, writes); err != nil {
		return nil, err
	}
	return applied, nil
}

// takes refuses what a database refuses: what is no text, and a record whose machine
// is not there.
func (s *Store) takes(record engine.Record) error {
	if err := texts(record.ARN, record.Name, record.TraceHeader); err != nil {
		return err
	}
	if _, ok := s.machines[record.StateMachineARN].revisions[record.Revision]; !ok {
		return fmt.Errorf("no revision %q of %s", record.Revision, record.StateMachineARN)
	}
	return nil
}

// held refuses an epoch that is not the holder's. The lock is held.
func (s *Store) held(epoch int64) error {
	if epoch != s.epoch {
		return fmt.Errorf("write with epoch %d: %w", epoch, engine.ErrFenced)
	}
	return nil
}

func (s *Store) asked(stage Stage, number int, writes []engine.Write) error {
	if s.watch == nil {
		return nil
	}
	return s.watch(Commit{Stage: stage, Number: number, Writes: writes, Snapshot: s.snapshot})
}

func (s *Store) apply(write engine.Write) engine.Applied {
	arn := write.Record.ARN
	stored, exists := s.records[arn]
	if exists != (write.Expect > 0) || stored.LastEventID != write.Expect {
		return engine.Applied{}
	}
	record := copyRecord(write.Record)
	if exists {
		record.Seq = stored.Seq
	} else {
		s.seq++
		record.Seq = s.seq
	}
	s.records[arn] = record
	s.events[arn] = append(s.events[arn], write.Events...)
	for _, change := range write.Changes {
		s.position++
		s.changes = append(s.changes, engine.PendingChange{Position: s.position, Change: change})
	}
	return engine.Applied{OK: true, Seq: record.Seq}
}

// Records implements engine.Store.
func (s *Store) Records(_ context.Context, arns []string) ([]engine.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []engine.Record
	if err := texts(arns...); err != nil {
		return nil, err
	}
	for _, arn := range arns {
		if record, ok := s.records[arn]; ok {
			found = append(found, copyRecord(record))
		}
	}
	return found, nil
}

// Executions implements engine.Store.
func (s *Store) Executions(_ context.Context, query engine.ExecutionQuery) ([]engine.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []engine.Record
	if err := texts(query.StateMachineARN); err != nil {
		return nil, err
	}
	for _, record := range s.records {
		if record.StateMachineARN == query.StateMachineARN &&
			(query.Status == "" || record.Status == query.Status) &&
			(query.Before == 0 || record.Seq < query.Before) {
			page = append(page, copyRecord(record))
		}
	}
	slices.SortFunc(page, func(a, b engine.Record) int { return cmp.Compare(b.Seq, a.Seq) })
	return page[:min(query.Limit, len(page))], nil
}

// Running implements engine.Store.
func (s *Store) Running(_ context.Context, after int64, limit int) ([]engine.Wake, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []engine.Wake
	for _, record := range s.records {
		if record.Status == engine.Running && record.Seq > after {
			page = append(page, engine.Wake{Seq: record.Seq, ARN: record.ARN, At: copyRecord(record).WakeAt})
		}
	}
	slices.SortFunc(page, func(a, b engine.Wake) int { return cmp.Compare(a.Seq, b.Seq) })
	return page[:min(limit, len(page))], nil
}

// Events implements engine.Store.
func (s *Store) Events(_ context.Context, query engine.EventQuery) ([]engine.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []engine.Event
	for _, event := range s.events[query.ExecutionARN] {
		if query.From == 0 || (event.ID > query.From) != query.Reverse && event.ID != query.From {
			page = append(page, event)
		}
	}
	if query.Reverse {
		slices.Reverse(page)
	}
	if query.Limit > 0 {
		page = page[:min(query.Limit, len(page))]
	}
	return page, nil
}

// Histories implements engine.Store.
func (s *Store) Histories(_ context.Context, executions []int64) (map[int64][]engine.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[int64][]engine.Event{}
	for arn, record := range s.records {
		if slices.Contains(executions, record.Seq) {
			found[record.Seq] = slices.Clone(s.events[arn])
		}
	}
	return found, nil
}

// Changes implements engine.Store.
func (s *Store) Changes(_ context.Context, after int64, limit int) ([]engine.PendingChange, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []engine.PendingChange
	for _, change := range s.changes {
		if change.Position > after && len(page) < limit {
			page = append(page, change)
		}
	}
	return page, nil
}

// Published implements engine.Store.
func (s *Store) Published(_ context.Context, positions []int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = slices.DeleteFunc(s.changes, func(change engine.PendingChange) bool {
		return slices.Contains(positions, change.Position)
	})
	return nil
}

// texts refuses what a database takes for no text, as a query of it does.
func texts(values ...string) error {
	for _, value := range values {
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return fmt.Errorf("no text: %q", value)
		}
	}
	return nil
}

// copyRecord copies what a caller could change.
func copyRecord(record engine.Record) engine.Record {
	record.Timers = maps.Clone(record.Timers)
	record.Redrives = slices.Clone(record.Redrives)
	if record.WakeAt != nil {
		at := *record.WakeAt
		record.WakeAt = &at
	}
	return record
}
