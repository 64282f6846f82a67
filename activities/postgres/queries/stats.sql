-- name: CountView :exec
-- Counts one look at a page; nigredo.count_view decides under which name.
SELECT nigredo.count_view(sqlc.arg(page)::text, sqlc.arg(source)::text, sqlc.arg(variant)::text, sqlc.arg(most)::integer);

-- name: StatsByDay :many
-- Leads by the day in UTC on which they came in and the status they have now.
SELECT (l.created_at AT TIME ZONE 'UTC')::date::text AS day, l.status, count(*) AS leads
FROM nigredo.leads AS l
WHERE l.created_at >= sqlc.arg(first)::timestamptz AND l.created_at < sqlc.arg(beyond)::timestamptz
GROUP BY (l.created_at AT TIME ZONE 'UTC')::date, l.status
ORDER BY (l.created_at AT TIME ZONE 'UTC')::date, l.status;

-- name: StatsByOrigin :many
-- Leads and views of the landing pages by source and variant, the most accepted
-- first. A lead's variant is its own, else its utm.content when that is a word, as
-- views have it. total counts what is beyond the limit too.
WITH counted AS (
    SELECT
        l.source,
        CASE
            WHEN l.variant IS NOT NULL THEN l.variant
            WHEN l.utm_content IS NULL THEN 'none'
            WHEN l.utm_content ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' THEN l.utm_content
            ELSE 'other' END AS variant,
        1 AS accepted, (l.status = 'quarantined')::integer AS quarantined, 0 AS views
    FROM nigredo.leads AS l
    WHERE l.created_at >= sqlc.arg(first)::timestamptz AND l.created_at < sqlc.arg(beyond)::timestamptz
    UNION ALL
    SELECT v.source, v.variant, 0, 0, v.views
    FROM nigredo.page_views AS v
    WHERE v.day >= (sqlc.arg(first)::timestamptz AT TIME ZONE 'UTC')::date
        AND v.day < (sqlc.arg(beyond)::timestamptz AT TIME ZONE 'UTC')::date
        AND v.page = ANY(sqlc.arg(landing_pages)::text[])
)
SELECT
    c.source, c.variant::text AS variant,
    sum(c.accepted)::bigint AS accepted, sum(c.quarantined)::bigint AS quarantined, sum(c.views)::bigint AS views,
    count(*) OVER () AS total
FROM counted AS c
GROUP BY c.source, c.variant
ORDER BY sum(c.accepted) DESC, sum(c.views) DESC, c.source, c.variant
LIMIT sqlc.arg(page_size)::integer;
