DROP TRIGGER tasks_text_flush;
DROP TRIGGER comments_text_update;
DROP TRIGGER comments_text_before_update;
DROP TRIGGER comments_text_delete;
DROP TRIGGER comments_text_before_delete;
DROP TRIGGER comments_text_insert;
DROP TRIGGER comments_text_before_insert;
DROP TRIGGER tasks_text_update;
DROP TRIGGER tasks_text_before_update;
DROP TRIGGER tasks_text_delete;
DROP TRIGGER tasks_text_before_delete;
DROP TRIGGER tasks_text_insert;
DROP TABLE tasks_text;
DELETE FROM tasks_text_pending;
DROP VIEW task_texts;
ALTER TABLE comments DROP COLUMN search_key;
CREATE VIRTUAL TABLE tasks_text USING fts5(
    search_key, content = 'tasks', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', detail = none,
    columnsize = 0
);
INSERT INTO tasks_text (tasks_text) VALUES ('rebuild');
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

PRAGMA user_version = 9;
