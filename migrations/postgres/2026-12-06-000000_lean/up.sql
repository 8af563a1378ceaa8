-- Indexes that cost each change a page and that others can stand for. The twin in migrations/sqlite has the same columns.

-- Who did something is found by actor, and when by the change's identifier, which begins with its instant.
DROP INDEX audit_entries_user;
DROP INDEX audit_entries_created;
