-- Give a machine a new revision and make it the current one. Without the lease ($1)
-- the epoch of the answer is null. The type is fixed: another one, like a machine
-- that is not there or is being deleted, changes nothing.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), machine AS (
    UPDATE stepfunctions.machines AS m SET revision_id = $4
    FROM held
    WHERE m.arn = $2 AND m.type = $3 AND m.deleting_at IS NULL
    RETURNING m.arn
), revision AS (
    INSERT INTO stepfunctions.revisions (
        machine_arn, revision_id, definition, role_arn, log_level, include_execution_data, log_destinations, created_at
    )
    SELECT arn, $4, $5, $6, $7, $8, $9, $10
    FROM machine
    RETURNING machine_arn
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM revision) AS updated
