-- name: Reserve :one
-- Claims the key of a post and one slot of its bucket; nigredo.reserve decides.
-- One row, always. Read-only unless the outcome is reserved.
SELECT
    claim.outcome::text AS outcome,
    coalesce(claim.owner, '')::text AS owner,
    coalesce(claim.lead_id, '00000000-0000-0000-0000-000000000000')::uuid AS lead_id,
    coalesce(claim.event_id, '00000000-0000-0000-0000-000000000000')::uuid AS event_id,
    coalesce(claim.reference, '')::text AS reference,
    coalesce(claim.created_at, 'epoch')::timestamptz AS created_at,
    coalesce(claim.deliver, false)::boolean AS deliver,
    coalesce(claim.retry_after, interval '0')::interval AS retry_after
FROM nigredo.reserve(
    sqlc.arg(key)::bytea, sqlc.arg(fingerprint)::bytea, sqlc.arg(owner)::text,
    sqlc.arg(bucket)::inet, sqlc.arg(slots)::integer, sqlc.arg(span)::interval
) AS claim;

-- name: Accept :one
-- Makes a lead out of a held reservation: lead, submission, consents, delivery,
-- ledger entry, stored answer and stamp of the limiter, all or nothing, in one
-- statement. No row: the reservation is not held, and nothing was written.
WITH accepted AS MATERIALIZED (
    SELECT at
    FROM nigredo.complete(
        sqlc.arg(key)::bytea, sqlc.arg(owner)::text, sqlc.arg(keep)::interval,
        sqlc.arg(slots)::integer, sqlc.arg(span)::interval,
        sqlc.arg(lead_id)::uuid, sqlc.arg(event_id)::uuid, sqlc.arg(reference)::text, sqlc.arg(deliver)::boolean
    ) AS at
    WHERE at IS NOT NULL
), new_lead AS (
    INSERT INTO nigredo.leads (
        id, reference, status, name, email, email_norm, company, phone, message, source,
        utm_source, utm_medium, utm_campaign, utm_term, utm_content, variant,
        locale, verdict, created_at, status_changed_at
    )
    SELECT
        sqlc.arg(lead_id)::uuid, sqlc.arg(reference)::text, sqlc.arg(status)::text,
        sqlc.arg(name)::text, sqlc.arg(email)::text, sqlc.arg(email_norm)::text,
        nullif(sqlc.arg(company)::text, ''), nullif(sqlc.arg(phone)::text, ''), nullif(sqlc.arg(message)::text, ''),
        sqlc.arg(source)::text,
        nullif(sqlc.arg(utm_source)::text, ''), nullif(sqlc.arg(utm_medium)::text, ''),
        nullif(sqlc.arg(utm_campaign)::text, ''), nullif(sqlc.arg(utm_term)::text, ''),
        nullif(sqlc.arg(utm_content)::text, ''), nullif(sqlc.arg(variant)::text, ''),
        sqlc.arg(locale)::text, sqlc.arg(verdict)::text, accepted.at, accepted.at
    FROM accepted
), new_submission AS (
    INSERT INTO nigredo.form_submissions (
        lead_id, reference, ip_address, user_agent_hash, idempotency_key,
        verdict, signals, form, request_id, execution_arn, received_at, accepted_at
    )
    SELECT
        sqlc.arg(lead_id)::uuid, sqlc.arg(reference)::text, sqlc.arg(address)::inet,
        nullif(sqlc.arg(user_agent_hash)::text, ''), sqlc.arg(key)::bytea,
        sqlc.arg(verdict)::text, sqlc.arg(signals)::jsonb, sqlc.arg(form)::boolean, sqlc.arg(request_id)::text,
        sqlc.arg(owner)::text, sqlc.arg(received_at)::timestamptz, accepted.at
    FROM accepted
), new_consents AS (
    INSERT INTO nigredo.consents (
        lead_id, given_at, purpose, marketing, text_id, text_version, text_hash, recognised, locale, channel
    )
    SELECT
        sqlc.arg(lead_id)::uuid, accepted.at, given.purpose, sqlc.arg(marketing)::boolean,
        nullif(given.text_id, ''), nullif(sqlc.arg(text_version)::text, ''),
        nullif(given.text_hash, ''), given.recognised, sqlc.arg(locale)::text,
        CASE WHEN sqlc.arg(form)::boolean THEN 'form' ELSE 'api' END
    FROM accepted, (VALUES
        ('reply', sqlc.arg(text_id)::text, sqlc.arg(text_hash)::text, sqlc.narg(recognised)::boolean),
        ('marketing', 'marketing', sqlc.arg(marketing_text_hash)::text, sqlc.narg(marketing_recognised)::boolean)
    ) AS given (purpose, text_id, text_hash, recognised)
    WHERE given.purpose = 'reply' OR sqlc.arg(marketing)::boolean
), new_delivery AS (
    INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, created_at, updated_at)
    SELECT
        sqlc.arg(event_id)::uuid, sqlc.arg(lead_id)::uuid, 'lead.created',
        CASE WHEN sqlc.arg(deliver)::boolean THEN 'due' ELSE 'held' END,
        CASE WHEN sqlc.arg(deliver)::boolean THEN accepted.at END,
        accepted.at, accepted.at
    FROM accepted
), new_entry AS (
    INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
    SELECT
        sqlc.arg(entry_id)::uuid, sqlc.arg(lead_id)::uuid, accepted.at, 'lead.accepted', sqlc.arg(owner)::text,
        -- The event id stands here too, so that a delivery whose row is lost can go out under its webhook-id.
        jsonb_build_object('verdict', sqlc.arg(verdict)::text, 'eventId', sqlc.arg(event_id)::uuid)
    FROM accepted
)
SELECT accepted.at::timestamptz AS accepted_at FROM accepted;

-- name: Release :exec
-- Gives a reservation back before its 30 seconds are over. One that is completed,
-- void or somebody else's stays as it is.
DELETE FROM nigredo.idempotency_keys AS k
WHERE k.key_hash = sqlc.arg(key) AND k.owner = sqlc.arg(owner) AND k.state = 'reserved';
