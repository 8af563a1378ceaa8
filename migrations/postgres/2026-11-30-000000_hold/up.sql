-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/sqlite has the same tables.

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

-- An address to which nothing goes before its owner has shown to read what is sent there.
ALTER TABLE users ADD COLUMN email_confirmed_at TIMESTAMPTZ;
ALTER TABLE users ADD COLUMN phone_confirmed_at TIMESTAMPTZ;
UPDATE users SET email_confirmed_at = updated_at WHERE email IS NOT NULL;
UPDATE users SET phone_confirmed_at = updated_at WHERE phone_number IS NOT NULL;

CREATE TABLE address_confirmations (
    code_hash BYTEA PRIMARY KEY NOT NULL CHECK (octet_length(code_hash) = 32),
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'SMS')),
    address TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    used_at TIMESTAMPTZ
);
CREATE INDEX address_confirmations_user ON address_confirmations (user_id, created_at);
CREATE INDEX address_confirmations_address ON address_confirmations (address, created_at);

-- What a key rests on: the account that made it, and the key with which that was done, if one was.
ALTER TABLE api_keys ADD COLUMN made_by UUID;
ALTER TABLE api_keys ADD COLUMN made_with UUID;
UPDATE api_keys SET made_by = COALESCE(
    (SELECT e.user_id FROM audit_entries e
     WHERE e.record_id = api_keys.id AND e.entity = 'ApiKey' AND e.action = 'CREATE' ORDER BY e.seq LIMIT 1),
    user_id);

-- What an account takes, in the transaction that takes it; that of `local`, which has no limit, is not counted.
CREATE TABLE account_usage (
    user_id UUID PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tasks BIGINT NOT NULL,
    text_bytes BIGINT NOT NULL,
    files BIGINT NOT NULL,
    file_bytes BIGINT NOT NULL
);
INSERT INTO account_usage (user_id, tasks, text_bytes, files, file_bytes)
SELECT u.id,
    (SELECT count(*) FROM tasks t WHERE t.owner_id = u.id),
    (SELECT COALESCE(sum(octet_length(t.title) + COALESCE(octet_length(t.description), 0) + COALESCE(octet_length(t.note), 0)), 0)
     FROM tasks t WHERE t.owner_id = u.id)
    + (SELECT COALESCE(sum(100 + octet_length(c.text)), 0) FROM comments c WHERE c.author_id = u.id)
    + (SELECT COALESCE(sum(100 + octet_length(p.name) + COALESCE(octet_length(p.description), 0) + COALESCE(octet_length(p.note), 0)), 0)
       FROM projects p WHERE p.owner_id = u.id)
    + (SELECT COALESCE(sum(100 + COALESCE(octet_length(r.note), 0)), 0)
       FROM reminders r JOIN tasks t ON t.id = r.task_id WHERE t.owner_id = u.id)
    + (SELECT COALESCE(sum(100 + octet_length(j.args::text) + octet_length(j.params::text)), 0) FROM jobs j WHERE j.owner_id = u.id),
    (SELECT count(*) FROM attachments a JOIN tasks t ON t.id = a.task_id WHERE COALESCE(a.user_id, t.owner_id) = u.id),
    (SELECT COALESCE(sum(a.size_bytes), 0)
     FROM attachments a JOIN tasks t ON t.id = a.task_id WHERE COALESCE(a.user_id, t.owner_id) = u.id)
FROM users u WHERE u.username <> 'local';
