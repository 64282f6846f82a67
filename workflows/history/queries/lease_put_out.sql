-- Put out: fences off a holder whose last sign of life is older than $1, whatever
-- becomes of its session. No row: it has given one meanwhile, or is out already.
UPDATE stepfunctions.lease
SET epoch = epoch + 1, seen_at = clock_timestamp()
WHERE seen_at < clock_timestamp() - $1::interval
