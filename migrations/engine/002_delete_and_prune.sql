-- +goose Up

-- A machine that is being deleted starts nothing; it goes with its last execution.
ALTER TABLE stepfunctions.machines ADD COLUMN deleting_at timestamptz;
-- ARNs of log groups, as they were given; null: none were, not even an empty list.
ALTER TABLE stepfunctions.revisions ADD COLUMN log_destinations text[];
-- Closed executions go in the order in which they closed.
CREATE INDEX executions_closed ON stepfunctions.executions (stopped_at, id) WHERE stopped_at IS NOT NULL;

-- +goose Down
DROP INDEX stepfunctions.executions_closed;
ALTER TABLE stepfunctions.revisions DROP COLUMN log_destinations;
ALTER TABLE stepfunctions.machines DROP COLUMN deleting_at;
