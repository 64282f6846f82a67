-- name: LockDelivery :exec
-- Before the lead, as Track does: whoever changes both takes them in this order.
SELECT FROM nigredo.deliveries AS d
WHERE d.lead_id = sqlc.arg(lead_id)::uuid AND d.type = 'lead.created'
FOR NO KEY UPDATE;

-- name: LockLead :exec
-- By a statement of its own: the next one sees what was done meanwhile, a delivery that
-- the sweep has restored included.
SELECT FROM nigredo.leads AS l
WHERE l.id = sqlc.arg(lead_id)::uuid
FOR NO KEY UPDATE;

-- name: ReleaseLead :one
-- Makes a quarantined lead accepted, its delivery due and a ledger entry, all or
-- nothing. A delivery whose execution ran while the lead was quarantined, and sent
-- nothing, becomes due anew; one that runs is left to run, and is owed from now on, so
-- that Track knows what the quarantine made of it; where one has failed so has the lead:
-- a redrive sends it. No row: there is no such lead.
WITH known AS MATERIALIZED (
    SELECT l.id, l.status, l.reference
    FROM nigredo.leads AS l
    WHERE l.id = sqlc.arg(lead_id)::uuid
    FOR NO KEY UPDATE
), delivery AS MATERIALIZED (
    SELECT d.event_id
    FROM nigredo.deliveries AS d
    WHERE d.lead_id = sqlc.arg(lead_id)::uuid AND d.type = 'lead.created' AND d.status IN ('held', 'withheld')
), freed AS (
    UPDATE nigredo.leads AS l
    SET status = CASE WHEN EXISTS (
            SELECT FROM nigredo.deliveries AS d WHERE d.lead_id = l.id AND d.type = 'lead.created' AND d.status = 'failed'
        ) THEN 'failed' ELSE 'accepted' END,
        status_changed_at = clock_timestamp()
    FROM known
    WHERE l.id = known.id AND known.status = 'quarantined'
    RETURNING l.id, l.status, l.status_changed_at AS at
), due AS (
    UPDATE nigredo.deliveries AS d
    SET status = 'due', due_at = freed.at, updated_at = freed.at, checked_at = NULL,
        execution_arn = NULL, execution_status = NULL, execution_started_at = NULL, execution_stopped_at = NULL,
        redrive_count = 0, outcome = NULL, error_name = NULL
    FROM freed, delivery
    WHERE d.event_id = delivery.event_id
    RETURNING d.event_id
), runs AS (
    UPDATE nigredo.deliveries AS d
    SET due_at = freed.at
    FROM freed
    WHERE d.lead_id = freed.id AND d.type = 'lead.created' AND d.status = 'running'
), new_entry AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        sqlc.arg(entry_id)::uuid, freed.id, freed.at, 'lead.released', sqlc.arg(actor)::text,
        jsonb_build_object('reason', sqlc.arg(reason)::text)
    FROM freed
)
SELECT
    coalesce((SELECT freed.status FROM freed), known.status)::text AS status, known.reference,
    EXISTS (SELECT 1 FROM nigredo.ledger AS g WHERE g.lead_id = known.id AND g.kind = 'lead.released')::boolean AS earlier,
    EXISTS (SELECT 1 FROM freed)::boolean AS done,
    coalesce((SELECT freed.at FROM freed), 'epoch')::timestamptz AS released_at,
    coalesce((SELECT due.event_id FROM due), '00000000-0000-0000-0000-000000000000')::uuid AS event_id,
    EXISTS (
        SELECT FROM nigredo.ledger AS g
        WHERE g.lead_id = known.id AND g.kind = 'delivery.withheld' AND right(g.actor, 42) = ':lead-' || known.id
    )::boolean AS taken
FROM known;
