-- Who may do what in the schema nigredo: a login role for each function that speaks to
-- the database, with the grants of its own statements and no other. Not a numbered
-- migration: this file says how things are, is run after every migration, and takes
-- away what it does not give. It needs a role that owns the schema's objects and may
-- create roles.
--
-- A role has no password: in AWS it signs in by IAM. Functions of the schema run with
-- the rights of their caller, so that what they touch is granted here as well; views
-- read with the rights of their owner, and only the functions in them need a grant.
-- A row lock needs UPDATE on some column: where nothing is to be changed that is the
-- column that says least.

DO $$
DECLARE
    activity text;
    name     text;
BEGIN
    -- Roles belong to the whole server: another database may be at this very moment.
    PERFORM pg_advisory_xact_lock(hashtextextended('nigredo.grants', 0));
    FOREACH activity IN ARRAY ARRAY[
        'ratelimit', 'persist', 'deliver', 'track', 'sweep', 'settle', 'campaign', 'list', 'get', 'balance',
        'failures', 'stats', 'redrives', 'release', 'rights', 'views', 'health'
    ] LOOP
        name := 'nigredo_' || activity;
        IF NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I LOGIN NOCREATEDB NOCREATEROLE', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- it was made in another database meanwhile
            END;
        END IF;
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA nigredo FROM %I', name);
        EXECUTE format('REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nigredo FROM %I', name);
        EXECUTE format('REVOKE ALL ON SCHEMA nigredo FROM %I', name);
        -- A function that Lambda ended leaves no statement behind: less than its timeout.
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = %L', name, current_database(),
            CASE WHEN activity IN ('ratelimit', 'persist', 'views', 'health') THEN '4s'
                WHEN activity IN ('sweep', 'settle', 'campaign') THEN '55s' ELSE '9s' END);
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET idle_in_transaction_session_timeout = %L',
            name, current_database(), '15s');
        -- AWS's own role: whoever is in it signs in by IAM, and only so.
        IF EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = 'rds_iam') AND NOT pg_has_role(name, 'rds_iam', 'MEMBER') THEN
            EXECUTE format('GRANT rds_iam TO %I', name);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON SCHEMA nigredo FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA nigredo FROM PUBLIC;
-- PostgreSQL lets everybody run a new function.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nigredo FROM PUBLIC;

-- health asks for a sign of life and sees nothing.
GRANT USAGE ON SCHEMA nigredo TO
    nigredo_ratelimit, nigredo_persist, nigredo_deliver, nigredo_track, nigredo_sweep, nigredo_settle, nigredo_campaign,
    nigredo_list, nigredo_get, nigredo_balance, nigredo_failures, nigredo_stats, nigredo_redrives, nigredo_release,
    nigredo_rights, nigredo_views;

-- Check Rate Limit and Persist Lead claim a key: nigredo.reserve.
GRANT EXECUTE ON FUNCTION nigredo.reserve, nigredo.lock_bucket TO nigredo_ratelimit, nigredo_persist;
GRANT SELECT ON nigredo.idempotency_keys TO nigredo_ratelimit, nigredo_persist;
GRANT INSERT (key_hash, fingerprint, owner, bucket, state, claimed_at, expires_at) ON nigredo.idempotency_keys
    TO nigredo_ratelimit, nigredo_persist;
GRANT UPDATE (fingerprint, owner, bucket, state, claimed_at, expires_at, lead_id, event_id, reference, created_at, deliver)
    ON nigredo.idempotency_keys TO nigredo_ratelimit, nigredo_persist;
GRANT SELECT (ip_address, stamps) ON nigredo.rate_limits TO nigredo_ratelimit, nigredo_persist;

-- Persist Lead writes a lead and what belongs to it, and reads none.
GRANT EXECUTE ON FUNCTION nigredo.complete TO nigredo_persist;
GRANT DELETE ON nigredo.idempotency_keys TO nigredo_persist;
GRANT INSERT (ip_address, stamps), UPDATE (stamps) ON nigredo.rate_limits TO nigredo_persist;
GRANT INSERT ON nigredo.leads, nigredo.form_submissions, nigredo.consents, nigredo.ledger TO nigredo_persist;
GRANT INSERT (event_id, lead_id, type, status, due_at, created_at, updated_at) ON nigredo.deliveries TO nigredo_persist;

