-- The schema of Nigredo. 007 is its number in the series that it shares with
-- Fibonacci, whose own migrations are not in this repository.
--
-- Choices that hold for every table:
-- * No sequence and no identity column: ids are UUIDs of version 7, made in Go.
--   Ids sort by time without a page that all inserts share, need no grant of their
--   own, and no statement can ever say nextval, which pins a proxy connection.
-- * Times are the database's clock_timestamp(), so that limits hold whatever the
--   clocks of the callers say. now() stands still within a transaction.
-- * Who did a thing is a column of the row, never a session variable.

-- backward compatible: yes

-- +goose Up
CREATE SCHEMA IF NOT EXISTS nigredo;

CREATE TABLE nigredo.leads (
    id                uuid        PRIMARY KEY,
    reference         text        NOT NULL UNIQUE CHECK (reference ~ '^NG-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$'),
    status            text        NOT NULL CHECK (status IN ('accepted', 'delivered', 'failed', 'withheld', 'quarantined')),
    name              text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    email             text        NOT NULL CHECK (octet_length(email) BETWEEN 3 AND 320),
    email_norm        text        NOT NULL CHECK (octet_length(email_norm) BETWEEN 3 AND 320),
    company           text        CHECK (char_length(company) BETWEEN 1 AND 200),
    phone             text        CHECK (phone ~ '^\+[1-9][0-9]{1,14}$'),
    message           text        CHECK (char_length(message) BETWEEN 1 AND 5000),
    source            text        NOT NULL CHECK (char_length(source) BETWEEN 1 AND 200),
    utm_source        text        CHECK (char_length(utm_source) BETWEEN 1 AND 500),
    utm_medium        text        CHECK (char_length(utm_medium) BETWEEN 1 AND 500),
    utm_campaign      text        CHECK (char_length(utm_campaign) BETWEEN 1 AND 500),
    utm_term          text        CHECK (char_length(utm_term) BETWEEN 1 AND 500),
    utm_content       text        CHECK (char_length(utm_content) BETWEEN 1 AND 500),
    locale            text        NOT NULL CHECK (locale IN ('pt-BR', 'en')),
    verdict           text        NOT NULL CHECK (verdict IN ('clean', 'suspicious', 'spam')),
    created_at        timestamptz NOT NULL,
    status_changed_at timestamptz NOT NULL
);
COMMENT ON TABLE nigredo.leads IS
    'One row for each person who asked. status: accepted, then delivered, failed, withheld or quarantined. Personal data.';
COMMENT ON COLUMN nigredo.leads.email IS 'As typed, trimmed, NFC; email_norm is what repeats are recognised by.';

-- Lists go newest first and page by the last row seen.
CREATE INDEX leads_newest ON nigredo.leads (created_at DESC, id DESC);

CREATE TABLE nigredo.form_submissions (
    lead_id         uuid        PRIMARY KEY REFERENCES nigredo.leads,
    reference       text        NOT NULL,
    ip_address      inet        CHECK (masklen(ip_address) = CASE family(ip_address) WHEN 4 THEN 32 ELSE 128 END),
    user_agent_hash text        CHECK (user_agent_hash ~ '^[0-9a-f]{64}$'),
    idempotency_key bytea       NOT NULL CHECK (octet_length(idempotency_key) = 32),
    verdict         text        NOT NULL CHECK (verdict IN ('clean', 'suspicious', 'spam')),
    form            boolean     NOT NULL,
    request_id      text        NOT NULL CHECK (octet_length(request_id) <= 200),
    execution_arn   text        NOT NULL CHECK (octet_length(execution_arn) BETWEEN 1 AND 400),
    received_at     timestamptz NOT NULL,
    accepted_at     timestamptz NOT NULL
);
COMMENT ON TABLE nigredo.form_submissions IS
    'One row for each accepted post: where it came from and how long it took. ip_address is cleared after 30 days.';
