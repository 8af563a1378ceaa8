UPDATE views SET group_by = NULL WHERE group_by NOT IN ('project', 'tag', 'category', 'priority', 'due');
CREATE TABLE views_anew (
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
INSERT INTO views_anew SELECT id, owner_id, name, name_key, query, date_order, sort, shown_columns, group_by, version,
    created_at, updated_at FROM views;
DROP TABLE views;
ALTER TABLE views_anew RENAME TO views;
DROP TABLE task_fields;
DROP TABLE fields;

PRAGMA user_version = 8;
