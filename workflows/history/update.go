package history

import (
	"context"
	_ "embed" // the statement
	"fmt"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

//go:embed queries/update_machine.sql
var updateMachineSQL string

// UpdateMachine makes the machine's RevisionID, which must be new, its current
// revision. Executions that run keep theirs. It refuses a machine that is not
// there and a change of type. An engine that has used the machine already goes on
// with what it knows: call it before machines are used.
func (s *Store) UpdateMachine(ctx context.Context, machine engine.StateMachine) error {
	tag, err := s.pool.Exec(ctx, updateMachineSQL,
		machine.ARN, string(machine.Type), machine.RevisionID, machine.Definition, machine.RoleARN,
		string(machine.Logging.Level), machine.Logging.IncludeExecutionData, machine.CreatedAt)
	if err != nil {
		return fmt.Errorf("update machine %s: %w", machine.Name, err)
	}
	if tag.RowsAffected() != 1 {
		return fmt.Errorf("update machine %s: there is none of that type", machine.Name)
	}
	return nil
}
