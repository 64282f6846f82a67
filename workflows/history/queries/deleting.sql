-- Deleting: machines that are being deleted, and whether an execution of theirs still
-- runs or closed since $1 and the deletion.
SELECT
    m.arn,
    EXISTS (
        SELECT FROM stepfunctions.executions AS x
        WHERE x.machine_arn = m.arn AND x.status = 'RUNNING'
    ) OR EXISTS (
        SELECT FROM stepfunctions.executions AS x
        WHERE x.machine_arn = m.arn AND x.stopped_at >= greatest($1, m.deleting_at)
    ) AS held
FROM stepfunctions.machines AS m
WHERE m.deleting_at IS NOT NULL
ORDER BY m.arn
