package history

import (
	"context"
	_ "embed" // the statements
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

//go:embed queries/create_machine.sql
var createMachineSQL string

//go:embed queries/machine.sql
var machineSQL string

//go:embed queries/revision.sql
var revisionSQL string

//go:embed queries/machines.sql
var machinesSQL string

// CreateMachine implements engine.Store.
func (s *Store) CreateMachine(ctx context.Context, machine engine.StateMachine) (engine.StateMachine, bool, error) {
	tag, err := s.pool.Exec(ctx, createMachineSQL,
		machine.ARN, machine.Name, string(machine.Type), machine.RevisionID, machine.Definition, machine.RoleARN,
		string(machine.Logging.Level), machine.Logging.IncludeExecutionData, machine.CreatedAt)
	if err != nil {
		return engine.StateMachine{}, false, fmt.Errorf("create machine %s: %w", machine.Name, err)
	}
	if tag.RowsAffected() == 1 {
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
	err = row.Scan(&m.ARN, &m.Name, &m.Type, &m.Definition, &m.RoleARN, &m.RevisionID, &m.CreatedAt,
		&m.Logging.Level, &m.Logging.IncludeExecutionData)
	m.CreatedAt = m.CreatedAt.UTC()
	return m, err
}
