-- Requests of data subjects (LGPD, art. 18 and 19), and counts of page views.

-- backward compatible: yes

-- +goose Up
-- A request finds the leads of a person by the address. So does erasure.
CREATE INDEX leads_of_email ON nigredo.leads (email_norm);

CREATE TABLE nigredo.rights_requests (
    id          uuid        PRIMARY KEY,
    protocol    text        NOT NULL UNIQUE CHECK (protocol ~ '^RQ-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$'),
    kind        text        NOT NULL CHECK (kind IN (
        'confirmation', 'access', 'correction', 'anonymisation', 'portability', 'erasure', 'sharing', 'refusal', 'revocation'
    )),
    email       text        NOT NULL CHECK (octet_length(email) BETWEEN 3 AND 320),
    email_norm  text        NOT NULL CHECK (octet_length(email_norm) BETWEEN 3 AND 320),
    reference   text        CHECK (reference ~ '^NG-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}$'),
    message     text        CHECK (char_length(message) BETWEEN 1 AND 1000),
    locale      text        NOT NULL CHECK (locale IN ('pt-BR', 'en')),
    lead_ids    uuid[]      NOT NULL CHECK (cardinality(lead_ids) <= 100),
    received_at timestamptz NOT NULL,
    due_at      timestamptz NOT NULL CHECK (due_at > received_at),
    status      text        NOT NULL CHECK (status IN ('open', 'closed')),
    outcome     text        CHECK (outcome IN ('answered', 'refused', 'unidentified', 'duplicate')),
    reason      text        CHECK (char_length(reason) BETWEEN 1 AND 500),
    closed_by   text        CHECK (octet_length(closed_by) BETWEEN 1 AND 400),
    answered_at timestamptz,
    CHECK (num_nonnulls(outcome, reason, closed_by, answered_at) = CASE status WHEN 'closed' THEN 4 ELSE 0 END)
);
COMMENT ON TABLE nigredo.rights_requests IS
    'One row for each request of a data subject, due 15 calendar days after it came in (LGPD, art. 19, II). kind: the nine rights of art. 18, I to IX, in its order. Personal data.';
COMMENT ON COLUMN nigredo.rights_requests.email IS 'As typed, trimmed, NFC; email_norm is what leads are found by.';
COMMENT ON COLUMN nigredo.rights_requests.lead_ids IS
    'The leads, the newest 100, that had this address or reference when the request came in. Whoever asked has proved nothing yet. No foreign key: the request outlives the lead.';

-- Lists go by what is due first and page by the last row seen.
CREATE INDEX rights_requests_due ON nigredo.rights_requests (due_at, id);

CREATE TABLE nigredo.rights_posts (
    ip_address  inet        NOT NULL
        CHECK (ip_address = network(ip_address) AND masklen(ip_address) = CASE family(ip_address) WHEN 4 THEN 32 ELSE 64 END),
    fingerprint bytea       NOT NULL CHECK (octet_length(fingerprint) = 32),
    protocol    text        NOT NULL,
    taken_at    timestamptz NOT NULL,
    PRIMARY KEY (ip_address, fingerprint)
);
COMMENT ON TABLE nigredo.rights_posts IS
    'The requests of data subjects of the last hour by address, which is what the limit counts and what a repeat is recognised by: the same content from the same address has the first protocol. Later requests delete what is older.';

CREATE INDEX rights_posts_old ON nigredo.rights_posts (taken_at);

CREATE TYPE nigredo.rights_receipt AS (
    protocol    text,    -- null: limited
    retry_after interval -- with limited: until a slot is free again
);

