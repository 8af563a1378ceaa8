-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/sqlite has the same tables.

-- == Files and search ==

-- == Backups ==

-- What the daemons do on a schedule, each by one of them. next_at is moved once it was done; whoever is at it holds it
-- until lease_until. task_id is the task that tells of a failure.
CREATE TABLE backup_duties (
    kind text PRIMARY KEY CHECK (kind IN ('backup', 'drill')),
    schedule text NOT NULL,
    next_at timestamptz NOT NULL,
    lease_until timestamptz,
    succeeded_at timestamptz,
    failed_at timestamptz,
    error_message text,
    task_id uuid REFERENCES tasks (id) ON DELETE SET NULL
);

-- One row a restore. The latest epoch is part of each ETag: after a restore versions begin again where the backup was.
CREATE TABLE restores (
    epoch bigint PRIMARY KEY,
    backup_at timestamptz NOT NULL,
    restored_at timestamptz NOT NULL
);

-- == Leases and zones ==

-- == Jobs and runs ==

-- A deleted job stays for a while, hidden, with its runs and what they wrote: undo brings it back whole.
ALTER TABLE jobs ADD COLUMN deleted_at timestamptz;
CREATE INDEX jobs_deleted ON jobs (deleted_at) WHERE deleted_at IS NOT NULL;

-- Where the cursor of a schedule stood when it fell due while its account was out of use.
ALTER TABLE jobs ADD COLUMN parked_at timestamptz;
ALTER TABLE reminders ADD COLUMN parked_at timestamptz;

-- How often a message tells of a job that keeps failing, how often it has failed in a row, and when that was told last.
ALTER TABLE jobs ADD COLUMN notify_every_seconds integer NOT NULL DEFAULT 86400 CHECK (notify_every_seconds >= 0);
ALTER TABLE jobs ADD COLUMN failures integer NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN failing_since timestamptz;
ALTER TABLE jobs ADD COLUMN failure_told_at timestamptz;

ALTER TABLE runs ADD COLUMN cancel_reason text;  -- why it is to be stopped
ALTER TABLE runs ADD COLUMN omitted_bytes bigint NOT NULL DEFAULT 0;  -- what was left out of its output
ALTER TABLE runs ADD COLUMN left_behind jsonb NOT NULL DEFAULT '[]';  -- processes
ALTER TABLE runs ADD COLUMN retry_of uuid;  -- the run before, which may be cleaned away
CREATE INDEX runs_retry_of ON runs (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX runs_worker ON runs (worker) WHERE lease_until IS NOT NULL;
ALTER TABLE run_logs ADD COLUMN omitted_bytes bigint NOT NULL DEFAULT 0;  -- left out before this piece

-- Which reminder a message told of, while that is deleted: undo joins them again.
ALTER TABLE notifications ADD COLUMN deleted_reminder_id uuid;
CREATE INDEX notifications_deleted_reminder ON notifications (deleted_reminder_id)
    WHERE deleted_reminder_id IS NOT NULL;

-- == Accounts, addresses and quotas ==

-- == Delivery ==

-- == Settings of an account ==

SELECT 1;
