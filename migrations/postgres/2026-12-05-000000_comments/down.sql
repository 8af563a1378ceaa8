DROP INDEX IF EXISTS comments_text;
ALTER TABLE comments DROP COLUMN search_key;
