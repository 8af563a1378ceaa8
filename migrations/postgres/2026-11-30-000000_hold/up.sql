-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/sqlite has the same tables.

-- == Files and search ==

-- == Backups ==

-- What the daemons do on a schedule, each by one of them. next_at is moved once it was done; whoever is at it holds it
-- until lease_until. task_id is the task that tells of a failure.
CREATE TABLE backup_duties (
    kind text PRIMARY KEY CHECK (kind IN ('backup', 'drill')),
    schedule text NOT NULL,
    next_at timestamptz NOT NULL,
    lease_until timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    error_message text,
    task_id uuid REFERENCES tasks (id) ON DELETE SET NULL
);

-- One row a restore. The latest epoch is part of each ETag: after a restore versions begin again where the backup was.
CREATE TABLE restores (
    epoch bigint PRIMARY KEY,
    backup_at timestamptz NOT NULL,
    restored_at timestamptz NOT NULL
);

-- == Leases and zones ==

-- == Jobs and runs ==

-- == Accounts, addresses and quotas ==

-- == Delivery ==

-- == Settings of an account ==

SELECT 1;
