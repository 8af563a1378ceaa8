-- Older programs cannot read the entries of tasks that were written meanwhile: those are kept without what their columns say.
DROP INDEX tasks_project;
CREATE INDEX tasks_project ON tasks (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX tasks_open_project ON tasks (project_id, due_key, number)
    WHERE completed_at IS NULL AND project_id IS NOT NULL;
CREATE INDEX audit_entries_user ON audit_entries (user_id, seq);
CREATE INDEX audit_entries_created ON audit_entries (created_at, seq);

PRAGMA user_version = 10;
