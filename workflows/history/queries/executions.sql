-- Executions: those of one machine ($1), newest first, of one status ($2, '' for
-- all), below an id ($3, 0 for none), at most $4.
SELECT
    id, arn, machine_arn, revision_id, name, status, input, output, error, cause, role_arn, trace_header,
    started_at, stopped_at, redrive_count, redriven_at, last_event_id, wake_at, timers, redrives
FROM stepfunctions.executions
WHERE machine_arn = $1
    AND ($2::text = '' OR status = $2)
    AND ($3::bigint = 0 OR id < $3)
ORDER BY id DESC
LIMIT $4
