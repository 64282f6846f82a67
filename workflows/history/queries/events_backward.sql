-- Events of an execution ($1) before an id ($2, 0 for none), newest first, at most
-- $3 (null: all).
SELECT e.id, e.previous_id, e.at, e.type, e.details, e.private
FROM stepfunctions.events AS e
JOIN stepfunctions.executions AS x ON x.id = e.execution_id
WHERE x.arn = $1 AND ($2::bigint = 0 OR e.id < $2)
ORDER BY e.id DESC
LIMIT $3::bigint
