-- name: PlanRedrive :one
-- Counts what a campaign with this filter would do.
WITH chosen AS MATERIALIZED (
    SELECT f.failed_at, f.redrivable_until, f.redrivable_until > clock_timestamp() AS redrivable, f.error_name, f.withheld, f.busy
    FROM nigredo.failed_deliveries AS f
    WHERE f.failed_at >= sqlc.arg(failed_from)::timestamptz
        AND f.failed_at < sqlc.arg(failed_to)::timestamptz
        AND (sqlc.arg(error_name)::text = '' OR f.error_name = sqlc.arg(error_name)::text)
        AND (sqlc.arg(status_class)::text = '' OR f.status_class = sqlc.arg(status_class)::text)
        AND (sqlc.arg(lead_id)::uuid = '00000000-0000-0000-0000-000000000000' OR f.lead_id = sqlc.arg(lead_id)::uuid)
), sendable AS (
    SELECT c.* FROM chosen AS c WHERE NOT c.withheld AND NOT c.busy
)
SELECT
    count(*) FILTER (WHERE s.redrivable)::integer AS redrivable,
    count(*) FILTER (WHERE NOT s.redrivable)::integer AS fresh,
    count(*) FILTER (WHERE s.error_name = 'Fibonacci.Rejected')::integer AS would_fail_again,
    (SELECT count(*) FROM chosen AS c WHERE c.withheld)::integer AS withheld,
    (SELECT count(*) FROM chosen AS c WHERE NOT c.withheld AND c.busy)::integer AS busy,
    coalesce(min(s.failed_at), 'epoch')::timestamptz AS oldest,
    coalesce(max(s.failed_at), 'epoch')::timestamptz AS newest,
    coalesce(min(s.redrivable_until) FILTER (WHERE s.redrivable), 'epoch')::timestamptz AS soonest_expiry
FROM sendable AS s;

-- name: PlanCauses :many
-- The failures of a plan by what went wrong, the most frequent first.
SELECT coalesce(f.error_name, '')::text AS error_name, coalesce(f.status_code, 0)::integer AS status_code, count(*)::integer AS failures
FROM nigredo.failed_deliveries AS f
WHERE f.failed_at >= sqlc.arg(failed_from)::timestamptz
    AND f.failed_at < sqlc.arg(failed_to)::timestamptz
    AND (sqlc.arg(error_name)::text = '' OR f.error_name = sqlc.arg(error_name)::text)
    AND (sqlc.arg(status_class)::text = '' OR f.status_class = sqlc.arg(status_class)::text)
    AND (sqlc.arg(lead_id)::uuid = '00000000-0000-0000-0000-000000000000' OR f.lead_id = sqlc.arg(lead_id)::uuid)
    AND NOT f.withheld AND NOT f.busy
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
LIMIT 50;

-- name: PlanSample :many
-- The leads that a campaign would begin with.
SELECT
    f.lead_id, coalesce(f.execution_arn, '')::text AS execution_arn, coalesce(f.error_name, '')::text AS error_name,
    coalesce(f.status_code, 0)::integer AS status_code, coalesce(f.failed_at, 'epoch')::timestamptz AS failed_at,
    (f.redrivable_until <= clock_timestamp())::boolean AS fresh
FROM nigredo.failed_deliveries AS f
WHERE f.failed_at >= sqlc.arg(failed_from)::timestamptz
    AND f.failed_at < sqlc.arg(failed_to)::timestamptz
    AND (sqlc.arg(error_name)::text = '' OR f.error_name = sqlc.arg(error_name)::text)
    AND (sqlc.arg(status_class)::text = '' OR f.status_class = sqlc.arg(status_class)::text)
    AND (sqlc.arg(lead_id)::uuid = '00000000-0000-0000-0000-000000000000' OR f.lead_id = sqlc.arg(lead_id)::uuid)
    AND NOT f.withheld AND NOT f.busy
ORDER BY f.lead_created_at DESC, f.event_id DESC
LIMIT sqlc.arg(page_size)::integer;

