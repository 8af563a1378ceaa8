-- What an account keeps under a name. The twin in migrations/postgres has the same columns.

-- Queries.
CREATE TABLE views (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,  -- the name in NFC and without regard to case
    query TEXT NOT NULL,  -- what the user wrote
    date_order TEXT CHECK (date_order IN ('dmy', 'mdy')),  -- how 1/2 in it is read
    sort TEXT,
    shown_columns TEXT,
    group_by TEXT CHECK (group_by IN ('project', 'tag', 'category', 'priority', 'due')),
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key)
) STRICT;

-- Trees of tasks that an account keeps to make again.
CREATE TABLE templates (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,  -- the name in NFC and without regard to case
    placeholders TEXT NOT NULL CHECK (json_valid(placeholders)),
    tasks TEXT NOT NULL CHECK (json_valid(tasks)),  -- each behind the one that it is a part of
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key)
) STRICT;

PRAGMA user_version = 8;
