-- name: ListLeads :many
-- Newest first, from the position after which the last page ended. The row
-- comparison walks the index leads_newest; a search that finds little reads on.
SELECT l.id, l.reference, l.status, l.name, l.email, coalesce(l.company, '')::text AS company, l.source, l.created_at
FROM nigredo.leads AS l
WHERE (l.created_at, l.id) < (sqlc.arg(after_created_at)::timestamptz, sqlc.arg(after_id)::uuid)
    AND l.created_at >= sqlc.arg(created_from)::timestamptz
    AND l.created_at < sqlc.arg(created_to)::timestamptz
    AND (sqlc.arg(status)::text = '' OR l.status = sqlc.arg(status)::text)
    AND (sqlc.arg(source)::text = '' OR l.source = sqlc.arg(source)::text)
    AND (
        sqlc.arg(pattern)::text = ''
        OR l.reference = sqlc.arg(reference)::text
        OR l.name ILIKE sqlc.arg(pattern)::text
        OR l.email ILIKE sqlc.arg(pattern)::text
        OR l.company ILIKE sqlc.arg(pattern)::text
    )
ORDER BY l.created_at DESC, l.id DESC
LIMIT sqlc.arg(page_size)::integer;

-- name: ViewLead :one
-- One lead with its newest consent, that to marketing beside it, and what the bot checks saw. The look is written
-- to the ledger in the same statement: who cannot write cannot look.
WITH seen AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT sqlc.arg(entry_id)::uuid, l.id, clock_timestamp(), 'lead.viewed', sqlc.arg(actor)::text, '{}'
    FROM nigredo.leads AS l
    WHERE l.id = sqlc.arg(lead_id)::uuid
    ON CONFLICT (id) DO NOTHING
)
SELECT
    sqlc.embed(l), sqlc.embed(c), coalesce(f.signals, '[]')::jsonb AS signals,
    coalesce(m.text_hash, '')::text AS marketing_text_hash, m.recognised AS marketing_recognised
FROM nigredo.leads AS l
JOIN nigredo.consents AS c ON c.lead_id = l.id AND c.purpose = 'reply'
LEFT JOIN nigredo.consents AS m ON m.lead_id = l.id AND m.given_at = c.given_at AND m.purpose = 'marketing'
LEFT JOIN nigredo.form_submissions AS f ON f.lead_id = l.id
WHERE l.id = sqlc.arg(lead_id)::uuid
ORDER BY c.given_at DESC
LIMIT 1;
