-- Which variant of the page a lead saw, beside its campaign.

-- backward compatible: yes

-- +goose Up
ALTER TABLE nigredo.leads ADD COLUMN variant text CHECK (variant ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');
COMMENT ON COLUMN nigredo.leads.variant IS
    'Of the page that the form stood on, a word. Null when the page said none, as every page did before this column; utm_content stands in for it then.';

-- +goose Down
ALTER TABLE nigredo.leads DROP COLUMN variant;
