-- Mark a machine ($2) as being deleted since $3. Without the lease ($1) the epoch of
-- the answer is null.
WITH held AS MATERIALIZED (
    SELECT epoch FROM stepfunctions.lease WHERE epoch = $1 FOR SHARE
), machine AS (
    UPDATE stepfunctions.machines AS m SET deleting_at = $3
    FROM held
    WHERE m.arn = $2 AND m.deleting_at IS NULL
    RETURNING m.arn
)
SELECT (SELECT epoch FROM held) AS epoch, (SELECT count(*) FROM machine) AS marked
