-- When tasks are worked on: their start, until which lists pass over them, their deadline, estimate and place by hand.
-- The twin in migrations/postgres has the same columns.
ALTER TABLE tasks ADD COLUMN start_at INTEGER;
-- Only for a start without a time; start_at is then the beginning of that day.
ALTER TABLE tasks ADD COLUMN start_on TEXT
    CHECK (start_on IS NULL OR start_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
ALTER TABLE tasks ADD COLUMN deadline_at INTEGER;
ALTER TABLE tasks ADD COLUMN deadline_on TEXT
    CHECK (deadline_on IS NULL OR deadline_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]');
ALTER TABLE tasks ADD COLUMN estimate INTEGER CHECK (estimate IS NULL OR estimate >= 0);  -- seconds
ALTER TABLE tasks ADD COLUMN position INTEGER;

-- By which the ranking reads tasks of one weight: the earlier of due and deadline.
ALTER TABLE tasks ADD COLUMN urge_key INTEGER GENERATED ALWAYS AS (
    min(COALESCE(due_at, 253402300799999999), COALESCE(deadline_at, 253402300799999999))
) VIRTUAL;
DROP INDEX tasks_open_weight;
CREATE INDEX tasks_open_weight ON tasks (owner_id, weight, urge_key, number) WHERE completed_at IS NULL;

-- What waits is passed over in the index, where it can be counted too.
DROP INDEX tasks_open_due;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number, due_on, priority, category, start_at, start_on)
    WHERE completed_at IS NULL;
CREATE INDEX tasks_waiting ON tasks (start_at, owner_id) WHERE completed_at IS NULL AND start_at IS NOT NULL;

-- When who worked on what; without an end it is being worked on. A task's own account is not always who works on it.
CREATE TABLE time_entries (
    id BLOB PRIMARY KEY NOT NULL,
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    began_at INTEGER NOT NULL,
    ended_at INTEGER,
    CHECK (ended_at IS NULL OR ended_at >= began_at)
) STRICT;
CREATE INDEX time_entries_task ON time_entries (task_id, began_at);
CREATE INDEX time_entries_user ON time_entries (user_id, began_at);
CREATE UNIQUE INDEX time_entries_running ON time_entries (user_id, task_id) WHERE ended_at IS NULL;

PRAGMA user_version = 7;