COMMENT ON COLUMN nigredo.form_submissions.form IS 'A plain HTML form post; otherwise JSON.';
COMMENT ON COLUMN nigredo.form_submissions.received_at IS 'Start of the lead_intake execution, by the clock of Step Functions.';

CREATE TABLE nigredo.consents (
    lead_id      uuid        NOT NULL REFERENCES nigredo.leads,
    given_at     timestamptz NOT NULL,
    marketing    boolean     NOT NULL,
    text_id      text        CHECK (octet_length(text_id) BETWEEN 1 AND 200),
    text_version text        CHECK (octet_length(text_version) BETWEEN 1 AND 200),
    text_hash    text        CHECK (text_hash ~ '^[0-9a-f]{64}$'),
    locale       text        NOT NULL,
    channel      text        NOT NULL CHECK (channel IN ('form', 'api')),
    PRIMARY KEY (lead_id, given_at)
);
COMMENT ON TABLE nigredo.consents IS
    'What the person agreed to, when and how (LGPD, art. 8): text_hash is the SHA-256 of the exact sentence shown, null when an API client showed one of its own and did not say which.';

CREATE TABLE nigredo.deliveries (
    event_id             uuid        PRIMARY KEY,
    lead_id              uuid        NOT NULL REFERENCES nigredo.leads,
    type                 text        NOT NULL CHECK (type IN ('lead.created')),
    status               text        NOT NULL CHECK (status IN ('held', 'due', 'running', 'delivered', 'failed', 'withheld')),
    due_at               timestamptz CHECK (due_at IS NOT NULL OR status IN ('held', 'withheld')),
    execution_arn        text        CHECK (octet_length(execution_arn) BETWEEN 1 AND 400),
    execution_status     text        CHECK (execution_status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')),
    execution_started_at timestamptz,
    execution_stopped_at timestamptz,
    redrive_count        integer     NOT NULL DEFAULT 0 CHECK (redrive_count >= 0),
    error_name           text        CHECK (octet_length(error_name) <= 256),
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    UNIQUE (lead_id, type),
    CHECK (num_nulls(execution_arn, execution_status, execution_started_at) IN (0, 3)),
    CHECK ((execution_stopped_at IS NULL) = (execution_status IS NULL OR execution_status = 'RUNNING'))
);
COMMENT ON TABLE nigredo.deliveries IS
    'One row for each event owed to Fibonacci. webhook-id is msg_<event_id>, the same over attempts, redrives and fresh executions. held: the lead is quarantined, nothing is due.';
COMMENT ON COLUMN nigredo.deliveries.execution_arn IS
    'The newest execution heard of. Its status, redrive_count and times are as of the last status change that was not overtaken.';

-- What is owed and not under way: few rows, whatever the size of the table.
CREATE INDEX deliveries_due ON nigredo.deliveries (due_at) WHERE status = 'due';

CREATE TABLE nigredo.webhook_logs (
    id             uuid        PRIMARY KEY,
    lead_id        uuid        NOT NULL,
    event_id       uuid        NOT NULL REFERENCES nigredo.deliveries,
    attempt_number integer     NOT NULL CHECK (attempt_number >= 1),
    success        boolean     NOT NULL,
    status_code    integer     CHECK (status_code BETWEEN 100 AND 999),
    error_name     text        CHECK (octet_length(error_name) BETWEEN 1 AND 256),
    error_message  text        CHECK (char_length(error_message) BETWEEN 1 AND 1000),
    answer_excerpt text        CHECK (octet_length(answer_excerpt) BETWEEN 1 AND 4096),
    retry_after    interval    CHECK (retry_after > interval '0'),
    sent_at        timestamptz NOT NULL,
    duration       interval    NOT NULL CHECK (duration >= interval '0'),
    execution_arn  text        NOT NULL CHECK (octet_length(execution_arn) BETWEEN 1 AND 400),
    redrive_count  integer     NOT NULL CHECK (redrive_count >= 0),
    retry_count    integer     NOT NULL CHECK (retry_count >= 0),
    UNIQUE (execution_arn, redrive_count, retry_count),
    UNIQUE (lead_id, event_id, attempt_number),
    CHECK (CASE WHEN success THEN status_code BETWEEN 200 AND 299 AND error_name IS NULL AND status_code IS NOT NULL
                ELSE error_name IS NOT NULL END)
);
COMMENT ON TABLE nigredo.webhook_logs IS
    'One row for each attempt to deliver. Execution, redrive count and retry count are the identity of an attempt; attempt_number counts the attempts of one event. answer_excerpt is cleared after 30 days.';

CREATE TABLE nigredo.rate_limits (
    ip_address       inet          PRIMARY KEY
        CHECK (ip_address = network(ip_address) AND masklen(ip_address) = CASE family(ip_address) WHEN 4 THEN 32 ELSE 64 END),
    stamps           timestamptz[] NOT NULL CHECK (cardinality(stamps) BETWEEN 1 AND 1000),
    submission_count integer       NOT NULL GENERATED ALWAYS AS (cardinality(stamps)) STORED,
    window_start     timestamptz   NOT NULL GENERATED ALWAYS AS (stamps[1]) STORED
) WITH (fillfactor = 70);
COMMENT ON TABLE nigredo.rate_limits IS
    'The accepted submissions of the last hour of one IPv4 address or IPv6 /64, as of the last write: stamps in order, oldest first. Written by nigredo.complete only. Rows are purged after 24 hours.';

CREATE TABLE nigredo.idempotency_keys (
    key_hash    bytea       PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    owner       text        NOT NULL CHECK (octet_length(owner) BETWEEN 1 AND 400),
    bucket      inet        NOT NULL,
    state       text        NOT NULL CHECK (state IN ('reserved', 'completed')),
    claimed_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at > claimed_at),
    lead_id     uuid,
    event_id    uuid,
    reference   text,
    created_at  timestamptz,
    deliver     boolean,
    CHECK (num_nonnulls(lead_id, event_id, reference, created_at, deliver) = CASE state WHEN 'completed' THEN 5 ELSE 0 END)
) WITH (fillfactor = 90);
COMMENT ON TABLE nigredo.idempotency_keys IS
    'reserved: the execution named by owner is taking this post in and holds one slot of bucket until expires_at, 30 seconds. completed: the stored answer, given to every repeat until expires_at. Past expires_at a row is as good as absent. lead_id is no foreign key: the answer may outlive the lead.';

