-- name: Undelivered :many
-- Accepted leads without a delivery row, oldest first: ids of version 7 sort by
-- time.
SELECT u.lead_id
FROM nigredo.unaccounted AS u
WHERE u.problem = 'no_delivery'
ORDER BY u.lead_id
LIMIT sqlc.arg(page_size)::integer;

-- name: RestoreDelivery :one
-- Makes the lost delivery row of a lead anew, due since the lead was accepted,
-- under the event id that is known of it, wherever that is; else under a fresh one.
-- No row: it is there already, or the lead is gone.
WITH lost AS MATERIALIZED (
    -- Who releases the lead at this moment changes its status: whoever is second sees it.
    SELECT
        l.id AS lead_id, l.status, a.at,
        coalesce(
            (SELECT w.event_id FROM nigredo.webhook_logs AS w WHERE w.lead_id = l.id ORDER BY w.attempt_number LIMIT 1),
            (a.details ->> 'eventId')::uuid,
            (SELECT k.event_id FROM nigredo.idempotency_keys AS k WHERE k.lead_id = l.id LIMIT 1)
        ) AS event_id
    FROM nigredo.leads AS l, LATERAL (
        SELECT g.at, g.details
        FROM nigredo.ledger AS g
        WHERE g.lead_id = l.id AND g.kind = 'lead.accepted'
        ORDER BY g.at
        LIMIT 1
    ) AS a
    WHERE l.id = sqlc.arg(lead_id)::uuid
    FOR SHARE OF l
), restored AS (
    INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, created_at, updated_at)
    SELECT
        coalesce(lost.event_id, sqlc.arg(event_id)::uuid), lost.lead_id, 'lead.created',
        CASE WHEN lost.status = 'quarantined' THEN 'held' ELSE 'due' END,
        CASE WHEN lost.status <> 'quarantined' THEN lost.at END,
        clock_timestamp(), clock_timestamp()
    FROM lost
    ON CONFLICT DO NOTHING
    RETURNING event_id, lead_id
), new_entry AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        sqlc.arg(entry_id)::uuid, restored.lead_id, clock_timestamp(), 'delivery.restored', sqlc.arg(actor)::text,
        jsonb_build_object('eventId', restored.event_id, 'known', restored.event_id <> sqlc.arg(event_id)::uuid)
    FROM restored
)
SELECT restored.event_id FROM restored;

-- name: Work :many
-- What the sweep has to do, oldest first: deliveries that are due and of which no
-- execution was ever heard, and deliveries whose execution must be asked, because
-- it said nothing for a while or because a status contradicts what is known.
-- An attempt tells of its execution too: what was sent once is asked for, never
-- started. Nothing is started for a lead that is quarantined or withheld, whatever
-- else its rows say.
WITH work AS (
    SELECT d.event_id
    FROM nigredo.deliveries AS d
    WHERE d.status = 'due' AND d.execution_arn IS NULL
        AND d.due_at <= clock_timestamp() - sqlc.arg(owed_for)::interval
    UNION
    SELECT d.event_id
    FROM nigredo.deliveries AS d
    WHERE d.status = 'running'
        AND greatest(d.updated_at, d.checked_at) <= clock_timestamp() - sqlc.arg(silent_for)::interval
    UNION
    SELECT d.event_id
    FROM nigredo.deliveries AS d
    WHERE d.status = 'failed'
        AND (
            d.execution_status NOT IN ('FAILED', 'TIMED_OUT', 'ABORTED')
            OR EXISTS (SELECT FROM nigredo.webhook_logs AS w WHERE w.lead_id = d.lead_id AND w.event_id = d.event_id AND w.success)
        )
    UNION
    SELECT d.event_id
    FROM nigredo.deliveries AS d
    WHERE d.status = 'due' AND d.execution_arn IS NOT NULL
    UNION
    SELECT d.event_id
    FROM nigredo.unaccounted AS u, nigredo.deliveries AS d
    WHERE d.lead_id = u.lead_id AND d.type = 'lead.created'
        AND u.problem IN ('no_proof', 'not_heard_of', 'not_started')
)
SELECT
    d.lead_id, d.event_id,
    ('lead-' || d.lead_id || CASE WHEN EXISTS (
        SELECT FROM nigredo.ledger AS g
        WHERE g.lead_id = d.lead_id AND g.kind = 'delivery.withheld' AND right(g.actor, 42) = ':lead-' || d.lead_id
    ) THEN coalesce((
        SELECT '-' || g.id FROM nigredo.ledger AS g WHERE g.lead_id = d.lead_id AND g.kind = 'lead.released' ORDER BY g.at DESC LIMIT 1
    ), '') ELSE '' END)::text AS name,
    coalesce(d.execution_arn, w.execution_arn, '')::text AS execution_arn,
    coalesce(d.execution_started_at, w.sent_at, 'epoch')::timestamptz AS execution_started_at,
    (CASE WHEN d.execution_arn IS NULL THEN coalesce(w.redrive_count, 0) ELSE d.redrive_count END)::integer AS redrive_count
FROM work
JOIN nigredo.deliveries AS d ON d.event_id = work.event_id
JOIN nigredo.leads AS l ON l.id = d.lead_id
LEFT JOIN LATERAL (
    SELECT a.execution_arn, a.sent_at, a.redrive_count
    FROM nigredo.webhook_logs AS a
    WHERE a.lead_id = d.lead_id AND a.event_id = d.event_id
    ORDER BY a.attempt_number DESC
    LIMIT 1
) AS w ON true
WHERE d.status <> 'held'
    AND (
        coalesce(d.execution_arn, w.execution_arn) IS NOT NULL
        OR d.status <> 'withheld' AND l.status NOT IN ('withheld', 'quarantined')
    )
ORDER BY
    greatest(
        CASE WHEN d.execution_arn IS NULL THEN coalesce(d.due_at, d.created_at) ELSE greatest(d.updated_at, d.checked_at) END,
        d.looked_at
    ),
    d.event_id
LIMIT sqlc.arg(page_size)::integer;

-- name: Looked :exec
-- Notes that a look at a delivery brought no answer: others go first the next time.
UPDATE nigredo.deliveries AS d
SET looked_at = clock_timestamp()
WHERE d.event_id = sqlc.arg(event_id)::uuid;

-- name: Checked :exec
-- Notes that an execution was asked and that we knew what it said.
UPDATE nigredo.deliveries AS d
SET checked_at = clock_timestamp()
WHERE d.event_id = sqlc.arg(event_id)::uuid AND d.execution_arn = sqlc.arg(execution_arn)::text;
