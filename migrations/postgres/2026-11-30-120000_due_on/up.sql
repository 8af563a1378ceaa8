-- A due date without a time is a day, which a list compares with the reader's: the index of open tasks holds it beside the
-- instant it ends at, so that what does not count is passed over there. The twin in migrations/sqlite does the same.
DROP INDEX tasks_open_due;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number, due_on) WHERE completed_at IS NULL;

-- Whether an agent defined a job last, and asked for a run: the tasks that its failures leave are the agents' then, who may
-- make so many in a day.
ALTER TABLE jobs ADD COLUMN by_agent boolean NOT NULL DEFAULT false;
ALTER TABLE runs ADD COLUMN by_agent boolean NOT NULL DEFAULT false;

-- Since when a job is at rest because its time zone is not known, once its owner was told so.
ALTER TABLE jobs ADD COLUMN zone_lost_at timestamptz;
