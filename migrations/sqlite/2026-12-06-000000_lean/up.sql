-- Indexes that cost each change a page and that others can stand for. The twin in migrations/postgres has the same columns.

-- Who did something is found by actor, and when by the change's identifier, which begins with its instant.
DROP INDEX audit_entries_user;
DROP INDEX audit_entries_created;

-- Open tasks of a project are one stretch of the index of all its tasks.
DROP INDEX tasks_open_project;
DROP INDEX tasks_project;
CREATE INDEX tasks_project ON tasks (project_id, completed_at, due_key, number) WHERE project_id IS NOT NULL;

PRAGMA user_version = 11;
