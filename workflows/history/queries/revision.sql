-- Revision: a machine ($1) as it was in one revision ($2).
SELECT
    m.arn, m.name, m.type, m.deleting_at IS NOT NULL AS deleting, r.definition, r.role_arn, r.revision_id,
    m.created_at, r.created_at AS updated_at, r.log_level, r.include_execution_data, r.log_destinations
FROM stepfunctions.machines AS m
JOIN stepfunctions.revisions AS r ON r.machine_arn = m.arn
WHERE m.arn = $1 AND r.revision_id = $2
