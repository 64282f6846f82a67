-- The books on deliveries, and what the sweep needs to keep them balanced.

-- backward compatible: yes

-- +goose Up
ALTER TABLE nigredo.deliveries
    ADD COLUMN checked_at timestamptz,
    ADD COLUMN looked_at timestamptz,
    ADD COLUMN outcome text CHECK (outcome IN ('delivered', 'withheld'));
COMMENT ON COLUMN nigredo.deliveries.outcome IS
    'What the output of an execution that succeeded says of it; null when it was not told.';
COMMENT ON COLUMN nigredo.deliveries.looked_at IS
    'When the sweep last got no answer about the delivery. It is no news: it only lets others go first.';
-- A time without end would stop the arithmetic of every row beside it.
ALTER TABLE nigredo.deliveries ADD CONSTRAINT deliveries_times_are_finite CHECK (
    isfinite(created_at) AND isfinite(updated_at)
    AND isfinite(coalesce(due_at, created_at)) AND isfinite(coalesce(execution_started_at, created_at))
    AND isfinite(coalesce(execution_stopped_at, created_at)) AND isfinite(coalesce(checked_at, created_at))
);
COMMENT ON COLUMN nigredo.deliveries.checked_at IS
    'When the sweep last asked Step Functions for the execution and learned nothing new. News of an execution is the later of this and updated_at.';

-- What runs: few rows, whatever the size of the table.
CREATE INDEX deliveries_running ON nigredo.deliveries (updated_at) WHERE status = 'running';

-- One entry for each lead that was ever answered with 201, and one for each whose
-- delivery is proven: the books are balanced over these two and read a row of
-- deliveries or leads only for what is not delivered.
CREATE INDEX ledger_accepted ON nigredo.ledger (lead_id) WHERE kind = 'lead.accepted';
CREATE INDEX webhook_logs_success ON nigredo.webhook_logs (lead_id) WHERE success;

-- sweep_period is how often delivery_sweep runs (states/schedules.json): a start
-- may be due for one period, and an execution go unheard of for two.
-- +goose StatementBegin
CREATE FUNCTION nigredo.sweep_period() RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT interval '5 minutes' $$;
-- +goose StatementEnd

-- delivery_status is what news of an execution makes of its delivery. A delivery is
-- delivered when an attempt succeeded or the execution's output says so.
-- +goose StatementBegin
CREATE FUNCTION nigredo.delivery_status(p_execution_status text, p_outcome text, p_succeeded boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN p_execution_status = 'RUNNING' THEN 'running'
        WHEN p_succeeded THEN 'delivered'
        WHEN p_execution_status = 'SUCCEEDED' THEN coalesce(p_outcome, 'withheld')
        ELSE 'failed' END
$$;
-- +goose StatementEnd

CREATE TYPE nigredo.locked_delivery AS (
    event_id      uuid,
    execution_arn text,
    redrive_count integer,
    succeeded     boolean, -- an attempt succeeded
    consistent    boolean  -- the statuses say what execution, outcome and attempts make of them
);

-- +goose StatementBegin
-- lock_delivery locks a delivery, then reads it: whoever waited for the lock sees
-- what its holder did, attempts included, which a statement that waited itself does
-- not. No event id: the delivery of the lead. All null: there is none.
CREATE FUNCTION nigredo.lock_delivery(p_lead_id uuid, p_event_id uuid) RETURNS nigredo.locked_delivery
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found_event uuid;
    answer      nigredo.locked_delivery;
BEGIN
    SELECT d.event_id INTO found_event
    FROM nigredo.deliveries AS d
    WHERE d.lead_id = p_lead_id
        AND CASE WHEN p_event_id IS NULL THEN d.type = 'lead.created' ELSE d.event_id = p_event_id END
    FOR NO KEY UPDATE;
    SELECT
        d.event_id, d.execution_arn, d.redrive_count, a.succeeded,
        (d.execution_status IS NULL OR d.status = nigredo.delivery_status(d.execution_status, d.outcome, a.succeeded))
        AND CASE WHEN d.execution_status = 'RUNNING' THEN l.status <> 'delivered' OR a.succeeded
            ELSE (l.status = 'delivered') = (a.succeeded OR coalesce(d.execution_status = 'SUCCEEDED' AND d.outcome = 'delivered', false)) END
    INTO answer
    FROM nigredo.deliveries AS d
    JOIN nigredo.leads AS l ON l.id = d.lead_id
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM nigredo.webhook_logs AS w WHERE w.lead_id = d.lead_id AND w.event_id = d.event_id AND w.success
        ) AS succeeded
    ) AS a
    WHERE d.event_id = found_event;
    RETURN answer;
END
$$;
-- +goose StatementEnd

CREATE VIEW nigredo.unproven AS
SELECT
    a.lead_id,
    (CASE
        WHEN s.problem <> '' THEN 'unaccounted'
        WHEN d.execution_status = 'SUCCEEDED' AND d.outcome = 'delivered' THEN 'delivered'
        WHEN d.execution_status = 'SUCCEEDED' OR l.status = 'withheld' AND (d.event_id IS NULL OR d.status = 'withheld') THEN 'withheld'
        WHEN d.status = 'held' THEN 'quarantined'
        WHEN d.execution_status IN ('FAILED', 'TIMED_OUT', 'ABORTED') THEN 'failed'
        ELSE 'in_flight' END)::text AS class,
    s.problem
