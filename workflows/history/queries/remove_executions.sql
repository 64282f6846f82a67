-- Remove closed executions of a machine ($2) that is being deleted, and their events
-- with them, until the events reach $3. Without the lease ($1) the epoch of the
-- answer is null. The sum is over $3 rows at most: an execution has one event at least.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), closed AS MATERIALIZED (
    SELECT few.id, sum(few.last_event_id) OVER (ORDER BY few.id) - few.last_event_id AS before
    FROM (
        SELECT x.id, x.last_event_id
        FROM stepfunctions.executions AS x
        WHERE x.machine_arn = $2 AND x.stopped_at IS NOT NULL AND EXISTS (SELECT FROM held)
            AND EXISTS (SELECT FROM stepfunctions.machines WHERE arn = $2 AND deleting_at IS NOT NULL)
        ORDER BY x.id
        LIMIT $3
    ) AS few
), gone AS (
    DELETE FROM stepfunctions.executions AS x
    USING closed AS c
    WHERE x.id = c.id AND c.before < $3 AND x.stopped_at IS NOT NULL
    RETURNING x.id
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM gone) AS removed
