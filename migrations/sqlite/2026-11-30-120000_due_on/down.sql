ALTER TABLE jobs DROP COLUMN zone_lost_at;
ALTER TABLE runs DROP COLUMN by_agent;
ALTER TABLE jobs DROP COLUMN by_agent;
DROP INDEX tasks_open_due;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number) WHERE completed_at IS NULL;

PRAGMA user_version = 4;
