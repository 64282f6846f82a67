-- name: ListFailures :many
-- Failed deliveries by the error of their execution and what their newest attempt
-- says, the most frequent first. An excerpt of
-- before causes were recorded is not masked, and is not shown. total counts the
-- groups beyond the limit too.
WITH failed AS (
    SELECT
        d.lead_id, d.event_id, coalesce(d.execution_stopped_at, d.updated_at) AS failed_at,
        coalesce(d.error_name, CASE d.execution_status WHEN 'TIMED_OUT' THEN 'States.Timeout' END, w.error_name, '') AS error_name,
        coalesce(w.status_code, 0) AS status_code,
        coalesce(w.cause, '') AS cause,
        coalesce(w.answer_fingerprint, '') AS answer_fingerprint,
        w.id AS attempt_id,
        coalesce(w.retry_after, interval '0') AS retry_after
    FROM nigredo.deliveries AS d
    LEFT JOIN nigredo.webhook_logs AS w
        ON w.lead_id = d.lead_id AND w.event_id = d.event_id AND w.attempt_number = (
            SELECT max(a.attempt_number)
            FROM nigredo.webhook_logs AS a
            WHERE a.lead_id = d.lead_id AND a.event_id = d.event_id
        )
    WHERE d.status = 'failed'
        AND NOT EXISTS (SELECT FROM nigredo.webhook_logs AS s WHERE s.lead_id = d.lead_id AND s.event_id = d.event_id AND s.success)
        AND coalesce(d.execution_stopped_at, d.updated_at) >= sqlc.arg(failed_from)::timestamptz
        AND coalesce(d.execution_stopped_at, d.updated_at) < sqlc.arg(failed_to)::timestamptz
), grouped AS (
    SELECT
        f.error_name, f.status_code, f.cause, f.answer_fingerprint,
        count(*) AS deliveries, min(f.failed_at) AS first_seen, max(f.failed_at) AS last_seen, max(f.retry_after) AS retry_after,
        (array_agg(f.lead_id ORDER BY f.failed_at DESC, f.event_id DESC))[1] AS sample_lead_id,
        (array_agg(f.attempt_id ORDER BY f.failed_at DESC, f.event_id DESC))[1] AS sample_attempt_id,
        sum(count(*)) OVER () AS total
    FROM failed AS f
    WHERE sqlc.arg(error_name)::text = '' OR f.error_name = sqlc.arg(error_name)::text
    GROUP BY f.error_name, f.status_code, f.cause, f.answer_fingerprint
)
SELECT
    g.error_name::text AS error_name, g.status_code::integer AS status_code, g.cause::text AS cause,
    g.answer_fingerprint::text AS answer_fingerprint, g.deliveries::bigint AS deliveries,
    g.first_seen::timestamptz AS first_seen, g.last_seen::timestamptz AS last_seen, g.retry_after::interval AS retry_after,
    g.sample_lead_id::uuid AS sample_lead_id,
    coalesce(s.answer_excerpt, '')::text AS answer_excerpt, g.total::bigint AS total
FROM grouped AS g
LEFT JOIN nigredo.webhook_logs AS s ON s.id = g.sample_attempt_id AND s.cause IS NOT NULL
ORDER BY g.deliveries DESC, g.last_seen DESC, g.error_name, g.status_code, g.cause, g.answer_fingerprint
LIMIT sqlc.arg(page_size)::integer;
