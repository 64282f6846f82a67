-- Published: the bus has taken these.
DELETE FROM stepfunctions.changes
WHERE position = ANY ($1::bigint[])
