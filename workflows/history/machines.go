package history

import (
	"context"
	_ "embed" // the statements
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

//go:embed queries/create_machine.sql
var createMachineSQL string

//go:embed queries/update_machine.sql
var updateMachineSQL string

//go:embed queries/delete_machine.sql
var deleteMachineSQL string

//go:embed queries/machine.sql
var machineSQL string

//go:embed queries/revision.sql
var revisionSQL string

//go:embed queries/machines.sql
var machinesSQL string

// guarded runs a statement that writes under the lease: it answers the epoch, null
// when the lease is another's, and how many rows it wrote.
func (s *Store) guarded(ctx context.Context, statement string, epoch int64, arguments ...any) (int, error) {
	var held *int64
	var rows int
	arguments = append([]any{planned, epoch}, arguments...)
	if err := s.pool.QueryRow(ctx, statement, arguments...).Scan(&held, &rows); err != nil {
		return 0, err
	}
	if held == nil {
		return 0, fmt.Errorf("epoch %d: %w", epoch, engine.ErrFenced)
	}
	return rows, nil
}

// CreateMachine implements engine.Store.
func (s *Store) CreateMachine(ctx context.Context, epoch int64, machine engine.StateMachine) (engine.StateMachine, bool, error) {
	created, err := s.guarded(ctx, createMachineSQL, epoch,
		machine.ARN, machine.Name, string(machine.Type), machine.RevisionID, machine.Definition, machine.RoleARN,
		string(machine.Logging.Level), machine.Logging.IncludeExecutionData, machine.Logging.Destinations, machine.CreatedAt)
	if err != nil {
		return engine.StateMachine{}, false, fmt.Errorf("create machine %s: %w", machine.Name, err)
	}
	if created == 1 {
		return machine, true, nil
	}
	stored, err := s.Machine(ctx, machine.ARN)
	if err != nil {
		return engine.StateMachine{}, false, err
	}
	if stored == nil {
		return engine.StateMachine{}, false, fmt.Errorf("create machine %s: it came and went", machine.Name)
	}
	return *stored, false, nil
}

// UpdateMachine implements engine.Store.
func (s *Store) UpdateMachine(ctx context.Context, epoch int64, machine engine.StateMachine) (bool, error) {
	updated, err := s.guarded(ctx, updateMachineSQL, epoch,
		machine.ARN, string(machine.Type), machine.RevisionID, machine.Definition, machine.RoleARN,
		string(machine.Logging.Level), machine.Logging.IncludeExecutionData, machine.Logging.Destinations, machine.UpdatedAt)
	if err != nil {
		return false, fmt.Errorf("update machine %s: %w", machine.Name, err)
	}
	return updated == 1, nil
}

// DeleteMachine implements engine.Store.
func (s *Store) DeleteMachine(ctx context.Context, epoch int64, arn string, at time.Time) error {
	if _, err := s.guarded(ctx, deleteMachineSQL, epoch, arn, at); err != nil {
		return fmt.Errorf("delete machine %s: %w", arn, err)
	}
	return nil
}

// Machine implements engine.Store.
func (s *Store) Machine(ctx context.Context, arn string) (*engine.StateMachine, error) {
	return s.machine(ctx, arn, machineSQL, arn)
}

// Revision implements engine.Store.
func (s *Store) Revision(ctx context.Context, arn, revision string) (*engine.StateMachine, error) {
	return s.machine(ctx, arn, revisionSQL, arn, revision)
}

func (s *Store) machine(ctx context.Context, arn, statement string, arguments ...any) (*engine.StateMachine, error) {
	rows, err := s.pool.Query(ctx, statement, arguments...)
	if err != nil {
		return nil, fmt.Errorf("read machine %s: %w", arn, err)
	}
	machine, err := pgx.CollectExactlyOneRow(rows, scanMachine)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read machine %s: %w", arn, err)
	}
	return &machine, nil
}

// Machines implements engine.Store.
func (s *Store) Machines(ctx context.Context, after string, limit int) ([]engine.StateMachine, error) {
	rows, err := s.pool.Query(ctx, machinesSQL, after, limit)
	if err != nil {
		return nil, fmt.Errorf("list machines: %w", err)
	}
	machines, err := pgx.CollectRows(rows, scanMachine)
	if err != nil {
		return nil, fmt.Errorf("list machines: %w", err)
	}
	return machines, nil
}

func scanMachine(row pgx.CollectableRow) (m engine.StateMachine, err error) {
	deleting := false
	err = row.Scan(&m.ARN, &m.Name, &m.Type, &deleting, &m.Definition, &m.RoleARN, &m.RevisionID,
		&m.CreatedAt, &m.UpdatedAt, &m.Logging.Level, &m.Logging.IncludeExecutionData, &m.Logging.Destinations)
	m.CreatedAt, m.UpdatedAt = m.CreatedAt.UTC(), m.UpdatedAt.UTC()
	m.Status = engine.MachineActive
	if deleting {
		m.Status = engine.MachineDeleting
	}
	return m, err
}
