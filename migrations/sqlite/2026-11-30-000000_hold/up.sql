-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/postgres has the same tables.

-- == Files and search ==

-- == Leases and zones ==

-- == Jobs and runs ==

-- == Accounts, addresses and quotas ==

-- == Delivery ==

-- == Settings of an account ==

PRAGMA user_version = 4;
