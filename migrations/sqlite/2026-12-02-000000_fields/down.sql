DROP TABLE time_entries;
DROP INDEX tasks_waiting;
DROP INDEX tasks_open_due;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number, due_on, priority, category) WHERE completed_at IS NULL;
DROP INDEX tasks_open_weight;
CREATE INDEX tasks_open_weight ON tasks (owner_id, weight, due_key, number) WHERE completed_at IS NULL;
ALTER TABLE tasks DROP COLUMN urge_key;
ALTER TABLE tasks DROP COLUMN position;
ALTER TABLE tasks DROP COLUMN estimate;
ALTER TABLE tasks DROP COLUMN deadline_on;
ALTER TABLE tasks DROP COLUMN deadline_at;
ALTER TABLE tasks DROP COLUMN start_on;
ALTER TABLE tasks DROP COLUMN start_at;

PRAGMA user_version = 6;
