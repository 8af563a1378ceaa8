-- What accounts keep of their tasks beside what every task has. The twin in migrations/postgres has the same columns.

CREATE TABLE fields (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,  -- the name in NFC and without regard to case
    kind TEXT NOT NULL CHECK (kind IN ('number', 'text', 'date', 'duration', 'choice')),
    choices TEXT NOT NULL CHECK (json_valid(choices)),  -- in order
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key)
) STRICT;

CREATE TABLE task_fields (
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    field_id BLOB NOT NULL REFERENCES fields (id) ON DELETE CASCADE,
    value TEXT NOT NULL,
    sort_key TEXT NOT NULL,  -- whose bytes are in the order of the values
    PRIMARY KEY (task_id, field_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_fields_order ON task_fields (field_id, sort_key);

-- Lists may be grouped by own fields, too.
CREATE TABLE views_anew (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,  -- the name in NFC and without regard to case
    query TEXT NOT NULL,  -- what the user wrote
    date_order TEXT CHECK (date_order IN ('dmy', 'mdy')),  -- how 1/2 in it is read
    sort TEXT,
    shown_columns TEXT,
    group_by TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key)
) STRICT;
INSERT INTO views_anew SELECT id, owner_id, name, name_key, query, date_order, sort, shown_columns, group_by, version,
    created_at, updated_at FROM views;
DROP TABLE views;
ALTER TABLE views_anew RENAME TO views;

PRAGMA user_version = 9;
