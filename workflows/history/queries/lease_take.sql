-- Take: the next epoch. Waits for a commit of the epoch before.
UPDATE stepfunctions.lease
SET epoch = epoch + 1, holder_pid = pg_backend_pid(), seen_at = clock_timestamp()
RETURNING epoch
