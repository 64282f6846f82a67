-- Redrive campaigns: what failed is delivered again, many leads by one decision.
-- redrives is the decision and how far it came, redrive_items one row a lead: states
-- of the machines carry the campaign's id and counts only.

-- backward compatible: yes

-- +goose Up
CREATE TABLE nigredo.redrives (
    id              uuid         PRIMARY KEY,
    status          text         NOT NULL CHECK (status IN ('planned', 'running', 'paused', 'stopped', 'cancelled', 'completed')),
    reason          text         NOT NULL CHECK (char_length(reason) BETWEEN 1 AND 500),
    created_by      text         NOT NULL CHECK (octet_length(created_by) BETWEEN 1 AND 400),
    created_at      timestamptz  NOT NULL,
    failed_from     timestamptz  NOT NULL,
    failed_to       timestamptz  NOT NULL CHECK (failed_to > failed_from),
    error_name      text         CHECK (octet_length(error_name) BETWEEN 1 AND 256),
    status_class    text         CHECK (status_class IN ('3xx', '4xx', '5xx', 'none')),
    lead_id         uuid,
    canary          integer      NOT NULL CHECK (canary BETWEEN 1 AND 100),
    rate_per_minute integer      NOT NULL CHECK (rate_per_minute BETWEEN 1 AND 6000),
    stop_share      float8       NOT NULL CHECK (stop_share BETWEEN 0 AND 1),
    part            integer      NOT NULL DEFAULT 1 CHECK (part >= 1),
    batch           integer      NOT NULL DEFAULT 0 CHECK (batch >= 0),
    probe           boolean      NOT NULL DEFAULT true,
    stop_reason     text         CHECK (char_length(stop_reason) BETWEEN 1 AND 500),
    planned_at      timestamptz,
    finished_at     timestamptz,
    updated_at      timestamptz  NOT NULL,
    CHECK (planned_at IS NOT NULL OR status IN ('planned', 'cancelled', 'paused')),
    CHECK ((status IN ('stopped', 'cancelled', 'completed')) = (finished_at IS NOT NULL)),
    CHECK (status <> 'stopped' OR stop_reason IS NOT NULL)
);
COMMENT ON TABLE nigredo.redrives IS
    'One row for each redrive campaign. planned: its items are not listed yet; stopped: too many failed, see stop_reason. No personal data: reason is for the reader of the report.';
COMMENT ON COLUMN nigredo.redrives.part IS
    'The campaign runs as a row of executions, one after the other, named redrive-<id>-<part>. Only the part named here may go on: one that was resumed over finds itself superseded.';
COMMENT ON COLUMN nigredo.redrives.batch IS 'The batch under way, or the last one; 0 before the first.';
COMMENT ON COLUMN nigredo.redrives.probe IS 'The next batch is a canary: at the beginning, and again after a stop.';

CREATE INDEX redrives_newest ON nigredo.redrives (created_at DESC, id DESC);

CREATE TABLE nigredo.redrive_items (
    campaign_id   uuid        NOT NULL REFERENCES nigredo.redrives,
    position      integer     NOT NULL CHECK (position >= 1),
    event_id      uuid        NOT NULL,
    lead_id       uuid        NOT NULL,
    state         text        NOT NULL CHECK (state IN ('pending', 'taken', 'sent', 'delivered', 'failed', 'withheld', 'skipped', 'unsent')),
    batch         integer     CHECK (batch >= 1),
    mode          text        CHECK (mode IN ('redrive', 'fresh')),
    execution_arn text        CHECK (octet_length(execution_arn) BETWEEN 1 AND 400),
    redrive_count integer     CHECK (redrive_count >= 0),
    sends         integer     NOT NULL DEFAULT 0 CHECK (sends >= 0),
    error_name    text        CHECK (octet_length(error_name) BETWEEN 1 AND 256),
    note          text        CHECK (char_length(note) BETWEEN 1 AND 500),
    taken_at      timestamptz,
    sent_at       timestamptz,
    closed_at     timestamptz,
    PRIMARY KEY (campaign_id, position),
    UNIQUE (campaign_id, event_id),
    CHECK (state NOT IN ('taken', 'sent') OR (batch IS NOT NULL AND mode IS NOT NULL AND execution_arn IS NOT NULL AND redrive_count IS NOT NULL)),
    CHECK ((state IN ('pending', 'taken', 'sent')) = (closed_at IS NULL)),
    CHECK (state NOT IN ('taken', 'sent') OR taken_at IS NOT NULL),
    CHECK (state <> 'sent' OR sent_at IS NOT NULL)
);
COMMENT ON TABLE nigredo.redrive_items IS
    'One row for each lead of a campaign. taken: promised to the machine, its call is under way or its answer got lost; sent: redriven or started; unsent: the campaign ended first. lead_id and event_id are no foreign keys: the report outlives the lead.';
COMMENT ON COLUMN nigredo.redrive_items.redrive_count IS
    'What the redrive count of execution_arn becomes by this item; 0 for a fresh execution. By these two a redrive of ours is told from one made outside.';
COMMENT ON COLUMN nigredo.redrive_items.sends IS
    'How often the lead was taken: more than once after a stop and a resume. Part of the name of a fresh execution and of the token of a redrive.';
