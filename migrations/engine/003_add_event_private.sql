-- +goose Up

-- Some types of event have no details. What only the engine needs of an event is kept
-- apart from what AWS shows of it.
ALTER TABLE stepfunctions.events
    ALTER COLUMN details DROP NOT NULL,
    ADD COLUMN private json;

-- +goose Down
ALTER TABLE stepfunctions.events
    DROP COLUMN private,
    ALTER COLUMN details SET NOT NULL;