-- +goose StatementBegin
-- receive_rights_request takes a request in: at most p_slots different ones from one
-- address in any p_window. It writes a ledger entry for each lead of the person, and
-- answers the same whether there is one. The queue of one address is not that of the
-- leads' limiter, whose rows it does not touch. READ COMMITTED: what is read after the
-- lock must be what others have committed.
CREATE FUNCTION nigredo.receive_rights_request(
    p_id uuid, p_protocol text, p_kind text, p_email text, p_email_norm text, p_reference text, p_message text, p_locale text,
    p_bucket inet, p_fingerprint bytea, p_slots integer, p_window interval, p_entry_ids uuid[]
) RETURNS nigredo.rights_receipt
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    answer nigredo.rights_receipt;
    used   timestamptz[];
    leads  uuid[];
    at     timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('nigredo.rights_posts ' || p_bucket::text, 0));
    at := clock_timestamp();

    SELECT p.protocol INTO answer.protocol
    FROM nigredo.rights_posts AS p
    WHERE p.ip_address = p_bucket AND p.fingerprint = p_fingerprint AND p.taken_at > at - p_window
        AND EXISTS (SELECT FROM nigredo.rights_requests AS r WHERE r.protocol = p.protocol AND r.status = 'open');
    IF FOUND THEN
        RETURN answer;
    END IF;

    SELECT coalesce(array_agg(p.taken_at ORDER BY p.taken_at), '{}') INTO used
    FROM nigredo.rights_posts AS p
    WHERE p.ip_address = p_bucket AND p.taken_at > at - p_window;
    IF cardinality(used) >= p_slots THEN
        answer.retry_after := greatest(used[cardinality(used) - p_slots + 1] + p_window - at, interval '0');
        RETURN answer;
    END IF;

    SELECT coalesce(array_agg(found.id), '{}') INTO leads
    FROM (
        SELECT l.id
        FROM nigredo.leads AS l
        WHERE l.email_norm = p_email_norm OR l.reference = p_reference
        ORDER BY l.created_at DESC, l.id DESC
        LIMIT cardinality(p_entry_ids)
    ) AS found;

    INSERT INTO nigredo.rights_requests (
        id, protocol, kind, email, email_norm, reference, message, locale, lead_ids, received_at, due_at, status
    ) VALUES (
        p_id, p_protocol, p_kind, p_email, p_email_norm, p_reference, p_message, p_locale, leads, at, at + interval '15 days', 'open'
    );
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT p_entry_ids[o.number], o.lead_id, at, 'rights.requested', 'public', jsonb_build_object('requestId', p_id, 'kind', p_kind)
    FROM unnest(leads) WITH ORDINALITY AS o (lead_id, number);

    INSERT INTO nigredo.rights_posts AS p (ip_address, fingerprint, protocol, taken_at)
    VALUES (p_bucket, p_fingerprint, p_protocol, at)
    ON CONFLICT (ip_address, fingerprint) DO UPDATE SET protocol = excluded.protocol, taken_at = excluded.taken_at;

    -- Who deletes the same row at this moment is not waited for.
    DELETE FROM nigredo.rights_posts AS p
    USING (
        SELECT o.ip_address, o.fingerprint
        FROM nigredo.rights_posts AS o
        WHERE o.taken_at <= at - p_window
        ORDER BY o.taken_at
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    ) AS old
    WHERE p.ip_address = old.ip_address AND p.fingerprint = old.fingerprint;

    answer.protocol := p_protocol;
    RETURN answer;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.receive_rights_request IS
    'Takes a request of a data subject in, or finds the first of a repeat, or has no slot for it.';

CREATE TABLE nigredo.page_views (
    day     date   NOT NULL,
    page    text   NOT NULL CHECK (octet_length(page) BETWEEN 1 AND 64),
    source  text   NOT NULL CHECK (octet_length(source) BETWEEN 1 AND 64),
    variant text   NOT NULL CHECK (octet_length(variant) BETWEEN 1 AND 64),
    views   bigint NOT NULL CHECK (views > 0),
    PRIMARY KEY (day, page, source, variant)
) WITH (fillfactor = 70);
COMMENT ON TABLE nigredo.page_views IS
    'How often each page was looked at on each day in UTC, by where people came from and by variant of the page. Nothing of who looked.';

-- +goose StatementBegin
-- count_view counts one look. A combination that is new today gets a row while there
-- are fewer than p_most; the lock makes that exact, and only new combinations take it.
CREATE FUNCTION nigredo.count_view(p_page text, p_source text, p_variant text, p_most integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
BEGIN
    UPDATE nigredo.page_views AS v
    SET views = v.views + 1
    WHERE v.day = today AND v.page = p_page AND v.source = p_source AND v.variant = p_variant;
    IF FOUND THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('nigredo.page_views ' || today::text, 0));
    IF (SELECT count(*) FROM nigredo.page_views AS v WHERE v.day = today) >= p_most
        AND NOT EXISTS (
            SELECT 1 FROM nigredo.page_views AS v
            WHERE v.day = today AND v.page = p_page AND v.source = p_source AND v.variant = p_variant
        )
    THEN
        p_source := 'other';
        p_variant := 'other';
    END IF;
    INSERT INTO nigredo.page_views AS v (day, page, source, variant, views)
    VALUES (today, p_page, p_source, p_variant, 1)
    ON CONFLICT (day, page, source, variant) DO UPDATE SET views = v.views + 1;
END
$$;
-- +goose StatementEnd
COMMENT ON FUNCTION nigredo.count_view IS
    'Counts one look at a page. Past p_most combinations a day, further ones are counted as other, other of their page.';

-- +goose Down
DROP FUNCTION nigredo.count_view;
DROP TABLE nigredo.page_views;
DROP FUNCTION nigredo.receive_rights_request;
DROP TYPE nigredo.rights_receipt;
DROP TABLE nigredo.rights_posts;
DROP TABLE nigredo.rights_requests;
DROP INDEX nigredo.leads_of_email;