COMMENT ON COLUMN nigredo.redrive_items.error_name IS 'Why the delivery had failed; after the campaign: why it failed again.';

-- A lead is in one unfinished campaign at a time.
CREATE UNIQUE INDEX redrive_items_one_campaign ON nigredo.redrive_items (event_id) WHERE state IN ('pending', 'taken', 'sent');
CREATE INDEX redrive_items_of_batch ON nigredo.redrive_items (campaign_id, batch, position);
CREATE INDEX redrive_items_pending ON nigredo.redrive_items (campaign_id, position) WHERE state = 'pending';
CREATE INDEX redrive_items_of_event ON nigredo.redrive_items (event_id);
CREATE INDEX redrive_items_of_execution ON nigredo.redrive_items (execution_arn, redrive_count) WHERE execution_arn IS NOT NULL;

CREATE TABLE nigredo.redrive_actions (
    id          uuid        PRIMARY KEY,
    campaign_id uuid        NOT NULL REFERENCES nigredo.redrives,
    at          timestamptz NOT NULL,
    actor       text        NOT NULL CHECK (octet_length(actor) BETWEEN 1 AND 400),
    action      text        NOT NULL CHECK (action IN ('created', 'paused', 'resumed', 'cancelled', 'stopped', 'completed'))
);
COMMENT ON TABLE nigredo.redrive_actions IS
    'Who did what to a campaign. actor is the subject of a token, or the execution that stopped or completed it.';

CREATE INDEX redrive_actions_of_campaign ON nigredo.redrive_actions (campaign_id, at);

CREATE TRIGGER redrive_actions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON nigredo.redrive_actions
    FOR EACH STATEMENT EXECUTE FUNCTION nigredo.refuse_change();

-- redrivable_until is until when an execution that stopped may be redriven: 14 days, a
-- hard quota of Step Functions, and an hour less, so that no call comes too late.
-- +goose StatementBegin
CREATE FUNCTION nigredo.redrivable_until(p_stopped_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT p_stopped_at + interval '13 days 23 hours' $$;
-- +goose StatementEnd

-- What a campaign may choose from: a delivery that failed, of a lead that may still be
-- sent. The newest attempt tells what the receiver said.
CREATE VIEW nigredo.failed_deliveries AS
SELECT
    d.event_id, d.lead_id, d.execution_arn, d.redrive_count,
    coalesce(d.error_name, CASE d.execution_status WHEN 'TIMED_OUT' THEN 'States.Timeout' END, w.error_name) AS error_name,
    coalesce(d.execution_stopped_at, d.updated_at) AS failed_at,
    nigredo.redrivable_until(coalesce(d.execution_stopped_at, d.updated_at)) AS redrivable_until,
    l.created_at AS lead_created_at,
    l.status IN ('withheld', 'quarantined') AS withheld,
    EXISTS (
        SELECT 1 FROM nigredo.redrive_items AS i
        WHERE i.event_id = d.event_id AND i.state IN ('pending', 'taken', 'sent')
    ) AS busy,
    w.status_code,
    CASE WHEN w.status_code IS NULL THEN 'none' ELSE w.status_code / 100 || 'xx' END AS status_class
FROM nigredo.deliveries AS d
JOIN nigredo.leads AS l ON l.id = d.lead_id
LEFT JOIN LATERAL (
    SELECT a.status_code, a.error_name
    FROM nigredo.webhook_logs AS a
    WHERE a.lead_id = d.lead_id AND a.event_id = d.event_id
    ORDER BY a.attempt_number DESC
    LIMIT 1
) AS w ON true
WHERE d.status = 'failed' AND d.execution_status IN ('FAILED', 'TIMED_OUT', 'ABORTED')
    AND NOT EXISTS (SELECT FROM nigredo.webhook_logs AS s WHERE s.lead_id = d.lead_id AND s.event_id = d.event_id AND s.success);
COMMENT ON VIEW nigredo.failed_deliveries IS
    'Deliveries that failed, with what the newest attempt was answered. withheld: erased or quarantined; busy: in an unfinished campaign. After redrivable_until only a fresh execution is left.';

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION nigredo.redriven_by_us(p_execution_arn text, p_redrive_count integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    -- Volatile: it must see what was committed while its caller waited for a lock. One
    -- that was refused counts: it may have been made all the same.
    RETURN EXISTS (
        SELECT 1 FROM nigredo.redrive_items AS i
        WHERE i.execution_arn = p_execution_arn AND i.redrive_count >= p_redrive_count
            AND i.taken_at IS NOT NULL AND i.state <> 'skipped'
    );
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.redriven_by_us IS 'Whether a campaign brought an execution to this redrive count.';

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION nigredo.redriven_by_us(p_execution_arn text, p_redrive_count integer) RETURNS boolean
LANGUAGE sql STABLE AS $$ SELECT false $$;
-- +goose StatementEnd
DROP VIEW nigredo.failed_deliveries;
DROP FUNCTION nigredo.redrivable_until;
DROP TABLE nigredo.redrive_actions;
DROP TABLE nigredo.redrive_items;
DROP TABLE nigredo.redrives;
