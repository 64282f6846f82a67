package enginetest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// CreateMachine implements engine.Store.
func (s *Store) CreateMachine(_ context.Context, epoch int64, machine engine.StateMachine) (engine.StateMachine, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return engine.StateMachine{}, false, err
	}
	if err := textsOf(machine); err != nil {
		return engine.StateMachine{}, false, err
	}
	if known, ok := s.machines[machine.ARN]; ok {
		return known.form(known.current), false, nil
	}
	s.machines[machine.ARN] = stored{
		current: machine.RevisionID, revisions: map[string]engine.StateMachine{machine.RevisionID: machine},
	}
	return machine, true, nil
}

func textsOf(machine engine.StateMachine) error {
	return texts(append([]string{machine.ARN, machine.Name, machine.Definition, machine.RoleARN}, machine.Logging.Destinations...)...)
}

// UpdateMachine implements engine.Store.
func (s *Store) UpdateMachine(_ context.Context, epoch int64, machine engine.StateMachine) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return false, err
	}
	if err := textsOf(machine); err != nil {
		return false, err
	}
	known, ok := s.machines[machine.ARN]
	if !ok || !known.deleting.IsZero() || known.form(known.current).Type != machine.Type {
		return false, nil
	}
	known.current = machine.RevisionID
	known.revisions[machine.RevisionID] = machine
	s.machines[machine.ARN] = known
	return true, nil
}

// DeleteMachine implements engine.Store.
func (s *Store) DeleteMachine(_ context.Context, epoch int64, arn string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return err
	}
	if known, ok := s.machines[arn]; ok && known.deleting.IsZero() {
		known.deleting = at
		s.machines[arn] = known
	}
	return nil
}

// Deleting implements engine.Store.
func (s *Store) Deleting(_ context.Context, since time.Time) ([]engine.Deletion, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []engine.Deletion
	for arn, machine := range s.machines {
		if machine.deleting.IsZero() {
			continue
		}
		deletion := engine.Deletion{ARN: arn}
		late := since
		if machine.deleting.After(since) {
			late = machine.deleting
		}
		for _, record := range s.records {
			if record.StateMachineARN == arn && (record.StopDate == nil || !record.StopDate.Before(late)) {
				deletion.Held = true
			}
		}
		list = append(list, deletion)
	}
	slices.SortFunc(list, func(a, b engine.Deletion) int { return cmp.Compare(a.ARN, b.ARN) })
	return list, nil
}

// RemoveMachine implements engine.Store.
func (s *Store) RemoveMachine(_ context.Context, epoch int64, arn string, limit int) (engine.Removal, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return engine.Removal{}, err
	}
	if known, ok := s.machines[arn]; !ok || known.deleting.IsZero() {
		return engine.Removal{}, nil
	}
	removed := s.remove(limit, func(r engine.Record) bool { return r.StateMachineARN == arn })
	for _, record := range s.records {
		if record.StateMachineARN == arn {
			return engine.Removal{Executions: removed}, nil
		}
	}
	delete(s.machines, arn)
	return engine.Removal{Executions: removed, Machine: true}, nil
}

// Prune implements engine.Store.
func (s *Store) Prune(_ context.Context, epoch int64, before time.Time, limit int) (engine.Pruned, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return engine.Pruned{}, err
	}
	pruned := engine.Pruned{
		Executions: s.remove(limit, func(r engine.Record) bool { return r.StopDate.Before(before) }),
	}
	for _, record := range s.records {
		if record.StopDate != nil && (pruned.Oldest == nil || record.StopDate.Before(*pruned.Oldest)) {
			at := *record.StopDate
			pruned.Oldest = &at
		}
	}
	return pruned, nil
}

// remove removes closed executions, the first to close first, until their events
// reach the limit, and answers how many. The lock is held.
func (s *Store) remove(limit int, which func(engine.Record) bool) int {
	var closed []engine.Record
	for _, record := range s.records {
		if record.StopDate != nil && which(record) {
			closed = append(closed, record)
		}
	}
	slices.SortFunc(closed, func(a, b engine.Record) int {
		return cmp.Or(a.StopDate.Compare(*b.StopDate), cmp.Compare(a.Seq, b.Seq))
	})
	removed, events := 0, 0
	for _, record := range closed {
		if events >= limit {
			break
		}
		events += len(s.events[record.ARN])
		delete(s.records, record.ARN)
		delete(s.events, record.ARN)
		removed++
	}
	return removed
}

// PruneRevisions implements engine.Store.
func (s *Store) PruneRevisions(_ context.Context, epoch int64, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.held(epoch); err != nil {
		return err
	}
	for _, machine := range s.machines {
		if !machine.revisions[machine.current].UpdatedAt.Before(before) {
			continue
		}
		for id := range machine.revisions {
			if id != machine.current && !s.pinned(machine.revisions[id].ARN, id) {
				delete(machine.revisions, id)
			}
		}
	}
	return nil
}

func (s *Store) pinned(arn, revision string) bool {
	for _, record := range s.records {
		if record.StateMachineARN == arn && record.Revision == revision {
			return true
		}
	}
	return false
}

// Machine implements engine.Store.
func (s *Store) Machine(_ context.Context, arn string) (*engine.StateMachine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := texts(arn); err != nil {
		return nil, err
	}
	known, ok := s.machines[arn]
	if !ok {
		return nil, nil
	}
	machine := known.form(known.current)
	return &machine, nil
}

// Revision implements engine.Store.
func (s *Store) Revision(_ context.Context, arn, revision string) (*engine.StateMachine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.machines[arn]
	if !ok {
		return nil, nil
	}
	if _, ok := known.revisions[revision]; !ok {
		return nil, nil
	}
	machine := known.form(revision)
	return &machine, nil
}

// Machines implements engine.Store.
func (s *Store) Machines(_ context.Context, after string, limit int) ([]engine.StateMachine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []engine.StateMachine
	if err := texts(after); err != nil {
		return nil, err
	}
	for _, known := range s.machines {
		if machine := known.form(known.current); machine.Name > after {
			page = append(page, machine)
		}
	}
	slices.SortFunc(page, func(a, b engine.StateMachine) int { return cmp.Compare(a.Name, b.Name) })
	return page[:min(limit, len(page))], nil
}
