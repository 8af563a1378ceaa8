-- == Settings of an account ==

-- == Delivery ==

-- == Accounts, addresses and quotas ==

-- == Jobs and runs ==

-- == Leases and zones ==

-- == Backups ==

DROP TABLE restores;
DROP TABLE backup_duties;

-- == Files and search ==
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(replace(replace(sql,
        'CHECK (before IS NULL OR json_valid(before))', 'CHECK (json_valid(before))'),
        'CHECK (after IS NULL OR json_valid(after))', 'CHECK (json_valid(after))'),
        'CHECK (payload IS NULL OR json_valid(payload))', 'CHECK (json_valid(payload))')
    WHERE type = 'table' AND name IN ('audit_entries', 'notifications');
PRAGMA writable_schema = RESET;

PRAGMA user_version = 3;
