package history

import (
	"context"
	_ "embed" // the statements
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

//go:embed queries/deleting.sql
var deletingSQL string

//go:embed queries/remove_executions.sql
var removeExecutionsSQL string

//go:embed queries/remove_machine.sql
var removeMachineSQL string

//go:embed queries/prune.sql
var pruneSQL string

//go:embed queries/oldest.sql
var oldestSQL string

//go:embed queries/prune_revisions.sql
var pruneRevisionsSQL string

// Deleting implements engine.Store.
func (s *Store) Deleting(ctx context.Context, since time.Time) ([]engine.Deletion, error) {
	rows, err := s.pool.Query(ctx, deletingSQL, planned, since)
	if err != nil {
		return nil, fmt.Errorf("list machines being deleted: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d engine.Deletion, err error) {
		err = row.Scan(&d.ARN, &d.Held)
		return d, err
	})
	if err != nil {
		return nil, fmt.Errorf("list machines being deleted: %w", err)
	}
	return list, nil
}

// RemoveMachine implements engine.Store.
func (s *Store) RemoveMachine(ctx context.Context, epoch int64, arn string, limit int) (engine.Removal, error) {
	executions, err := s.guarded(ctx, removeExecutionsSQL, epoch, arn, limit)
	if err != nil {
		return engine.Removal{}, fmt.Errorf("remove executions of %s: %w", arn, err)
	}
	machines, err := s.guarded(ctx, removeMachineSQL, epoch, arn)
	if err != nil {
		return engine.Removal{}, fmt.Errorf("remove machine %s: %w", arn, err)
	}
	return engine.Removal{Executions: executions, Machine: machines == 1}, nil
}

// Prune implements engine.Store.
func (s *Store) Prune(ctx context.Context, epoch int64, before time.Time, limit int) (engine.Pruned, error) {
	removed, err := s.guarded(ctx, pruneSQL, epoch, before, limit)
	if err != nil {
		return engine.Pruned{}, fmt.Errorf("prune executions: %w", err)
	}
	pruned := engine.Pruned{Executions: removed}
	if err := s.pool.QueryRow(ctx, oldestSQL).Scan(&pruned.Oldest); err != nil {
		return engine.Pruned{}, fmt.Errorf("read when the oldest execution closed: %w", err)
	}
	return pruned, nil
}

// PruneRevisions implements engine.Store.
func (s *Store) PruneRevisions(ctx context.Context, epoch int64, before time.Time) error {
	if _, err := s.guarded(ctx, pruneRevisionsSQL, epoch, before); err != nil {
		return fmt.Errorf("prune revisions: %w", err)
	}
	return nil
}
