-- Give a machine a new revision and make it the current one. The type is fixed:
-- another one, like an unknown machine, changes nothing and answers no row.
WITH machine AS (
    UPDATE stepfunctions.machines SET revision_id = $3
    WHERE arn = $1 AND type = $2
    RETURNING arn
)
INSERT INTO stepfunctions.revisions (
    machine_arn, revision_id, definition, role_arn, log_level, include_execution_data, created_at
)
SELECT arn, $3, $4, $5, $6, $7, $8
FROM machine
