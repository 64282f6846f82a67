-- Create a machine and its first revision. Without the lease ($1) nothing happens,
-- and the epoch of the answer is null; a taken ARN changes nothing either.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), revision AS (
    INSERT INTO stepfunctions.revisions (
        machine_arn, revision_id, definition, role_arn, log_level, include_execution_data, log_destinations, created_at
    )
    SELECT $2, $5, $6, $7, $8, $9, $10, $11
    FROM held
    WHERE NOT EXISTS (SELECT FROM stepfunctions.machines WHERE arn = $2)
    ON CONFLICT DO NOTHING
    RETURNING machine_arn
), machine AS (
    INSERT INTO stepfunctions.machines (arn, name, type, revision_id, created_at)
    SELECT machine_arn, $3, $4, $5, $11
    FROM revision
    RETURNING arn
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM machine) AS created
