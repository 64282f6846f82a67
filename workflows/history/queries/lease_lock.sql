-- Lock: held by the session of a living engine, gone with it.
SELECT pg_try_advisory_lock(hashtextextended('stepfunctions.lease', 0))
