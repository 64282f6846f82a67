-- name: Unstarted :many
-- Deliveries that have been due for a while and that no execution was ever heard
-- of for, oldest first.
SELECT d.lead_id, d.event_id
FROM nigredo.deliveries AS d
WHERE d.status = 'due'
    AND d.execution_arn IS NULL
    AND d.due_at <= clock_timestamp() - sqlc.arg(age)::interval
ORDER BY d.due_at, d.event_id
LIMIT sqlc.arg(page_size)::integer;
