-- Histories: all events of many executions ($1, ids), each in its order.
SELECT e.execution_id, e.id, e.previous_id, e.at, e.type, e.details, e.private
FROM stepfunctions.events AS e
WHERE e.execution_id = ANY ($1::bigint[])
ORDER BY e.execution_id, e.id
