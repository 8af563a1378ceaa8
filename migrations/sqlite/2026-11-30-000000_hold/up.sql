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

-- == Leases and zones ==

-- == Jobs and runs ==

-- == Accounts, addresses and quotas ==

-- == Delivery ==

-- == Settings of an account ==

PRAGMA user_version = 4;
