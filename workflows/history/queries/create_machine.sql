-- Create a machine and its first revision; a taken ARN changes nothing and answers
-- no row.
WITH revision AS (
    INSERT INTO stepfunctions.revisions (
        machine_arn, revision_id, definition, role_arn, log_level, include_execution_data, created_at
    )
    VALUES ($1, $4, $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING
    RETURNING machine_arn
)
INSERT INTO stepfunctions.machines (arn, name, type, revision_id, created_at)
SELECT machine_arn, $2, $3, $4, $9
FROM revision
RETURNING arn
