-- Why attempts fail, so that failures can be counted by cause.

-- backward compatible: yes

-- +goose Up
ALTER TABLE nigredo.webhook_logs
    ADD COLUMN cause text CHECK (cause IN (
        'http', 'dns', 'blocked', 'refused', 'timeout_connect', 'tls', 'timeout_tls', 'reset', 'timeout_answer', 'protocol', 'secret', 'connection'
    )),
    ADD COLUMN answer_fingerprint text CHECK (answer_fingerprint ~ '^[0-9a-f]{12}$'),
    ADD CONSTRAINT webhook_logs_success_has_no_cause CHECK (NOT success OR num_nonnulls(cause, answer_fingerprint) = 0);
COMMENT ON COLUMN nigredo.webhook_logs.cause IS
    'Where a failed attempt ended. Null for a success, and for attempts of before this column, whose excerpts are not masked.';
COMMENT ON COLUMN nigredo.webhook_logs.answer_fingerprint IS
    'Equal for answers that differ only in ids, numbers, times and what is masked. Null without an answer.';
COMMENT ON COLUMN nigredo.webhook_logs.answer_excerpt IS
    'The beginning of the answer, or its length when it is no text. Masked are name, e-mail, company and phone of the lead, 12 characters in a row of the message or 7 digits of the phone, e-mail addresses, long numbers and what looks like a secret.';

-- What failed and waits for a repair, by when it failed: few rows, whatever the
-- size of the table.
CREATE INDEX deliveries_failed ON nigredo.deliveries ((coalesce(execution_stopped_at, updated_at))) WHERE status = 'failed';

-- +goose Down
DROP INDEX nigredo.deliveries_failed;
COMMENT ON COLUMN nigredo.webhook_logs.answer_excerpt IS NULL;
ALTER TABLE nigredo.webhook_logs
    DROP CONSTRAINT webhook_logs_success_has_no_cause,
    DROP COLUMN answer_fingerprint,
    DROP COLUMN cause;
