-- name: LoadDispatch :one
-- What one attempt sends, with its newest consent, and the row of this very
-- attempt when there is one. No row: the lead is gone.
SELECT
    sqlc.embed(l), sqlc.embed(c), d.status AS delivery_status,
    coalesce(w.attempt_number, 0)::integer AS attempt_number,
    coalesce(w.success, false)::boolean AS success,
    coalesce(w.status_code, 0)::integer AS status_code,
    coalesce(w.error_name, '')::text AS error_name,
    coalesce(w.error_message, '')::text AS error_message,
    coalesce(w.cause, '')::text AS cause,
    coalesce(w.answer_fingerprint, '')::text AS answer_fingerprint,
    coalesce(w.answer_excerpt, '')::text AS answer_excerpt,
    coalesce(w.retry_after, interval '0')::interval AS retry_after,
    coalesce(w.sent_at, 'epoch')::timestamptz AS sent_at,
    coalesce(w.duration, interval '0')::interval AS duration
FROM nigredo.deliveries AS d
JOIN nigredo.leads AS l ON l.id = d.lead_id
JOIN nigredo.consents AS c ON c.lead_id = l.id AND c.purpose = 'reply'
LEFT JOIN nigredo.webhook_logs AS w
    ON w.execution_arn = sqlc.arg(execution_arn)::text
    AND w.redrive_count = sqlc.arg(redrive_count)::integer
    AND w.retry_count = sqlc.arg(retry_count)::integer
WHERE d.event_id = sqlc.arg(event_id)::uuid AND d.lead_id = sqlc.arg(lead_id)::uuid
ORDER BY c.given_at DESC
LIMIT 1;

-- name: RecordAttempt :one
-- Writes one attempt and gives its number among the attempts of its event. No row:
-- the attempt has one already, or the delivery is gone.
INSERT INTO nigredo.webhook_logs (
    id, lead_id, event_id, attempt_number, success, status_code, error_name, error_message,
    cause, answer_fingerprint, answer_excerpt, retry_after, sent_at, duration, execution_arn, redrive_count, retry_count
)
SELECT
    sqlc.arg(id)::uuid, d.lead_id, d.event_id, nigredo.next_attempt(d.lead_id, d.event_id),
    sqlc.arg(success)::boolean, nullif(sqlc.arg(status_code)::integer, 0),
    nullif(sqlc.arg(error_name)::text, ''), nullif(sqlc.arg(error_message)::text, ''),
    nullif(sqlc.arg(cause)::text, ''), nullif(sqlc.arg(answer_fingerprint)::text, ''),
    nullif(sqlc.arg(answer_excerpt)::text, ''), nullif(sqlc.arg(retry_after)::interval, interval '0'),
    sqlc.arg(sent_at)::timestamptz, sqlc.arg(duration)::interval,
    sqlc.arg(execution_arn)::text, sqlc.arg(redrive_count)::integer, sqlc.arg(retry_count)::integer
FROM nigredo.deliveries AS d
WHERE d.event_id = sqlc.arg(event_id)::uuid AND d.lead_id = sqlc.arg(lead_id)::uuid
ON CONFLICT (execution_arn, redrive_count, retry_count) DO NOTHING
RETURNING attempt_number;

-- name: AttemptNumber :one
-- The number that an attempt was given when it was recorded.
SELECT w.attempt_number
FROM nigredo.webhook_logs AS w
WHERE w.execution_arn = sqlc.arg(execution_arn)
    AND w.redrive_count = sqlc.arg(redrive_count)
    AND w.retry_count = sqlc.arg(retry_count);

