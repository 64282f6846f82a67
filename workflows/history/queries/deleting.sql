-- Deleting: machines that are being deleted, since when, and whether an execution of
-- theirs still runs or closed since $1.
SELECT
    m.arn, m.deleting_at,
    EXISTS (
        SELECT FROM stepfunctions.executions AS x
        WHERE x.machine_arn = m.arn AND x.status = 'RUNNING'
    ) OR EXISTS (
        SELECT FROM stepfunctions.executions AS x
        WHERE x.machine_arn = m.arn AND x.stopped_at >= $1
    ) AS held
FROM stepfunctions.machines AS m
WHERE m.deleting_at IS NOT NULL
ORDER BY m.arn