FROM (SELECT DISTINCT g.lead_id FROM nigredo.ledger AS g WHERE g.kind = 'lead.accepted') AS a
LEFT JOIN nigredo.leads AS l ON l.id = a.lead_id
LEFT JOIN nigredo.deliveries AS d ON d.lead_id = a.lead_id AND d.type = 'lead.created'
CROSS JOIN LATERAL (
    SELECT
        (CASE
            WHEN l.id IS NULL THEN 'no_lead'
            WHEN d.event_id IS NULL AND l.status <> 'withheld' THEN 'no_delivery'
            WHEN d.execution_status = 'SUCCEEDED' AND d.outcome = 'delivered' THEN ''
            WHEN l.status = 'delivered' OR d.status = 'delivered' THEN
                CASE WHEN d.status <> 'held' AND (d.execution_arn IS NOT NULL OR l.status NOT IN ('withheld', 'quarantined') AND d.status <> 'withheld')
                    THEN 'no_proof' ELSE 'contradiction' END
            WHEN d.execution_status = 'SUCCEEDED' THEN CASE WHEN d.outcome IS NULL THEN 'no_proof' ELSE '' END
            -- A lead's status alone withholds nothing that is due, runs or failed.
            WHEN l.status = 'withheld' AND (d.event_id IS NULL OR d.status = 'withheld') THEN ''
            WHEN d.status = 'held' THEN CASE WHEN l.status = 'quarantined' THEN '' ELSE 'contradiction' END
            WHEN d.execution_status = 'RUNNING' THEN
                CASE WHEN greatest(d.updated_at, d.checked_at) > clock_timestamp() - 2 * nigredo.sweep_period()
                    THEN '' ELSE 'not_heard_of' END
            WHEN d.execution_status IS NOT NULL THEN ''
            WHEN d.status = 'withheld' OR l.status IN ('withheld', 'quarantined') THEN 'contradiction'
            WHEN d.status = 'due' AND d.due_at > clock_timestamp() - nigredo.sweep_period() THEN ''
            ELSE 'not_started' END)::text AS problem
) AS s
WHERE NOT EXISTS (SELECT FROM nigredo.webhook_logs AS s WHERE s.lead_id = a.lead_id AND s.success);
COMMENT ON VIEW nigredo.unproven IS
    'Every lead that was accepted, by the ledger, and of which no attempt succeeded, by webhook_logs: in exactly one class, with what is wrong where it is unaccounted. A status that claims something proves nothing.';

CREATE VIEW nigredo.unaccounted AS
SELECT
    u.lead_id, u.problem,
    (SELECT min(g.at) FROM nigredo.ledger AS g WHERE g.lead_id = u.lead_id AND g.kind = 'lead.accepted') AS accepted_at
FROM nigredo.unproven AS u
WHERE u.class = 'unaccounted';
COMMENT ON VIEW nigredo.unaccounted IS
    'Leads that nothing explains. no_delivery: nothing says that it is owed. not_started: due, and no execution was ever heard of. not_heard_of: its execution runs, and said nothing for two sweep periods. no_proof: a status claims delivery, or an execution ended and did not say how. The sweep repairs these. no_lead: the lead itself is gone. contradiction: the rows exclude each other.';

CREATE VIEW nigredo.balance AS
SELECT
    a.leads AS accepted,
    (a.leads - u.leads + u.delivered)::bigint AS delivered,
    u.failed, u.withheld, u.quarantined, u.in_flight, u.unaccounted
FROM (
    SELECT count(DISTINCT g.lead_id) AS leads FROM nigredo.ledger AS g WHERE g.kind = 'lead.accepted'
) AS a
CROSS JOIN (
    SELECT
        count(*) AS leads,
        count(*) FILTER (WHERE n.class = 'delivered') AS delivered,
        count(*) FILTER (WHERE n.class = 'failed') AS failed,
        count(*) FILTER (WHERE n.class = 'withheld') AS withheld,
        count(*) FILTER (WHERE n.class = 'quarantined') AS quarantined,
        count(*) FILTER (WHERE n.class = 'in_flight') AS in_flight,
        count(*) FILTER (WHERE n.class = 'unaccounted') AS unaccounted
    FROM nigredo.unproven AS n
) AS u;
COMMENT ON VIEW nigredo.balance IS
    'The books, one row: every accepted lead in exactly one column. A lead that the ledger has twice counts once; an attempt of a lead that the ledger does not have counts for nothing. unaccounted must be 0.';

-- redriven_by_us tells whether a campaign of ours made a redrive: of which execution
-- (its ARN), and which one (the count that the redrive gave it). There are no
-- campaigns yet: migration 010 brings them and replaces this function, which has no
-- names for its parameters so that it may choose them.
-- +goose StatementBegin
CREATE FUNCTION nigredo.redriven_by_us(text, integer) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT false $$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.redriven_by_us IS
    'Whether a redrive campaign made this redrive; otherwise somebody made it in the AWS console or by the API.';

-- +goose Down
DROP FUNCTION nigredo.redriven_by_us;
DROP VIEW nigredo.balance;
DROP VIEW nigredo.unaccounted;
DROP VIEW nigredo.unproven;
DROP FUNCTION nigredo.lock_delivery;
DROP TYPE nigredo.locked_delivery;
DROP FUNCTION nigredo.delivery_status;
DROP FUNCTION nigredo.sweep_period;
DROP INDEX nigredo.webhook_logs_success;
DROP INDEX nigredo.ledger_accepted;
DROP INDEX nigredo.deliveries_running;
ALTER TABLE nigredo.deliveries
    DROP CONSTRAINT deliveries_times_are_finite,
    DROP COLUMN outcome, DROP COLUMN looked_at, DROP COLUMN checked_at;
