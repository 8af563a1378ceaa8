-- What accounts keep of their tasks beside what every task has. The twin in migrations/sqlite has the same columns.

CREATE TABLE fields (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    name_key text NOT NULL,  -- the name in NFC and without regard to case
    kind text NOT NULL CHECK (kind IN ('number', 'text', 'date', 'duration', 'choice')),
    choices jsonb NOT NULL,  -- in order
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (owner_id, name_key)
);

CREATE TABLE task_fields (
    task_id uuid NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    field_id uuid NOT NULL REFERENCES fields (id) ON DELETE CASCADE,
    value text NOT NULL,
    sort_key text COLLATE "C" NOT NULL,  -- whose bytes are in the order of the values
    PRIMARY KEY (task_id, field_id)
);
CREATE INDEX task_fields_order ON task_fields (field_id, sort_key);

-- Lists may be grouped by own fields, too.
ALTER TABLE views DROP CONSTRAINT views_group_by_check;