-- The slots of a bucket that are held but not yet used.
CREATE INDEX idempotency_keys_reserved ON nigredo.idempotency_keys (bucket) WHERE state = 'reserved';

CREATE TABLE nigredo.ledger (
    id            uuid        PRIMARY KEY,
    lead_id       uuid        NOT NULL,
    at            timestamptz NOT NULL,
    kind          text        NOT NULL CHECK (kind ~ '^[a-z]+\.[a-z_]+$'),
    actor         text        NOT NULL CHECK (octet_length(actor) BETWEEN 1 AND 400),
    details       jsonb       NOT NULL CHECK (jsonb_typeof(details) = 'object')
);
COMMENT ON TABLE nigredo.ledger IS
    'What happened to every lead, written in the transaction of what it records, never changed, kept for ever, without personal data. actor is an execution or the subject of a token. lead_id is no foreign key: the entry outlives the lead.';

CREATE INDEX ledger_of_lead ON nigredo.ledger (lead_id, at);

-- +goose StatementBegin
CREATE FUNCTION nigredo.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'nigredo.% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON nigredo.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION nigredo.refuse_change();

-- +goose StatementBegin
-- lock_bucket makes the limiter's arithmetic on one bucket a queue of one, until
-- the transaction ends. Not a row lock: a claim must be able to count before there
-- is a row, and one that is refused must leave none. Two buckets may share a lock
-- by chance of the hash, which costs a wait and nothing else.
CREATE FUNCTION nigredo.lock_bucket(p_bucket inet) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('nigredo.rate_limits ' || p_bucket::text, 0))
$$;
-- +goose StatementEnd

