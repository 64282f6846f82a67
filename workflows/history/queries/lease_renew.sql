-- Renew: a sign of life of the holder of an epoch ($1), from whichever session it
-- has now. No row: another holds the lease.
UPDATE stepfunctions.lease
SET holder_pid = pg_backend_pid(), seen_at = clock_timestamp()
WHERE epoch = $1
