-- What lists, searches, the ranking and the record of changes are read from without looking at everything there is. The
-- twin in migrations/sqlite has the same columns.

-- The hundredths of urgency that do not depend on the time: of priority, project and tags (service/next/mod.rs). The ranking
-- reads each weight in the order of due.
ALTER TABLE tasks
    ADD COLUMN tag_count smallint NOT NULL DEFAULT 0,
    ADD COLUMN weight smallint GENERATED ALWAYS AS (
        CASE priority WHEN 3 THEN 600 WHEN 2 THEN 200 ELSE 0 END + CASE WHEN project_id IS NULL THEN 0 ELSE 100 END
        + CASE tag_count WHEN 0 THEN 0 WHEN 1 THEN 80 WHEN 2 THEN 90 ELSE 100 END
    ) STORED;
UPDATE tasks SET tag_count = tagged.count
    FROM (SELECT task_id, count(*) FROM task_tags GROUP BY task_id) AS tagged WHERE tagged.task_id = tasks.id;
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

-- The trigrams of each task's folded text, where the server has the extension and lets this role make it; else a search
-- looks through all texts. The extension may be in a schema that is not searched.
DO $$
DECLARE place text;
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    SELECT quote_ident(nspname) INTO STRICT place
        FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
    EXECUTE 'CREATE INDEX tasks_text ON tasks USING gin (search_key ' || place || '.gin_trgm_ops)';
EXCEPTION WHEN OTHERS THEN
    NULL;
END $$;
