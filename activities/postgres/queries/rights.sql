-- name: ReceiveRightsRequest :one
-- Takes a request in; nigredo.receive_rights_request decides. One row, always: no
-- protocol means that the address has no slot.
SELECT
    coalesce(receipt.protocol, '')::text AS protocol,
    coalesce(receipt.retry_after, interval '0')::interval AS retry_after
FROM nigredo.receive_rights_request(
    sqlc.arg(id)::uuid, sqlc.arg(protocol)::text, sqlc.arg(kind)::text, sqlc.arg(email)::text, sqlc.arg(email_norm)::text,
    nullif(sqlc.arg(reference)::text, ''), nullif(sqlc.arg(message)::text, ''), sqlc.arg(locale)::text,
    sqlc.arg(bucket)::inet, sqlc.arg(fingerprint)::bytea, sqlc.arg(slots)::integer, sqlc.arg(span)::interval,
    sqlc.arg(entry_ids)::uuid[]
) AS receipt;

-- name: ListRightsRequests :many
-- What is due first first, from the position after which the last page ended.
SELECT
    sqlc.embed(r),
    floor(extract(epoch FROM r.due_at - clock_timestamp()) / 86400)::integer AS days_left
FROM nigredo.rights_requests AS r
WHERE (r.due_at, r.id) > (sqlc.arg(after_due_at)::timestamptz, sqlc.arg(after_id)::uuid)
    AND (sqlc.arg(status)::text = '' OR r.status = sqlc.arg(status)::text)
ORDER BY r.due_at, r.id
LIMIT sqlc.arg(page_size)::integer;

-- name: ViewRightsRequest :one
-- One request whole. The look is written to the ledger of every lead that it belongs
-- to in the same statement: who cannot write cannot look.
WITH seen AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        (sqlc.arg(entry_ids)::uuid[])[o.number], o.lead_id, clock_timestamp(), 'rights.viewed', sqlc.arg(actor)::text,
        jsonb_build_object('requestId', r.id)
    FROM nigredo.rights_requests AS r, unnest(r.lead_ids) WITH ORDINALITY AS o (lead_id, number)
    WHERE r.id = sqlc.arg(id)::uuid
)
SELECT
    sqlc.embed(r),
    floor(extract(epoch FROM r.due_at - clock_timestamp()) / 86400)::integer AS days_left
FROM nigredo.rights_requests AS r
WHERE r.id = sqlc.arg(id)::uuid;

-- name: CloseRightsRequest :execrows
-- Ends a request that is open, and tells the ledger of every lead that it belongs to.
WITH closed AS (
    UPDATE nigredo.rights_requests AS r
    SET status = 'closed', outcome = sqlc.arg(outcome)::text, reason = sqlc.arg(reason)::text,
        closed_by = sqlc.arg(actor)::text, answered_at = clock_timestamp()
    WHERE r.id = sqlc.arg(id)::uuid AND r.status = 'open'
    RETURNING r.id, r.lead_ids, r.answered_at
), entries AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        (sqlc.arg(entry_ids)::uuid[])[o.number], o.lead_id, closed.answered_at, 'rights.closed', sqlc.arg(actor)::text,
        jsonb_build_object('requestId', closed.id, 'outcome', sqlc.arg(outcome)::text)
    FROM closed, unnest(closed.lead_ids) WITH ORDINALITY AS o (lead_id, number)
)
SELECT closed.id FROM closed;

-- name: GetRightsRequest :one
-- One request for whoever changes it. Its personal data are not shown: no look.
SELECT
    sqlc.embed(r),
    floor(extract(epoch FROM r.due_at - clock_timestamp()) / 86400)::integer AS days_left
FROM nigredo.rights_requests AS r
WHERE r.id = sqlc.arg(id)::uuid;

-- name: RightsDue :one
-- How many requests are open, and how many of them are due within the two spans or
-- overdue. Who is due sooner is in the later spans as well.
SELECT
    count(*)::integer AS open,
    (count(*) FILTER (WHERE r.due_at <= clock_timestamp() + sqlc.arg(soon)::interval))::integer AS soon,
    (count(*) FILTER (WHERE r.due_at <= clock_timestamp() + sqlc.arg(at_once)::interval))::integer AS at_once,
    (count(*) FILTER (WHERE r.due_at <= clock_timestamp()))::integer AS overdue
FROM nigredo.rights_requests AS r
WHERE r.status = 'open';