-- name: CreateRedrive :exec
-- Records the decision, and who made it.
WITH decided AS (
    INSERT INTO nigredo.redrives (
        id, status, reason, created_by, created_at, failed_from, failed_to, error_name, status_class, lead_id,
        canary, rate_per_minute, stop_share, updated_at
    )
    VALUES (
        sqlc.arg(id)::uuid, 'planned', sqlc.arg(reason)::text, sqlc.arg(created_by)::text, clock_timestamp(),
        sqlc.arg(failed_from)::timestamptz, sqlc.arg(failed_to)::timestamptz,
        nullif(sqlc.arg(error_name)::text, ''), nullif(sqlc.arg(status_class)::text, ''),
        nullif(sqlc.arg(lead_id)::uuid, '00000000-0000-0000-0000-000000000000'),
        sqlc.arg(canary)::integer, sqlc.arg(rate_per_minute)::integer, sqlc.arg(stop_share)::float8, clock_timestamp()
    )
    RETURNING id, created_at, created_by
)
INSERT INTO nigredo.redrive_actions (id, campaign_id, at, actor, action)
SELECT sqlc.arg(action_id)::uuid, decided.id, decided.created_at, decided.created_by, 'created'
FROM decided;

-- name: GetRedrive :one
-- One campaign.
SELECT sqlc.embed(r) FROM nigredo.redrives AS r WHERE r.id = sqlc.arg(id);

-- name: LockRedrive :one
-- One campaign, which nobody else changes until the transaction ends.
SELECT sqlc.embed(r) FROM nigredo.redrives AS r WHERE r.id = sqlc.arg(id) FOR UPDATE;

-- name: ListRedrives :many
-- Campaigns, newest first, from the position after which the last page ended.
SELECT sqlc.embed(r)
FROM nigredo.redrives AS r
WHERE (r.created_at, r.id) < (sqlc.arg(after_created_at)::timestamptz, sqlc.arg(after_id)::uuid)
ORDER BY r.created_at DESC, r.id DESC
LIMIT sqlc.arg(page_size)::integer;

-- name: CountRedriveItems :many
-- The leads of campaigns by where they stand.
SELECT i.campaign_id, i.state, count(*)::integer AS items
FROM nigredo.redrive_items AS i
WHERE i.campaign_id = ANY(sqlc.arg(campaign_ids)::uuid[])
GROUP BY i.campaign_id, i.state;

-- name: ListRedriveActions :many
-- Who did what to a campaign, oldest first.
SELECT a.at, a.actor, a.action
FROM nigredo.redrive_actions AS a
WHERE a.campaign_id = sqlc.arg(campaign_id)
ORDER BY a.at, a.id;

-- name: ListRedriveItems :many
-- The report of a campaign: one row a lead, in the order of sending.
SELECT sqlc.embed(i)
FROM nigredo.redrive_items AS i
WHERE i.campaign_id = sqlc.arg(campaign_id) AND i.position > sqlc.arg(after)
ORDER BY i.position
LIMIT sqlc.arg(page_size)::integer;

