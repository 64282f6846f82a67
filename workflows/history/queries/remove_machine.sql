-- Remove a machine ($2) that is being deleted, with its revisions, unless it still
-- has an execution. Without the lease ($1) the epoch of the answer is null.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), machine AS (
    DELETE FROM stepfunctions.machines AS m
    USING held
    WHERE m.arn = $2 AND m.deleting_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM stepfunctions.executions AS x WHERE x.machine_arn = m.arn)
    RETURNING m.arn
), revision AS (
    DELETE FROM stepfunctions.revisions AS r
    USING machine
    WHERE r.machine_arn = machine.arn
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM machine) AS removed
