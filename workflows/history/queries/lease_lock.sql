-- Lock: for the new session of a holder whose old one broke.
SELECT pg_try_advisory_lock(hashtextextended('stepfunctions.lease', 0))