-- name: SteerRedrive :one
-- Pauses, resumes or cancels a campaign when it stands where that is possible. Resume
-- and cancel hand it to the next part: that one sends on, or reads the outcomes of
-- what was sent before the cancel. After a stop it begins with a canary again. What a
-- cancelled campaign has not sent stays unsent. The campaign's row is locked before.
-- No row: it was not possible.
WITH steered AS (
    UPDATE nigredo.redrives AS r
    SET status = CASE sqlc.arg(action)::text
            WHEN 'paused' THEN 'paused'
            WHEN 'cancelled' THEN 'cancelled'
            ELSE CASE WHEN r.planned_at IS NULL THEN 'planned' ELSE 'running' END END,
        part = CASE WHEN sqlc.arg(action)::text IN ('resumed', 'cancelled') THEN r.part + 1 ELSE r.part END,
        batch = CASE WHEN sqlc.arg(action)::text = 'resumed' AND r.status = 'stopped' AND NOT EXISTS (
                SELECT FROM nigredo.redrive_items AS i WHERE i.campaign_id = r.id AND i.batch = r.batch AND i.state IN ('taken', 'sent')
            ) THEN r.batch + 1 ELSE r.batch END,
        probe = CASE WHEN sqlc.arg(action)::text = 'resumed' AND r.status = 'stopped' THEN true ELSE r.probe END,
        stop_reason = CASE WHEN sqlc.arg(action)::text IN ('resumed', 'cancelled') THEN NULL ELSE r.stop_reason END,
        finished_at = CASE WHEN sqlc.arg(action)::text = 'cancelled' THEN clock_timestamp() END,
        updated_at = clock_timestamp()
    FROM nigredo.redrives AS earlier
    WHERE r.id = sqlc.arg(id)::uuid AND earlier.id = r.id
        AND CASE sqlc.arg(action)::text
            WHEN 'paused' THEN r.status IN ('planned', 'running')
            WHEN 'cancelled' THEN r.status IN ('planned', 'running', 'paused') OR r.status IN ('stopped', 'cancelled') AND EXISTS (
                SELECT FROM nigredo.redrive_items AS i WHERE i.campaign_id = r.id AND i.state IN ('taken', 'sent')
            )
            WHEN 'resumed' THEN r.status IN ('planned', 'running', 'paused', 'stopped') END
    RETURNING r.id, r.part, r.updated_at, earlier.status AS earlier_status
), released AS (
    UPDATE nigredo.redrive_items AS i
    SET state = 'unsent', closed_at = clock_timestamp()
    FROM steered
    WHERE sqlc.arg(action)::text = 'cancelled' AND i.campaign_id = steered.id AND i.state = 'pending'
), reopened AS (
    UPDATE nigredo.redrive_items AS i
    SET state = 'pending', batch = NULL, mode = NULL, note = NULL, taken_at = NULL, sent_at = NULL, closed_at = NULL
    FROM steered
    WHERE sqlc.arg(action)::text = 'resumed' AND steered.earlier_status = 'stopped'
        AND i.campaign_id = steered.id AND i.state IN ('unsent', 'failed')
        AND NOT EXISTS (
            SELECT 1 FROM nigredo.redrive_items AS other
            WHERE other.event_id = i.event_id AND other.campaign_id <> i.campaign_id AND other.state IN ('pending', 'taken', 'sent')
        )
)
INSERT INTO nigredo.redrive_actions (id, campaign_id, at, actor, action)
SELECT sqlc.arg(action_id)::uuid, steered.id, steered.updated_at, sqlc.arg(actor)::text, sqlc.arg(action)::text
FROM steered
RETURNING campaign_id;

-- name: AdoptRedrive :exec
-- The part that another one handed over to takes the campaign.
UPDATE nigredo.redrives AS r
SET part = sqlc.arg(part)::integer, updated_at = clock_timestamp()
WHERE r.id = sqlc.arg(id)::uuid AND r.part = sqlc.arg(part)::integer - 1;

-- name: ListFailedForRedrive :exec
-- Writes a row for each lead that the campaign's filter chooses, newest lead first.
-- One in another unfinished campaign is left to that.
INSERT INTO nigredo.redrive_items (campaign_id, position, event_id, lead_id, state, error_name)
SELECT
    r.id, row_number() OVER (ORDER BY f.lead_created_at DESC, f.event_id DESC), f.event_id, f.lead_id, 'pending', f.error_name
FROM nigredo.redrives AS r
JOIN nigredo.failed_deliveries AS f
    ON f.failed_at >= r.failed_from AND f.failed_at < r.failed_to
    AND (r.error_name IS NULL OR f.error_name = r.error_name)
    AND (r.status_class IS NULL OR f.status_class = r.status_class)
    AND (r.lead_id IS NULL OR f.lead_id = r.lead_id)
WHERE r.id = sqlc.arg(id)::uuid AND r.planned_at IS NULL AND NOT f.withheld AND NOT f.busy
ON CONFLICT DO NOTHING;

-- name: BeginRedrive :exec
-- The leads are listed: from here on the campaign sends.
UPDATE nigredo.redrives AS r
SET planned_at = clock_timestamp(), updated_at = clock_timestamp(),
    status = CASE r.status WHEN 'planned' THEN 'running' ELSE r.status END
