-- Prune executions that closed before $2, and their events with them, the oldest
-- first, until the events reach $3. Without the lease ($1) the epoch of the answer is
-- null. The sum is over $3 rows at most: an execution has one event at least.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), closed AS MATERIALIZED (
    SELECT old.id, sum(old.last_event_id) OVER (ORDER BY old.stopped_at, old.id) - old.last_event_id AS before
    FROM (
        SELECT x.id, x.stopped_at, x.last_event_id
        FROM stepfunctions.executions AS x
        WHERE x.stopped_at IS NOT NULL AND x.stopped_at < $2 AND EXISTS (SELECT FROM held)
        ORDER BY x.stopped_at, x.id
        LIMIT $3
    ) AS old
), gone AS (
    DELETE FROM stepfunctions.executions AS x
    USING closed AS c
    WHERE x.id = c.id AND c.before < $3 AND x.stopped_at < $2
    RETURNING x.id
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM gone) AS removed
