-- Comments are searched with the task they are on. The twin in migrations/postgres has the same columns.

-- The folded text; those of comments that are there already are made by the program.
ALTER TABLE comments ADD COLUMN search_key TEXT NOT NULL DEFAULT '';

-- What the index of trigrams has of each task.
CREATE VIEW task_texts (number, search_key) AS
    SELECT tasks.number, tasks.search_key || COALESCE((
        SELECT group_concat(char(10) || own.search_key, '')
            FROM (SELECT search_key FROM comments WHERE task_id = tasks.id ORDER BY created_at, id) AS own
    ), '')
    FROM tasks;

DROP TRIGGER tasks_text_insert;
DROP TRIGGER tasks_text_delete;
DROP TRIGGER tasks_text_update;
DROP TRIGGER tasks_text_flush;
DROP TABLE tasks_text;
DELETE FROM tasks_text_pending;
CREATE VIRTUAL TABLE tasks_text USING fts5(
    search_key, content = 'task_texts', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', detail = none,
    columnsize = 0
);
INSERT INTO tasks_text (tasks_text) VALUES ('rebuild');

-- Before each change the text that the index has is noted, after it is looked whether enough waits.
CREATE TRIGGER tasks_text_insert AFTER INSERT ON tasks BEGIN
    INSERT INTO tasks_text_pending VALUES (new.number, NULL) ON CONFLICT DO NOTHING;
    UPDATE tasks_text_pending SET indexed = indexed WHERE number = new.number;
END;
CREATE TRIGGER tasks_text_before_delete BEFORE DELETE ON tasks BEGIN
    INSERT INTO tasks_text_pending SELECT * FROM task_texts WHERE number = old.number ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER tasks_text_delete AFTER DELETE ON tasks BEGIN
    UPDATE tasks_text_pending SET indexed = indexed WHERE number = old.number;
END;
CREATE TRIGGER tasks_text_before_update BEFORE UPDATE OF number, search_key ON tasks
    WHEN (old.number, old.search_key) IS NOT (new.number, new.search_key)
BEGIN
    INSERT INTO tasks_text_pending SELECT * FROM task_texts WHERE number = old.number ON CONFLICT DO NOTHING;
    INSERT INTO tasks_text_pending SELECT new.number, NULL WHERE new.number <> old.number ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER tasks_text_update AFTER UPDATE OF number, search_key ON tasks
    WHEN (old.number, old.search_key) IS NOT (new.number, new.search_key)
BEGIN
    UPDATE tasks_text_pending SET indexed = indexed WHERE number = new.number;
END;
CREATE TRIGGER comments_text_before_insert BEFORE INSERT ON comments BEGIN
    INSERT INTO tasks_text_pending
        SELECT * FROM task_texts WHERE number = (SELECT number FROM tasks WHERE id = new.task_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER comments_text_insert AFTER INSERT ON comments BEGIN
    UPDATE tasks_text_pending SET indexed = indexed WHERE number = (SELECT number FROM tasks WHERE id = new.task_id);
END;
CREATE TRIGGER comments_text_before_delete BEFORE DELETE ON comments BEGIN
    INSERT INTO tasks_text_pending
        SELECT * FROM task_texts WHERE number = (SELECT number FROM tasks WHERE id = old.task_id) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER comments_text_delete AFTER DELETE ON comments BEGIN
    UPDATE tasks_text_pending SET indexed = indexed WHERE number = (SELECT number FROM tasks WHERE id = old.task_id);
END;
CREATE TRIGGER comments_text_before_update BEFORE UPDATE OF task_id, search_key ON comments BEGIN
    INSERT INTO tasks_text_pending
        SELECT * FROM task_texts WHERE number IN (SELECT number FROM tasks WHERE id IN (old.task_id, new.task_id))
        ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER comments_text_update AFTER UPDATE OF task_id, search_key ON comments BEGIN
    UPDATE tasks_text_pending SET indexed = indexed WHERE number = (SELECT number FROM tasks WHERE id = new.task_id);
END;
CREATE TRIGGER tasks_text_flush AFTER UPDATE OF indexed ON tasks_text_pending
    WHEN (SELECT count(*) FROM tasks_text_pending) >= 256
BEGIN
    INSERT INTO tasks_text (tasks_text, rowid, search_key)
        SELECT 'delete', number, indexed FROM tasks_text_pending WHERE indexed IS NOT NULL;
    INSERT INTO tasks_text (rowid, search_key)
        SELECT number, search_key FROM task_texts WHERE number IN (SELECT number FROM tasks_text_pending);
    DELETE FROM tasks_text_pending;
END;

PRAGMA user_version = 10;
