-- Prune revisions that no execution is pinned to and that are not current, of
-- machines whose current one is older than $2: whoever read an older one before the
-- update has long begun with it. Without the lease ($1) the epoch of the answer is
-- null.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), gone AS (
    DELETE FROM stepfunctions.revisions AS r
    USING held, stepfunctions.machines AS m, stepfunctions.revisions AS newest
    WHERE m.arn = r.machine_arn AND m.revision_id <> r.revision_id
        AND newest.machine_arn = m.arn AND newest.revision_id = m.revision_id AND newest.created_at < $2
        AND NOT EXISTS (
            SELECT FROM stepfunctions.executions AS x
            WHERE x.machine_arn = r.machine_arn AND x.revision_id = r.revision_id
        )
    RETURNING r.machine_arn
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM gone) AS removed
