-- Take: the lock, held by the session of a living engine and gone with it, and the
-- next epoch. No row: another session has the lock. Waits for a commit of the epoch
-- before.
UPDATE stepfunctions.lease
SET epoch = epoch + 1, holder_pid = pg_backend_pid(), seen_at = clock_timestamp()
WHERE pg_try_advisory_lock(hashtextextended('stepfunctions.lease', 0))
RETURNING epoch