-- name: Track :one
-- Applies a status change to the delivery it belongs to, its lead and the ledger,
-- unless it is a repeat or was overtaken: changes are ordered by the start of the
-- execution, its redrives, running before closed, and the time it stopped. A lead
-- is delivered when an attempt succeeded or the execution's output says so. A repeat
-- is applied too where the statuses contradict what is known, or where it tells an
-- outcome that was not. A redrive count that rose and that no campaign of ours
-- explains is a redrive made outside, which gets an entry of its own, once. What began
-- before the lead was released and sent nothing saw the quarantine (somebody started it
-- by hand): it withholds nothing any more, and the delivery is owed as the release left
-- it. No row: no delivery belongs to it.
WITH known AS MATERIALIZED (
    SELECT
        k.event_id::uuid AS event_id, k.execution_arn::text AS execution_arn, k.redrive_count::integer AS redrive_count,
        k.succeeded::boolean AS succeeded, k.consistent::boolean AS consistent,
        nigredo.delivery_status(sqlc.arg(status)::text, nullif(sqlc.arg(outcome)::text, ''), k.succeeded)::text AS told,
        EXISTS (SELECT FROM nigredo.leads AS l WHERE l.id = sqlc.arg(lead_id)::uuid AND l.status = 'withheld') AS erased
    FROM nigredo.lock_delivery(
        sqlc.arg(lead_id)::uuid, nullif(sqlc.arg(event_id)::uuid, '00000000-0000-0000-0000-000000000000')
    ) AS k
    WHERE k.event_id IS NOT NULL
), owed AS (
    UPDATE nigredo.deliveries AS d
    SET status = 'due', updated_at = clock_timestamp(), checked_at = NULL,
        execution_arn = NULL, execution_status = NULL, execution_started_at = NULL, execution_stopped_at = NULL,
        redrive_count = 0, outcome = NULL, error_name = NULL
    FROM known
    WHERE d.event_id = known.event_id
        AND known.told = 'withheld' AND NOT known.erased AND d.due_at > d.created_at AND sqlc.arg(started_at)::timestamptz < d.due_at
        AND CASE WHEN d.execution_arn IS NULL THEN NOT EXISTS (
            SELECT FROM nigredo.ledger AS g
            WHERE g.lead_id = d.lead_id AND g.kind = 'delivery.withheld' AND g.actor = sqlc.arg(execution_arn)::text
        ) ELSE d.execution_arn = sqlc.arg(execution_arn)::text END
    RETURNING d.lead_id, d.status, known.succeeded, false AS redriven
), taken AS (
    UPDATE nigredo.deliveries AS d
    SET status = known.told,
        due_at = coalesce(d.due_at, sqlc.arg(started_at)::timestamptz),
        execution_arn = sqlc.arg(execution_arn)::text,
        execution_status = sqlc.arg(status)::text,
        execution_started_at = sqlc.arg(started_at)::timestamptz,
        execution_stopped_at = sqlc.narg(stopped_at)::timestamptz,
        redrive_count = sqlc.arg(redrive_count)::integer,
        outcome = nullif(sqlc.arg(outcome)::text, ''),
        error_name = nullif(sqlc.arg(error_name)::text, ''),
        updated_at = clock_timestamp()
    FROM known
    WHERE d.event_id = known.event_id
        AND NOT coalesce(
            known.told = 'withheld' AND NOT known.erased AND d.due_at > d.created_at AND sqlc.arg(started_at)::timestamptz < d.due_at,
            false
        )
        AND CASE WHEN known.consistent AND NOT (d.outcome IS NULL AND sqlc.arg(outcome)::text <> '') THEN (
            coalesce(d.execution_started_at, '-infinity'), d.redrive_count,
            d.execution_stopped_at IS NOT NULL, coalesce(d.execution_stopped_at, '-infinity')
        ) < (
            sqlc.arg(started_at)::timestamptz, sqlc.arg(redrive_count)::integer,
            sqlc.narg(stopped_at)::timestamptz IS NOT NULL, coalesce(sqlc.narg(stopped_at)::timestamptz, '-infinity')
        ) ELSE (
            coalesce(d.execution_started_at, '-infinity'), d.redrive_count,
            d.execution_stopped_at IS NOT NULL, coalesce(d.execution_stopped_at, '-infinity')
        ) <= (
            sqlc.arg(started_at)::timestamptz, sqlc.arg(redrive_count)::integer,
            sqlc.narg(stopped_at)::timestamptz IS NOT NULL, coalesce(sqlc.narg(stopped_at)::timestamptz, '-infinity')
        ) END
    RETURNING
        d.lead_id, d.status, known.succeeded,
        d.redrive_count > CASE WHEN known.execution_arn = d.execution_arn THEN known.redrive_count ELSE 0 END AS redriven
), moved AS (
    SELECT owed.lead_id, owed.status, owed.succeeded, owed.redriven FROM owed
    UNION ALL
    SELECT taken.lead_id, taken.status, taken.succeeded, taken.redriven FROM taken
), changed_lead AS (
    UPDATE nigredo.leads AS l
    SET status = CASE
            WHEN moved.succeeded OR moved.status = 'delivered' THEN 'delivered'
            WHEN l.status IN ('quarantined', 'withheld') THEN l.status
            WHEN moved.status IN ('running', 'due') THEN 'accepted'
            ELSE moved.status END,
        status_changed_at = clock_timestamp()
    FROM moved
    WHERE l.id = moved.lead_id
    RETURNING l.status
), new_entry AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        sqlc.arg(entry_id)::uuid, moved.lead_id, clock_timestamp(),
        'delivery.' || CASE moved.status WHEN 'due' THEN 'withheld' ELSE moved.status END, sqlc.arg(execution_arn)::text,
        jsonb_strip_nulls(jsonb_build_object(
            'executionStatus', sqlc.arg(status)::text,
            'redriveCount', sqlc.arg(redrive_count)::integer,
            'error', nullif(sqlc.arg(error_name)::text, '')
        ))
    FROM moved
), outside AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        sqlc.arg(outside_id)::uuid, moved.lead_id, clock_timestamp(),
        'delivery.redriven_outside', sqlc.arg(execution_arn)::text,
        jsonb_build_object('redriveCount', sqlc.arg(redrive_count)::integer)
    FROM moved
    WHERE moved.redriven
        AND NOT nigredo.redriven_by_us(sqlc.arg(execution_arn)::text, sqlc.arg(redrive_count)::integer)
        AND NOT EXISTS (
            SELECT 1 FROM nigredo.ledger AS g
            WHERE g.lead_id = moved.lead_id AND g.kind = 'delivery.redriven_outside'
                AND g.actor = sqlc.arg(execution_arn)::text
                AND (g.details ->> 'redriveCount')::integer >= sqlc.arg(redrive_count)::integer
        )
)
SELECT
    EXISTS (SELECT 1 FROM moved) AS applied,
    coalesce((SELECT moved.status FROM moved), '')::text AS delivery_status,
    coalesce((SELECT changed_lead.status FROM changed_lead), '')::text AS lead_status
FROM known;