CREATE TYPE nigredo.claim AS (
    outcome     text,        -- reserved, replay, conflict, running, limited
    owner       text,        -- the execution that holds or completed the key
    lead_id     uuid,        -- these five with replay: the stored answer
    event_id    uuid,
    reference   text,
    created_at  timestamptz,
    deliver     boolean,
    retry_after interval     -- with limited: until a slot is free again
);

-- +goose StatementBegin
-- reserve claims a key for an owner, and with it one slot of a bucket: at most
-- p_slots accepted submissions in any p_window, 0 for no limit.
--
-- A slot is in use while its stamp is younger than the window, or while a
-- reservation holds it; a reservation is the key's row itself, so one that is void,
-- given back or taken over has no slot to clean up. Stamps are written by complete.
--
-- A refusal only reads: no lock, no transaction id, nothing to flush. Who is not
-- refused takes the bucket's lock, looks again and writes. Every transaction takes
-- at most one bucket's lock and after it one key's row, so none can wait in a ring.
--
-- Each statement must see what others committed before it: READ COMMITTED only.
CREATE FUNCTION nigredo.reserve(
    p_key bytea, p_fingerprint bytea, p_owner text, p_bucket inet, p_slots integer, p_window interval
) RETURNS nigredo.claim
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    answer nigredo.claim;
    held   nigredo.idempotency_keys;
    at     timestamptz;
    used   timestamptz[] := '{}';
    locked boolean := p_slots = 0;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'nigredo.reserve needs read committed' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    LOOP
        at := clock_timestamp();

        SELECT k.* INTO held
        FROM nigredo.idempotency_keys AS k
        WHERE k.key_hash = p_key AND k.expires_at > at;
        IF FOUND THEN
            answer.owner := held.owner;
            IF held.fingerprint <> p_fingerprint THEN
                answer.outcome := 'conflict';
            ELSIF held.state = 'completed' THEN
                answer.outcome := 'replay';
                answer.lead_id := held.lead_id;
                answer.event_id := held.event_id;
                answer.reference := held.reference;
                answer.created_at := held.created_at;
                answer.deliver := held.deliver;
            ELSIF held.owner <> p_owner THEN
                answer.outcome := 'running';
            ELSE
                answer.outcome := 'reserved';
            END IF;
            RETURN answer;
        END IF;

        IF p_slots > 0 THEN
            -- One statement, one snapshot: a reservation that completes meanwhile
            -- is seen as a reservation or as a stamp, never as both or neither.
            SELECT coalesce(array_agg(slot.taken_at ORDER BY slot.taken_at), '{}') INTO used
            FROM (
                SELECT stamp
                FROM nigredo.rate_limits AS r, unnest(r.stamps) AS stamp
                WHERE r.ip_address = p_bucket AND stamp > at - p_window
                UNION ALL
                SELECT k.claimed_at
                FROM nigredo.idempotency_keys AS k
                WHERE k.bucket = p_bucket AND k.state = 'reserved' AND k.expires_at > at
            ) AS slot (taken_at);
            IF cardinality(used) >= p_slots THEN
                answer.outcome := 'limited';
                answer.retry_after := greatest(used[cardinality(used) - p_slots + 1] + p_window - at, interval '0');
                RETURN answer;
            END IF;
        END IF;

        IF locked THEN
            INSERT INTO nigredo.idempotency_keys AS k (key_hash, fingerprint, owner, bucket, state, claimed_at, expires_at)
            VALUES (p_key, p_fingerprint, p_owner, p_bucket, 'reserved', at, at + interval '30 seconds')
            ON CONFLICT (key_hash) DO UPDATE
            SET fingerprint = excluded.fingerprint, owner = excluded.owner, bucket = excluded.bucket,
                state = excluded.state, claimed_at = excluded.claimed_at, expires_at = excluded.expires_at,
                lead_id = NULL, event_id = NULL, reference = NULL, created_at = NULL, deliver = NULL
            WHERE k.expires_at <= excluded.claimed_at;
            IF FOUND THEN
                answer.outcome := 'reserved';
                answer.owner := p_owner;
                RETURN answer;
            END IF;
            -- The key was claimed from another bucket in this moment: look again.
        ELSE
            PERFORM nigredo.lock_bucket(p_bucket);
            locked := true;
        END IF;
    END LOOP;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.reserve IS
    'Claims an idempotency key and one slot of the rate limit: reserved, replay, conflict, running or limited. Only reserved writes.';