WHERE r.id = sqlc.arg(id)::uuid AND r.planned_at IS NULL AND r.status <> 'cancelled';

-- name: JudgeBatch :one
-- What became of a batch, and what it failed with most often.
SELECT
    count(*) FILTER (WHERE i.state IN ('pending', 'taken', 'sent'))::integer AS unsettled,
    count(*) FILTER (WHERE i.state = 'delivered')::integer AS delivered,
    count(*) FILTER (WHERE i.state = 'failed')::integer AS failed,
    coalesce(mode() WITHIN GROUP (ORDER BY i.error_name) FILTER (WHERE i.state = 'failed'), '')::text AS cause
FROM nigredo.redrive_items AS i
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer;

-- name: AssignBatch :execrows
-- Gives the next pending leads the number of the next batch.
WITH chosen AS (
    SELECT i.position
    FROM nigredo.redrive_items AS i
    WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.state = 'pending' AND i.batch IS NULL
    ORDER BY i.position
    LIMIT sqlc.arg(size)::integer
)
UPDATE nigredo.redrive_items AS i
SET batch = sqlc.arg(batch)::integer
FROM chosen
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.position = chosen.position;

-- name: AdvanceRedrive :exec
-- The campaign goes on with a batch.
UPDATE nigredo.redrives AS r
SET batch = sqlc.arg(batch)::integer, probe = sqlc.arg(probe)::boolean, updated_at = clock_timestamp()
WHERE r.id = sqlc.arg(id)::uuid;

-- name: FinishRedrive :exec
-- Ends a campaign by itself: completed, or stopped for a reason. What was not sent
-- stays unsent.
WITH finished AS (
    UPDATE nigredo.redrives AS r
    SET status = sqlc.arg(status)::text, stop_reason = nullif(sqlc.arg(stop_reason)::text, ''),
        finished_at = clock_timestamp(), updated_at = clock_timestamp()
    WHERE r.id = sqlc.arg(id)::uuid AND r.status = 'running'
    RETURNING r.id, r.finished_at
), released AS (
    UPDATE nigredo.redrive_items AS i
    SET state = 'unsent', closed_at = clock_timestamp()
    FROM finished
    WHERE i.campaign_id = finished.id AND i.state = 'pending'
)
INSERT INTO nigredo.redrive_actions (id, campaign_id, at, actor, action)
SELECT sqlc.arg(action_id)::uuid, finished.id, finished.finished_at, sqlc.arg(actor)::text, sqlc.arg(status)::text
FROM finished;

-- name: EndRedrive :execrows
-- Pauses a campaign whose execution died, unless another part goes on. A part may die
-- before it took the campaign from the one that handed over to it.
WITH ended AS (
    UPDATE nigredo.redrives AS r
    SET status = 'paused', stop_reason = sqlc.arg(stop_reason)::text, updated_at = clock_timestamp()
    WHERE r.id = sqlc.arg(id)::uuid AND r.status IN ('planned', 'running')
        AND r.part IN (sqlc.arg(part)::integer, sqlc.arg(part)::integer - 1)
    RETURNING r.id, r.updated_at
)
INSERT INTO nigredo.redrive_actions (id, campaign_id, at, actor, action)
SELECT sqlc.arg(action_id)::uuid, ended.id, ended.updated_at, sqlc.arg(actor)::text, 'paused'
FROM ended;

