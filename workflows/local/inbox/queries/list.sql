-- The newest events, of one lead when $1 is one.
SELECT webhook_id, type, lead_id, happened_at, received_at, repeats
FROM fibonacci.events
WHERE $1::uuid IS NULL OR lead_id = $1
ORDER BY received_at DESC, webhook_id DESC
LIMIT $2
