-- Comments are searched with the task they are on. The twin in migrations/sqlite has the same columns.

-- The folded text; those of comments that are there already are made by the program.
ALTER TABLE comments ADD COLUMN search_key text NOT NULL DEFAULT '';

-- Their trigrams, as with the tasks' texts: where the server has the extension and lets this role make the index.
DO $$
DECLARE place text;
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    SELECT quote_ident(nspname) INTO STRICT place
        FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
    EXECUTE 'CREATE INDEX comments_text ON comments USING gin (search_key ' || place || '.gin_trgm_ops)';
EXCEPTION WHEN OTHERS THEN
    NULL;
END $$;
