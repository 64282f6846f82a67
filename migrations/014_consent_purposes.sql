-- One row for each purpose that a person agreed to, and whether its sentence was the
-- site's. Until here a consent to marketing was a boolean beside the sentence of the
-- reply. Those rows stay as they are: nothing tells which sentence stood there.

-- backward compatible: yes

-- +goose Up
-- A constant default and a nullable column: no row is rewritten. Making the key anew
-- reads the table once, while new leads wait.
ALTER TABLE nigredo.consents
    ADD COLUMN purpose text NOT NULL DEFAULT 'reply' CHECK (purpose IN ('reply', 'marketing')),
    ADD COLUMN recognised boolean,
    ADD CHECK (marketing OR purpose <> 'marketing'),
    DROP CONSTRAINT consents_pkey,
    ADD PRIMARY KEY (lead_id, given_at, purpose);
COMMENT ON TABLE nigredo.consents IS
    'What the person agreed to, when and how, a row for each purpose (LGPD, art. 8): text_hash is the SHA-256 of the exact sentence shown, null when an API client showed one of its own and did not say which.';
COMMENT ON COLUMN nigredo.consents.marketing IS
    'Whether marketing was agreed to, in every row of one post. From migration 014 on that consent has a row of its own; of earlier ones this is all that is known.';
COMMENT ON COLUMN nigredo.consents.recognised IS
    'Whether id, version, locale and hash were those of a sentence of the site for this purpose when it was stored. Null: nobody looked, as before migration 014.';

-- +goose Down
-- What only the rows of marketing know is lost; that it was agreed to stays in marketing.
DELETE FROM nigredo.consents WHERE purpose = 'marketing';
ALTER TABLE nigredo.consents
    DROP CONSTRAINT consents_pkey,
    ADD PRIMARY KEY (lead_id, given_at),
    DROP COLUMN purpose,
    DROP COLUMN recognised;
COMMENT ON TABLE nigredo.consents IS
    'What the person agreed to, when and how (LGPD, art. 8): text_hash is the SHA-256 of the exact sentence shown, null when an API client showed one of its own and did not say which.';
COMMENT ON COLUMN nigredo.consents.marketing IS NULL;
