-- What the engine needs beside the first schema: recurring tasks, reminders that repeat until acknowledged, and queues.
-- The twin in migrations/sqlite has the same tables and columns; only the types differ.

-- What recurring tasks are made from. Each occurrence is a task of its own, numbered within its series.
CREATE TABLE series (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    rule text NOT NULL,  -- cron, or an ISO 8601 duration
    words text NOT NULL,  -- what the user wrote
    from_completion boolean NOT NULL DEFAULT false,
    timezone text NOT NULL,
    anchor_at timestamptz NOT NULL,  -- where intervals count from
    end_at timestamptz,
    template jsonb NOT NULL,  -- what the next occurrence is made of
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX series_owner ON series (owner_id);

ALTER TABLE tasks ADD COLUMN series_id uuid REFERENCES series (id) ON DELETE SET NULL;
ALTER TABLE tasks ADD COLUMN series_number bigint;
ALTER TABLE tasks ADD COLUMN recurrence text;  -- the words of the series
CREATE UNIQUE INDEX tasks_series ON tasks (series_id, series_number) WHERE series_id IS NOT NULL;

-- next_trigger_at, the cursor, is the earlier of regular_at, the next of the schedule, and repeat_at, when it is told
-- again: after it was snoozed, or every `nag` until it is acknowledged.
ALTER TABLE reminders ADD COLUMN words text;
ALTER TABLE reminders ADD COLUMN nag text;  -- an ISO 8601 duration
ALTER TABLE reminders ADD COLUMN regular_at timestamptz;
ALTER TABLE reminders ADD COLUMN repeat_at timestamptz;
ALTER TABLE reminders ADD COLUMN acknowledged_at timestamptz;

ALTER TABLE jobs ADD COLUMN words text;
ALTER TABLE jobs ADD COLUMN channels jsonb NOT NULL DEFAULT '[]';  -- empty: the usual ones

ALTER TABLE runs ADD COLUMN cancel_requested_at timestamptz;
CREATE INDEX runs_unfinished ON runs (job_id) WHERE finished_at IS NULL;

ALTER TABLE notifications ADD COLUMN run_id uuid REFERENCES runs (id) ON DELETE SET NULL;
CREATE INDEX notifications_run ON notifications (run_id) WHERE run_id IS NOT NULL;
-- While a message is worked on next_attempt_at is the lease's end: what is past it may be taken, by whomever.
DROP INDEX notifications_waiting;
CREATE INDEX notifications_waiting ON notifications (channel, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
