-- Remembers an event, and tells whether its id is new (0) or how often it was
-- repeated. Another transaction that is taking the same id is waited for: when it
-- gives up, the id is new here.
INSERT INTO fibonacci.events AS known (webhook_id, type, lead_id, happened_at, received_at)
VALUES ($1, $2, $3, $4, clock_timestamp())
ON CONFLICT (webhook_id) DO UPDATE SET repeats = known.repeats + 1
RETURNING repeats
