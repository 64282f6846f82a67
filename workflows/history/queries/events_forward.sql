-- Events of an execution ($1) after an id ($2), oldest first, at most $3 (null: all).
SELECT e.id, e.previous_id, e.at, e.type, e.details, e.private
FROM stepfunctions.events AS e
JOIN stepfunctions.executions AS x ON x.id = e.execution_id
WHERE x.arn = $1 AND e.id > $2
ORDER BY e.id
LIMIT $3::bigint
