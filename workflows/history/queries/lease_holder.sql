-- Holder: who has the lock, its last sign of life, and whether that is older than $1.
SELECT l.pid, lease.seen_at, lease.seen_at < clock_timestamp() - $1::interval AS stalled
FROM pg_locks AS l
CROSS JOIN stepfunctions.lease AS lease
WHERE l.locktype = 'advisory' AND l.granted
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ((l.classid::bigint << 32) | l.objid::bigint) = hashtextextended('stepfunctions.lease', 0)
    AND l.objsubid = 1
