-- Why a post was held back, and its release.

-- backward compatible: yes

-- +goose Up
ALTER TABLE nigredo.form_submissions ADD COLUMN signals jsonb NOT NULL DEFAULT '[]'
    CHECK (jsonb_typeof(signals) = 'array');
COMMENT ON COLUMN nigredo.form_submissions.signals IS
    'What the bot checks saw: name and weight of each signal, in the order of the checks, nothing of what was sent. 100 together is the verdict spam.';

-- +goose Down
ALTER TABLE nigredo.form_submissions DROP COLUMN signals;
