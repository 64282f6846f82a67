-- Records: executions by ARN ($1).
SELECT
    id, arn, machine_arn, revision_id, name, status, input, output, error, cause, role_arn, trace_header,
    started_at, stopped_at, redrive_count, redriven_at, last_event_id, wake_at, timers, redrives
FROM stepfunctions.executions
WHERE arn = ANY ($1::text[])