-- Deliver Webhook reads one lead with its consent and writes one attempt.
GRANT EXECUTE ON FUNCTION nigredo.next_attempt TO nigredo_deliver;
GRANT SELECT ON nigredo.leads, nigredo.consents, nigredo.webhook_logs TO nigredo_deliver;
GRANT INSERT ON nigredo.webhook_logs TO nigredo_deliver;
GRANT SELECT (event_id, lead_id, status), UPDATE (looked_at) ON nigredo.deliveries TO nigredo_deliver;

-- What executions say of deliveries: the statement Track, which three functions run.
GRANT EXECUTE ON FUNCTION nigredo.delivery_status, nigredo.lock_delivery, nigredo.redriven_by_us
    TO nigredo_track, nigredo_settle, nigredo_campaign;
GRANT SELECT ON nigredo.deliveries TO nigredo_track, nigredo_settle, nigredo_campaign;
GRANT UPDATE (
    status, due_at, updated_at, checked_at, execution_arn, execution_status, execution_started_at, execution_stopped_at,
    redrive_count, outcome, error_name
) ON nigredo.deliveries TO nigredo_track, nigredo_settle, nigredo_campaign;
GRANT SELECT (id, status), UPDATE (status, status_changed_at) ON nigredo.leads TO nigredo_track, nigredo_settle, nigredo_campaign;
GRANT SELECT (lead_id, event_id, success) ON nigredo.webhook_logs TO nigredo_track, nigredo_settle, nigredo_campaign;
GRANT SELECT (lead_id, kind, actor, details), INSERT ON nigredo.ledger TO nigredo_track, nigredo_settle, nigredo_campaign;
GRANT SELECT (execution_arn, redrive_count, taken_at, state) ON nigredo.redrive_items TO nigredo_track, nigredo_settle;

-- Track Delivery also pauses a campaign whose execution died.
GRANT SELECT (id, status, part, updated_at), UPDATE (status, stop_reason, updated_at) ON nigredo.redrives TO nigredo_track;
GRANT INSERT ON nigredo.redrive_actions TO nigredo_track;

-- Settle Books also counts, and notes that it looked.
GRANT UPDATE (looked_at) ON nigredo.deliveries TO nigredo_settle;
GRANT SELECT ON nigredo.balance TO nigredo_settle;
GRANT EXECUTE ON FUNCTION nigredo.sweep_period TO nigredo_settle;
GRANT SELECT (due_at, status) ON nigredo.rights_requests TO nigredo_settle;

-- Find Deliveries restores rows that were lost. It locks the lead and changes nothing of it.
GRANT SELECT ON nigredo.unaccounted TO nigredo_sweep;
GRANT EXECUTE ON FUNCTION nigredo.sweep_period TO nigredo_sweep;
GRANT SELECT (id, status), UPDATE (status_changed_at) ON nigredo.leads TO nigredo_sweep;
GRANT SELECT ON nigredo.deliveries TO nigredo_sweep;
GRANT INSERT (event_id, lead_id, type, status, due_at, created_at, updated_at) ON nigredo.deliveries TO nigredo_sweep;
GRANT SELECT (lead_id, event_id, attempt_number, success, execution_arn, redrive_count, sent_at) ON nigredo.webhook_logs TO nigredo_sweep;
GRANT SELECT (lead_id, event_id) ON nigredo.idempotency_keys TO nigredo_sweep;
GRANT SELECT, INSERT ON nigredo.ledger TO nigredo_sweep;

