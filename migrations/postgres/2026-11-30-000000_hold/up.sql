-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/sqlite has the same tables.

-- == Files and search ==

-- == Leases and zones ==

-- == Jobs and runs ==

-- == Accounts, addresses and quotas ==

-- == Delivery ==

-- == Settings of an account ==

SELECT 1;