-- +goose StatementBegin
-- complete turns the reservation of an owner into the stored answer and its slot
-- into a stamp, and gives the time of acceptance; null when the owner holds no
-- reservation any more. Stamps of one bucket strictly increase, whatever the clock
-- does. It belongs to the statement that writes the lead.
CREATE FUNCTION nigredo.complete(
    p_key bytea, p_owner text, p_keep interval, p_slots integer, p_window interval,
    p_lead_id uuid, p_event_id uuid, p_reference text, p_deliver boolean
) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    taken   nigredo.idempotency_keys.bucket%TYPE;
    earlier timestamptz[];
    at      timestamptz;
BEGIN
    SELECT k.bucket INTO taken
    FROM nigredo.idempotency_keys AS k
    WHERE k.key_hash = p_key AND k.owner = p_owner AND k.state = 'reserved';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF p_slots > 0 THEN
        PERFORM nigredo.lock_bucket(taken);
        SELECT r.stamps INTO earlier FROM nigredo.rate_limits AS r WHERE r.ip_address = taken;
    END IF;
    at := greatest(clock_timestamp(), earlier[cardinality(earlier)] + interval '1 microsecond');

    UPDATE nigredo.idempotency_keys AS k
    SET state = 'completed', expires_at = at + p_keep,
        lead_id = p_lead_id, event_id = p_event_id, reference = p_reference, created_at = at, deliver = p_deliver
    WHERE k.key_hash = p_key AND k.owner = p_owner AND k.state = 'reserved' AND k.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF p_slots > 0 THEN
        INSERT INTO nigredo.rate_limits (ip_address, stamps)
        VALUES (taken, ARRAY(SELECT stamp FROM unnest(earlier) AS stamp WHERE stamp > at - p_window ORDER BY stamp) || at)
        ON CONFLICT (ip_address) DO UPDATE SET stamps = excluded.stamps;
    END IF;
    RETURN at;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.complete IS
    'Turns a held reservation into the stored answer and its slot into a stamp; null when it is not held.';

-- +goose StatementBegin
-- next_attempt gives the number of the next attempt of an event. Until the
-- transaction ends nobody else gets one for it.
CREATE FUNCTION nigredo.next_attempt(p_lead_id uuid, p_event_id uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM 1 FROM nigredo.deliveries AS d WHERE d.event_id = p_event_id FOR NO KEY UPDATE;
    RETURN 1 + (SELECT count(*) FROM nigredo.webhook_logs AS w WHERE w.lead_id = p_lead_id AND w.event_id = p_event_id);
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.next_attempt IS
    '1 + the attempts of the event so far, under a lock on its delivery.';

-- +goose Down
-- The schema itself stays: it holds the version table of these migrations.
DROP FUNCTION nigredo.next_attempt;
DROP FUNCTION nigredo.complete;
DROP FUNCTION nigredo.reserve;
DROP TYPE nigredo.claim;
DROP FUNCTION nigredo.lock_bucket;
DROP TABLE nigredo.ledger;
DROP FUNCTION nigredo.refuse_change;
DROP TABLE nigredo.idempotency_keys;
DROP TABLE nigredo.rate_limits;
DROP TABLE nigredo.webhook_logs;
DROP TABLE nigredo.deliveries;
DROP TABLE nigredo.consents;
DROP TABLE nigredo.form_submissions;
DROP TABLE nigredo.leads;
