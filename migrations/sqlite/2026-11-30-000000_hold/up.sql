-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/postgres has the same tables.

-- == Files and search ==
-- SQLite before 3.42 takes json_valid(NULL) for false, and so calls a row damaged that holds none, and a dump of it
-- unreadable. The text of the checks alone is changed, as https://www.sqlite.org/lang_altertable.html describes: to make
-- the record of changes anew would copy most of the file.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(replace(replace(sql,
        'CHECK (json_valid(before))', 'CHECK (before IS NULL OR json_valid(before))'),
        'CHECK (json_valid(after))', 'CHECK (after IS NULL OR json_valid(after))'),
        'CHECK (json_valid(payload))', 'CHECK (payload IS NULL OR json_valid(payload))')
    WHERE type = 'table' AND name IN ('audit_entries', 'notifications');
-- Has the tables read anew, so that what follows sees them as they are now.
PRAGMA writable_schema = RESET;

-- == Backups ==

-- What the daemons do on a schedule, each by one of them. next_at is moved once it was done; whoever is at it holds it
-- until lease_until. task_id is the task that tells of a failure.
CREATE TABLE backup_duties (
    kind TEXT PRIMARY KEY NOT NULL CHECK (kind IN ('backup', 'drill')),
    schedule TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    lease_until INTEGER,
    succeeded_at INTEGER,
    failed_at INTEGER,
    error_message TEXT,
    task_id BLOB REFERENCES tasks (id) ON DELETE SET NULL
) STRICT;

-- One row a restore. The latest epoch is part of each ETag: after a restore versions begin again where the backup was.
CREATE TABLE restores (
    epoch INTEGER PRIMARY KEY NOT NULL,
    backup_at INTEGER NOT NULL,
    restored_at INTEGER NOT NULL
) STRICT;

-- == Leases and zones ==

-- == Jobs and runs ==

-- == Accounts, addresses and quotas ==

-- == Delivery ==

-- == Settings of an account ==

PRAGMA user_version = 4;
