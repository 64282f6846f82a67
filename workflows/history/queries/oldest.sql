-- Oldest: when the first of the closed executions closed; null without one.
SELECT min(stopped_at) AS oldest
FROM stepfunctions.executions
WHERE stopped_at IS NOT NULL
