-- Commit: one step of each of many executions, in one statement and so in one
-- transaction with one flush. Without the lease ($1) nothing happens, and the
-- answer is one row with a null epoch. The lock on the lease row keeps a new holder
-- waiting until this statement is over.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), step AS MATERIALIZED (
    SELECT w.*
    FROM unnest(
        $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[], $15::integer[],
        $16::timestamptz[], $17::bigint[], $18::timestamptz[], $19::text[], $20::text[], $21::text[]
    ) WITH ORDINALITY AS w (
        arn, expect, machine_arn, revision_id, name, status, input, output,
        error, cause, role_arn, started_at, stopped_at, redrive_count,
        redriven_at, last_event_id, wake_at, timers, redrives, trace_header, place
    )
    CROSS JOIN held
), started AS (
    INSERT INTO stepfunctions.executions (
        arn, machine_arn, revision_id, name, status, input, output, error, cause, role_arn, trace_header,
        started_at, stopped_at, redrive_count, redriven_at, last_event_id, wake_at, timers, redrives
    )
    SELECT
        arn, machine_arn, revision_id, name, status, input, output, error, cause, role_arn, trace_header,
        started_at, stopped_at, redrive_count, redriven_at, last_event_id, wake_at, timers::json, redrives::json
    FROM step
    WHERE expect = 0
    ORDER BY place
    ON CONFLICT (arn) DO NOTHING
    RETURNING id, arn
), moved AS (
    UPDATE stepfunctions.executions AS x
    SET status = s.status, output = s.output, error = s.error, cause = s.cause, stopped_at = s.stopped_at,
        redrive_count = s.redrive_count, redriven_at = s.redriven_at, last_event_id = s.last_event_id,
        wake_at = s.wake_at, timers = s.timers::json, redrives = s.redrives::json
    FROM step AS s
    WHERE x.arn = s.arn AND s.expect > 0 AND x.last_event_id = s.expect
    RETURNING x.id, x.arn
), done AS (
    SELECT id, arn FROM started UNION ALL SELECT id, arn FROM moved
), recorded AS (
    INSERT INTO stepfunctions.events (execution_id, id, previous_id, at, type, details, private)
    SELECT d.id, e.id, e.previous_id, e.at, e.type, e.details::json, e.private::json
    FROM unnest($22::text[], $23::bigint[], $24::bigint[], $25::timestamptz[], $26::text[], $27::text[], $28::text[])
        AS e (arn, id, previous_id, at, type, details, private)
    JOIN done AS d ON d.arn = e.arn
), queued AS (
    INSERT INTO stepfunctions.changes (event_id, execution_arn, at, body)
    SELECT c.event_id, c.arn, c.at, c.body::json
    FROM unnest($29::text[], $30::text[], $31::timestamptz[], $32::text[])
        WITH ORDINALITY AS c (arn, event_id, at, body, place)
    JOIN done AS d ON d.arn = c.arn
    ORDER BY c.place
)
SELECT (SELECT epoch FROM held) AS epoch, done.arn, done.id
FROM (SELECT 1) AS always
LEFT JOIN done ON true
