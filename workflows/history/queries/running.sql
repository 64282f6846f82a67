-- Running: what an engine must look at after a start, a page ($2) after an id ($1).
SELECT id, arn, wake_at
FROM stepfunctions.executions
WHERE status = 'RUNNING' AND id > $1
ORDER BY id
LIMIT $2
