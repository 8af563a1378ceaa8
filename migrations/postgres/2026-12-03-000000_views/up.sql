-- What an account keeps under a name. The twin in migrations/sqlite has the same columns.

-- Queries.
CREATE TABLE views (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_key text NOT NULL,  -- the name in NFC and without regard to case
    query text NOT NULL,  -- what the user wrote
    date_order text CHECK (date_order IN ('dmy', 'mdy')),  -- how 1/2 in it is read
    sort text,
    shown_columns text,
    group_by text CHECK (group_by IN ('project', 'tag', 'category', 'priority', 'due')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (owner_id, name_key)
);

-- Trees of tasks that an account keeps to make again.
CREATE TABLE templates (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_key text NOT NULL,  -- the name in NFC and without regard to case
    placeholders jsonb NOT NULL,
    tasks jsonb NOT NULL,  -- each behind the one that it is a part of
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (owner_id, name_key)
);
