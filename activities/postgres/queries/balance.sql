-- name: Balance :one
-- The books.
SELECT b.accepted, b.delivered, b.failed, b.withheld, b.quarantined, b.in_flight, b.unaccounted
FROM nigredo.balance AS b;

-- name: Unaccounted :many
-- Leads that nothing explains, oldest first: ids of version 7 sort by time.
SELECT u.lead_id, u.problem, u.accepted_at::timestamptz AS accepted_at
FROM nigredo.unaccounted AS u
ORDER BY u.lead_id
LIMIT sqlc.arg(page_size)::integer;