-- name: NoteResults :exec
-- Writes what the machine says of the leads of a wave, and what was sent into the
-- ledger. One that was refused was sent all the same when the books have heard of its
-- redrive: the answers got lost. One that somebody else redrove while it was promised
-- to us gets the entry that it did not get then.
WITH noted AS (
    UPDATE nigredo.redrive_items AS i
    SET state = CASE result.outcome WHEN 'sent' THEN 'sent' WHEN 'overtaken' THEN 'skipped' ELSE 'failed' END,
        mode = coalesce(nullif(result.mode, ''), i.mode),
        execution_arn = coalesce(nullif(result.execution_arn, ''), i.execution_arn),
        redrive_count = CASE WHEN result.mode = 'fresh' THEN 0 ELSE i.redrive_count END,
        error_name = CASE result.outcome WHEN 'error' THEN result.error_name ELSE i.error_name END,
        note = CASE result.outcome
            WHEN 'overtaken' THEN 'redriven or delivered by somebody else meanwhile'
            WHEN 'error' THEN 'Step Functions refused the redrive' END,
        sent_at = CASE result.outcome WHEN 'sent' THEN clock_timestamp() END,
        closed_at = CASE WHEN result.outcome <> 'sent' THEN clock_timestamp() END
    FROM (
        SELECT
            said.position, said.number, said.mode, said.execution_arn, said.error_name,
            CASE WHEN said.outcome = 'error' AND EXISTS (
                SELECT FROM nigredo.redrive_items AS x
                JOIN nigredo.deliveries AS d ON d.event_id = x.event_id
                WHERE x.campaign_id = sqlc.arg(campaign_id)::uuid AND x.position = said.position
                    AND (
                        d.execution_arn = x.execution_arn AND d.redrive_count >= x.redrive_count
                        OR d.execution_arn <> x.execution_arn AND d.execution_started_at >= x.taken_at - interval '5 seconds'
                    )
            ) THEN 'sent' ELSE said.outcome END AS outcome
        FROM (
            SELECT
                unnest(sqlc.arg(positions)::integer[]) AS position,
                generate_subscripts(sqlc.arg(positions)::integer[], 1) AS number,
                unnest(sqlc.arg(outcomes)::text[]) AS outcome,
                unnest(sqlc.arg(modes)::text[]) AS mode,
                unnest(sqlc.arg(execution_arns)::text[]) AS execution_arn,
                unnest(sqlc.arg(error_names)::text[]) AS error_name
        ) AS said
    ) AS result
    WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer
        AND i.position = result.position
        AND (
            i.state = 'taken'
            -- An earlier part, that is superseded, may have said before that it was not sent.
            OR result.outcome = 'sent' AND i.state IN ('skipped', 'failed') AND i.sent_at IS NULL AND i.taken_at IS NOT NULL
                AND EXISTS (SELECT FROM nigredo.redrives AS r WHERE r.id = i.campaign_id AND r.status = 'running' AND r.batch = i.batch)
        )
    RETURNING i.lead_id, i.event_id, i.state, i.mode, i.execution_arn, i.redrive_count, result.number
), said AS (
    SELECT
        noted.number, noted.lead_id, 'delivery.redriven' AS kind, r.created_by AS actor,
        jsonb_strip_nulls(jsonb_build_object(
            'campaignId', r.id, 'mode', noted.mode,
            'redriveCount', CASE noted.mode WHEN 'redrive' THEN noted.redrive_count END
        )) AS details
    FROM noted
    JOIN nigredo.redrives AS r ON r.id = sqlc.arg(campaign_id)::uuid
    WHERE noted.state = 'sent'
    UNION ALL
    SELECT
        noted.number, noted.lead_id, 'delivery.redriven_outside', noted.execution_arn,
        jsonb_build_object('redriveCount', d.redrive_count)
    FROM noted
    JOIN nigredo.deliveries AS d ON d.event_id = noted.event_id
    WHERE noted.state = 'skipped' AND d.execution_arn = noted.execution_arn AND d.redrive_count >= noted.redrive_count
        AND NOT EXISTS (
            SELECT FROM nigredo.ledger AS g
            WHERE g.lead_id = noted.lead_id AND g.kind = 'delivery.redriven_outside'
                AND g.actor = noted.execution_arn AND (g.details ->> 'redriveCount')::integer >= d.redrive_count
        )
)
INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
SELECT (sqlc.arg(entry_ids)::uuid[])[said.number], said.lead_id, clock_timestamp(), said.kind, said.actor, said.details
FROM said;

