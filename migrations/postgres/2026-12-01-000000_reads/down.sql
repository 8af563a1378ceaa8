-- The extension stays: others may use it by now.
DROP INDEX IF EXISTS tasks_text;
DROP INDEX audit_entries_created;
DROP INDEX audit_entries_undos;
DROP INDEX audit_entries_actor;
DROP INDEX tasks_open_due;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number, due_on) WHERE completed_at IS NULL;
DROP INDEX tasks_open_project;
DROP INDEX tasks_open_created;
DROP INDEX tasks_open_weight;
ALTER TABLE tasks DROP COLUMN weight;
ALTER TABLE tasks DROP COLUMN tag_count;
