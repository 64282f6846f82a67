-- Changes not yet published, after a position ($1), at most $2.
SELECT position, event_id, execution_arn, at, body
FROM stepfunctions.changes
WHERE position > $1
ORDER BY position
LIMIT $2