-- name: UnheardItems :many
-- What was sent and whose execution the books have not heard of: it counts as running
-- from here on, so that the sweep asks for it when no event ever comes. A fresh
-- execution began after the one that failed, and no earlier than that is known; times
-- of executions count milliseconds.
SELECT
    i.lead_id, i.event_id, coalesce(i.execution_arn, '')::text AS execution_arn, coalesce(i.redrive_count, 0)::integer AS redrive_count,
    (CASE i.mode WHEN 'fresh' THEN date_trunc('milliseconds', d.execution_started_at) + interval '1 millisecond' ELSE d.execution_started_at END)::timestamptz AS started_at
FROM nigredo.redrive_items AS i
JOIN nigredo.deliveries AS d ON d.event_id = i.event_id
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer
    AND i.position = ANY(sqlc.arg(positions)::integer[]) AND i.state = 'sent'
    AND d.status = 'failed'
    AND d.execution_stopped_at <= i.taken_at + interval '5 seconds'
    AND CASE i.mode WHEN 'fresh' THEN d.execution_arn <> i.execution_arn
        ELSE d.execution_arn = i.execution_arn AND d.redrive_count < i.redrive_count END;

-- name: TakeItems :exec
-- Promises the next leads of a batch to the machine, at most size together with those
-- that are promised already. Each is looked at again: one that was delivered, or that
-- runs, is skipped, one erased or quarantined withheld. What is promised is in the
-- ledger.
WITH candidate AS (
    SELECT
        i.position, i.event_id, i.lead_id,
        d.status, d.execution_arn, d.redrive_count, d.execution_stopped_at,
        l.status IN ('withheld', 'quarantined') AS withheld,
        d.status = 'failed' AND d.execution_status IN ('FAILED', 'TIMED_OUT', 'ABORTED')
            AND l.status NOT IN ('withheld', 'quarantined') AS sendable
    FROM nigredo.redrive_items AS i
    LEFT JOIN nigredo.deliveries AS d ON d.event_id = i.event_id
    LEFT JOIN nigredo.leads AS l ON l.id = i.lead_id
    WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer AND i.state = 'pending'
), chosen AS (
    SELECT c.*
    FROM candidate AS c
    WHERE c.sendable
    ORDER BY c.position
    LIMIT greatest(sqlc.arg(size)::integer - (
        SELECT count(*) FROM nigredo.redrive_items AS t
        WHERE t.campaign_id = sqlc.arg(campaign_id)::uuid AND t.batch = sqlc.arg(batch)::integer AND t.state = 'taken'
    ), 0)
), taken AS (
    UPDATE nigredo.redrive_items AS i
    SET state = 'taken', taken_at = clock_timestamp(), sends = i.sends + 1,
        mode = CASE WHEN nigredo.redrivable_until(chosen.execution_stopped_at) > clock_timestamp() THEN 'redrive' ELSE 'fresh' END,
        execution_arn = chosen.execution_arn,
        redrive_count = chosen.redrive_count + 1
    FROM chosen
    WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.position = chosen.position
)
UPDATE nigredo.redrive_items AS i
SET state = CASE WHEN candidate.withheld OR candidate.withheld IS NULL THEN 'withheld' ELSE 'skipped' END,
    closed_at = clock_timestamp(),
    note = CASE
        WHEN candidate.withheld OR candidate.withheld IS NULL THEN 'erased or quarantined meanwhile'
        WHEN candidate.status = 'delivered' THEN 'delivered meanwhile'
        ELSE 'redriven by somebody else meanwhile' END
FROM candidate
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.position = candidate.position AND candidate.sendable IS NOT TRUE;

-- name: TakenItems :many
-- The leads that are promised to the machine. fresh_number is above that of every
-- execution of the lead so far: no two have one name.
SELECT
    i.position, i.lead_id, i.event_id, i.mode, i.execution_arn, i.sends,
    greatest(
        (SELECT sum(e.sends) FROM nigredo.redrive_items AS e WHERE e.event_id = i.event_id),
        substring(i.execution_arn FROM ':lead-[0-9a-f-]{36}-([0-9]{1,6})$')::integer
    )::integer + 1 AS fresh_number
FROM nigredo.redrive_items AS i
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer AND i.state = 'taken'
ORDER BY i.position
LIMIT sqlc.arg(size)::integer;

