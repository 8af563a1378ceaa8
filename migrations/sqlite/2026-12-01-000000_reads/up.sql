-- What lists, searches, the ranking and the record of changes are read from without looking at everything there is. The
-- twin in migrations/postgres has the same columns.

-- The trigrams of each task's folded text. It holds no text of its own, nor where in it a trigram is: what it finds is
-- compared with the text. To bring it up to date costs a commit much, so what was changed waits in tasks_text_pending, with
-- the text that the index has of it, until there is enough: a search looks at what waits as well. Triggers see every
-- writer, also those that are not Muista.
CREATE VIRTUAL TABLE tasks_text USING fts5(
    search_key, content = 'tasks', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', detail = none,
    columnsize = 0
);
INSERT INTO tasks_text (tasks_text) VALUES ('rebuild');
CREATE TABLE tasks_text_pending (
    number INTEGER PRIMARY KEY,
    indexed TEXT
) STRICT;
CREATE TRIGGER tasks_text_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO tasks_text_pending VALUES (new.number, NULL) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER tasks_text_delete AFTER DELETE ON tasks BEGIN
    INSERT INTO tasks_text_pending VALUES (old.number, old.search_key) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER tasks_text_update AFTER UPDATE OF number, search_key ON tasks
    WHEN (old.number, old.search_key) IS NOT (new.number, new.search_key)
BEGIN
    INSERT INTO tasks_text_pending VALUES (old.number, old.search_key) ON CONFLICT DO NOTHING;
    INSERT INTO tasks_text_pending SELECT new.number, NULL WHERE new.number <> old.number ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER tasks_text_flush AFTER INSERT ON tasks_text_pending
    WHEN (SELECT count(*) FROM tasks_text_pending) >= 256
BEGIN
    INSERT INTO tasks_text (tasks_text, rowid, search_key)
        SELECT 'delete', number, indexed FROM tasks_text_pending WHERE indexed IS NOT NULL;
    INSERT INTO tasks_text (rowid, search_key)
        SELECT number, search_key FROM tasks WHERE number IN (SELECT number FROM tasks_text_pending);
    DELETE FROM tasks_text_pending;
END;

-- The hundredths of urgency that do not depend on the time: of priority, project and tags (service/next/mod.rs). The ranking
-- reads each weight in the order of due.
ALTER TABLE tasks ADD COLUMN tag_count INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET tag_count = (SELECT count(*) FROM task_tags WHERE task_id = tasks.id)
    WHERE id IN (SELECT task_id FROM task_tags);
ALTER TABLE tasks ADD COLUMN weight INTEGER GENERATED ALWAYS AS (
    CASE priority WHEN 3 THEN 600 WHEN 2 THEN 200 ELSE 0 END + CASE WHEN project_id IS NULL THEN 0 ELSE 100 END
    + CASE tag_count WHEN 0 THEN 0 WHEN 1 THEN 80 WHEN 2 THEN 90 ELSE 100 END
) VIRTUAL;
CREATE INDEX tasks_open_weight ON tasks (owner_id, weight, due_key, number) WHERE completed_at IS NULL;
CREATE INDEX tasks_open_created ON tasks (owner_id, created_at, number) WHERE completed_at IS NULL;

-- Lists of open tasks that are narrowed to one project, in the usual order; or to a priority or a category: what has
-- another one is passed over in the index, which costs less than an index for each of them.
CREATE INDEX tasks_open_project ON tasks (project_id, due_key, number)
    WHERE completed_at IS NULL AND project_id IS NOT NULL;
DROP INDEX tasks_open_due;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number, due_on, priority, category) WHERE completed_at IS NULL;

-- The record of changes by who made them, of undos, and by time.
CREATE INDEX audit_entries_actor ON audit_entries (user_id, actor, seq);
CREATE INDEX audit_entries_undos ON audit_entries (user_id, seq) WHERE undoes IS NOT NULL;
CREATE INDEX audit_entries_created ON audit_entries (created_at, seq);

PRAGMA user_version = 6;
