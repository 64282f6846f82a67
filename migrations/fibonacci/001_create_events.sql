-- +goose Up

-- Ids and times only: what an event says would be a second copy of personal data,
-- which no erasure reaches. There is no time of the put: a row is committed with it.
CREATE TABLE fibonacci.events (
    webhook_id  text        PRIMARY KEY CHECK (octet_length(webhook_id) BETWEEN 1 AND 256),
    type        text        NOT NULL CHECK (octet_length(type) BETWEEN 1 AND 100),
    lead_id     uuid,                   -- null when the event is about no lead
    happened_at timestamptz NOT NULL,   -- as the event says
    received_at timestamptz NOT NULL,   -- here, the first time
    repeats     integer     NOT NULL DEFAULT 0 CHECK (repeats >= 0)  -- taken before, and sent again
);
COMMENT ON TABLE fibonacci.events IS 'the events that the built-in receiver put on the bus; a row is committed when its event was put';
CREATE INDEX events_by_time ON fibonacci.events (received_at, webhook_id);

-- +goose Down

DROP TABLE fibonacci.events;