-- A campaign chooses, promises and settles; beside that, Track above.
GRANT EXECUTE ON FUNCTION nigredo.redrivable_until TO nigredo_campaign, nigredo_redrives;
GRANT SELECT ON nigredo.failed_deliveries TO nigredo_campaign, nigredo_redrives;
GRANT SELECT ON nigredo.redrives, nigredo.redrive_items, nigredo.redrive_actions TO nigredo_campaign, nigredo_redrives;
GRANT UPDATE (part, status, planned_at, batch, probe, stop_reason, finished_at, updated_at) ON nigredo.redrives TO nigredo_campaign;
GRANT INSERT (campaign_id, position, event_id, lead_id, state, error_name) ON nigredo.redrive_items TO nigredo_campaign;
GRANT UPDATE (
    state, batch, mode, execution_arn, redrive_count, sends, error_name, note, taken_at, sent_at, closed_at
) ON nigredo.redrive_items TO nigredo_campaign;
GRANT INSERT ON nigredo.redrive_actions TO nigredo_campaign, nigredo_redrives;

-- /api/redrives decides, and steers what was decided.
GRANT INSERT ON nigredo.redrives TO nigredo_redrives;
GRANT UPDATE (part, status, batch, probe, stop_reason, finished_at, updated_at) ON nigredo.redrives TO nigredo_redrives;
GRANT UPDATE (state, batch, mode, note, taken_at, sent_at, closed_at) ON nigredo.redrive_items TO nigredo_redrives;

-- Operators read. Who looks at a lead whole is written down, in the same statement.
GRANT SELECT (id, reference, status, name, email, company, source, created_at) ON nigredo.leads TO nigredo_list;
GRANT SELECT ON nigredo.leads, nigredo.consents TO nigredo_get;
GRANT SELECT (lead_id, signals) ON nigredo.form_submissions TO nigredo_get;
GRANT SELECT (id), INSERT ON nigredo.ledger TO nigredo_get;
GRANT SELECT ON nigredo.balance, nigredo.unaccounted TO nigredo_balance;
GRANT EXECUTE ON FUNCTION nigredo.sweep_period TO nigredo_balance;
GRANT SELECT (lead_id, event_id, status, error_name, execution_status, execution_stopped_at, updated_at) ON nigredo.deliveries
    TO nigredo_failures;
GRANT SELECT (id, lead_id, event_id, attempt_number, success, error_name, status_code, cause, answer_fingerprint, answer_excerpt, retry_after)
    ON nigredo.webhook_logs TO nigredo_failures;
GRANT SELECT (created_at, status, source, variant, utm_content) ON nigredo.leads TO nigredo_stats;
GRANT SELECT ON nigredo.page_views TO nigredo_stats;

-- A release makes a lead that was held due.
GRANT SELECT (id, status, reference, status_changed_at), UPDATE (status, status_changed_at) ON nigredo.leads TO nigredo_release;
GRANT SELECT (event_id, lead_id, type, status) ON nigredo.deliveries TO nigredo_release;
GRANT UPDATE (
    status, due_at, updated_at, checked_at, execution_arn, execution_status, execution_started_at, execution_stopped_at,
    redrive_count, outcome, error_name
) ON nigredo.deliveries TO nigredo_release;
GRANT SELECT (lead_id, kind, actor), INSERT ON nigredo.ledger TO nigredo_release;

-- Requests of data subjects; of a lead no more than whose it is.
GRANT EXECUTE ON FUNCTION nigredo.receive_rights_request TO nigredo_rights;
GRANT SELECT, INSERT ON nigredo.rights_requests TO nigredo_rights;
GRANT UPDATE (status, outcome, reason, closed_by, answered_at) ON nigredo.rights_requests TO nigredo_rights;
GRANT SELECT, INSERT, DELETE, UPDATE (protocol, taken_at) ON nigredo.rights_posts TO nigredo_rights;
GRANT SELECT (id, email_norm, reference, created_at) ON nigredo.leads TO nigredo_rights;
GRANT INSERT ON nigredo.ledger TO nigredo_rights;

-- Page views are counted.
GRANT EXECUTE ON FUNCTION nigredo.count_view TO nigredo_views;
GRANT SELECT, INSERT, UPDATE (views) ON nigredo.page_views TO nigredo_views;