-- name: LockDeliveriesOfWave :exec
-- Locks the deliveries of a wave, in one order, so that what Track writes of them is
-- there before or comes after.
SELECT
FROM nigredo.redrive_items AS i
JOIN nigredo.deliveries AS d ON d.event_id = i.event_id
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer
    AND i.position = ANY(sqlc.arg(positions)::integer[])
ORDER BY d.event_id
FOR NO KEY UPDATE;

-- name: SettleItems :exec
-- Reads the outcome of what was sent out of the deliveries: it counts from the very
-- redrive, or the very execution, that the campaign made, or a later one of somebody
-- else. What was promised and never noted, in a campaign that has ended, was sent when
-- the books have heard of it, and otherwise not, two minutes after the promise.
WITH settled AS (
    UPDATE nigredo.redrive_items AS i
    SET state = CASE
            WHEN outcome.gone THEN 'withheld'
            WHEN outcome.heard THEN CASE outcome.status WHEN 'delivered' THEN 'delivered' WHEN 'withheld' THEN 'withheld' ELSE 'failed' END
            ELSE 'unsent' END,
        error_name = CASE WHEN outcome.heard AND outcome.status = 'failed' THEN outcome.error_name ELSE i.error_name END,
        sent_at = CASE WHEN outcome.heard OR outcome.gone THEN coalesce(i.sent_at, i.taken_at) ELSE i.sent_at END,
        closed_at = clock_timestamp()
    FROM (
        SELECT
            x.position, x.state = 'taken' AS promised, d.status, d.error_name, l.id IS NULL AS gone,
            coalesce(
                d.status IN ('delivered', 'withheld')
                OR d.status = 'failed' AND d.execution_stopped_at >= x.taken_at - interval '5 seconds'
                    AND (d.execution_arn <> x.execution_arn OR d.redrive_count >= x.redrive_count),
                false
            ) AS heard,
            coalesce(d.status = 'running' AND (d.execution_arn <> x.execution_arn OR d.redrive_count >= x.redrive_count), false) AS runs
        FROM nigredo.redrive_items AS x
        LEFT JOIN nigredo.deliveries AS d ON d.event_id = x.event_id
        LEFT JOIN nigredo.leads AS l ON l.id = x.lead_id
        WHERE x.campaign_id = sqlc.arg(campaign_id)::uuid AND x.batch = sqlc.arg(batch)::integer AND x.state IN ('taken', 'sent')
    ) AS outcome
    WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.position = outcome.position
        AND CASE i.state
            WHEN 'sent' THEN outcome.heard OR outcome.gone
            WHEN 'taken' THEN sqlc.arg(ended)::boolean AND NOT outcome.runs
                AND (outcome.heard OR outcome.gone OR i.taken_at < clock_timestamp() - interval '2 minutes')
            ELSE false END
    RETURNING i.lead_id, i.mode, i.redrive_count, outcome.promised AND outcome.heard AS unnoted
), unnoted AS (
    SELECT s.lead_id, s.mode, s.redrive_count, row_number() OVER () AS number FROM settled AS s WHERE s.unnoted
)
INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
SELECT
    (sqlc.arg(entry_ids)::uuid[])[u.number], u.lead_id, clock_timestamp(), 'delivery.redriven', r.created_by,
    jsonb_strip_nulls(jsonb_build_object(
        'campaignId', r.id, 'mode', u.mode, 'redriveCount', CASE u.mode WHEN 'redrive' THEN u.redrive_count END
    ))
FROM unnoted AS u
JOIN nigredo.redrives AS r ON r.id = sqlc.arg(campaign_id)::uuid;

-- name: OpenItems :one
-- How many leads of a batch have no outcome yet, and how long ago the last was sent.
-- In a campaign that has ended, those that were promised count as well.
SELECT
    count(*) FILTER (WHERE i.state = 'sent' OR sqlc.arg(ended)::boolean AND i.state = 'taken')::integer AS open,
    coalesce(clock_timestamp() - max(i.sent_at), interval '0')::interval AS since
FROM nigredo.redrive_items AS i
WHERE i.campaign_id = sqlc.arg(campaign_id)::uuid AND i.batch = sqlc.arg(batch)::integer;
