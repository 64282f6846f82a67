-- +goose Up

-- One row: who may write. The epoch rises with every holder; each write checks it.
CREATE TABLE stepfunctions.lease (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch      bigint      NOT NULL CHECK (epoch >= 0),
    holder_pid integer,                -- the server process of the holder's session
    seen_at    timestamptz NOT NULL    -- the holder's last sign of life
);
COMMENT ON TABLE stepfunctions.lease IS 'which engine may write; a greater epoch fences off every smaller one';
INSERT INTO stepfunctions.lease (epoch, seen_at) VALUES (0, 'epoch');

-- A revision never changes; an execution is pinned to the one it started with.
CREATE TABLE stepfunctions.revisions (
    machine_arn            text        NOT NULL,
    revision_id            text        NOT NULL,  -- '' for the form a machine was created in
    definition             text        NOT NULL,
    role_arn               text        NOT NULL,
    log_level              text        NOT NULL,
    include_execution_data boolean     NOT NULL,
    created_at             timestamptz NOT NULL,
    PRIMARY KEY (machine_arn, revision_id)
);

CREATE TABLE stepfunctions.machines (
    arn         text        PRIMARY KEY,
    name        text        NOT NULL COLLATE "C" UNIQUE,
    type        text        NOT NULL CHECK (type IN ('STANDARD', 'EXPRESS')),
    revision_id text        NOT NULL,  -- the current one
    created_at  timestamptz NOT NULL,
    FOREIGN KEY (arn, revision_id) REFERENCES stepfunctions.revisions (machine_arn, revision_id)
        DEFERRABLE INITIALLY DEFERRED
);

CREATE TABLE stepfunctions.executions (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- rises in the order of starts
    arn           text        NOT NULL UNIQUE,
    machine_arn   text        NOT NULL,
    revision_id   text        NOT NULL,
    name          text        NOT NULL,
    status        text        NOT NULL CHECK (status IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')),
    input         text        NOT NULL,
    output        text,
    error         text,
    cause         text,
    role_arn      text        NOT NULL,
    trace_header  text        NOT NULL,
    started_at    timestamptz NOT NULL,
    stopped_at    timestamptz,
    redrive_count integer     NOT NULL CHECK (redrive_count >= 0),
    redriven_at   timestamptz,
    last_event_id bigint      NOT NULL CHECK (last_event_id BETWEEN 1 AND 25000),
    wake_at       timestamptz,          -- when a waiting execution is looked at; null: a task is pending
    timers        json,                 -- due times that no event tells, by the event they stand behind
    redrives      json,                 -- client tokens of the newest redrives
    CHECK ((status = 'RUNNING') = (stopped_at IS NULL)),
    CHECK (status = 'SUCCEEDED' OR output IS NULL),
    FOREIGN KEY (machine_arn, revision_id) REFERENCES stepfunctions.revisions (machine_arn, revision_id)
) WITH (fillfactor = 80);               -- every step updates the row: leave room beside it
CREATE INDEX executions_by_machine ON stepfunctions.executions (machine_arn, id DESC);
CREATE INDEX executions_running ON stepfunctions.executions (id) WHERE status = 'RUNNING';

CREATE TABLE stepfunctions.events (
    execution_id bigint      NOT NULL REFERENCES stepfunctions.executions (id) ON DELETE CASCADE,
    id           bigint      NOT NULL CHECK (id BETWEEN 1 AND 25000),
    previous_id  bigint      NOT NULL,
    at           timestamptz NOT NULL,
    type         text        NOT NULL,
    details      json        NOT NULL,
    PRIMARY KEY (execution_id, id)
);

-- Status changes that the bus has not yet taken.
CREATE TABLE stepfunctions.changes (
    position      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id      text        NOT NULL UNIQUE,
    execution_arn text        NOT NULL,
    at            timestamptz NOT NULL,
    body          json        NOT NULL
);
COMMENT ON TABLE stepfunctions.changes IS 'outbox: written with the events that caused the change, removed once published';

-- +goose Down
DROP TABLE stepfunctions.changes;
DROP TABLE stepfunctions.events;
DROP TABLE stepfunctions.executions;
DROP TABLE stepfunctions.machines;
DROP TABLE stepfunctions.revisions;
DROP TABLE stepfunctions.lease;
