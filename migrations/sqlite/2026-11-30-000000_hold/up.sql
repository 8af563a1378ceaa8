-- What keeps data, shares the daemon's places and bounds what an account takes.
-- The twin in migrations/postgres has the same tables.

-- == Files and search ==
-- SQLite before 3.42 takes json_valid(NULL) for false, and so calls a row damaged that holds none, and a dump of it
-- unreadable. The text of the checks alone is changed, as https://www.sqlite.org/lang_altertable.html describes: to make
-- the record of changes anew would copy most of the file.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(replace(replace(sql,
        'CHECK (json_valid(before))', 'CHECK (before IS NULL OR json_valid(before))'),
        'CHECK (json_valid(after))', 'CHECK (after IS NULL OR json_valid(after))'),
        'CHECK (json_valid(payload))', 'CHECK (payload IS NULL OR json_valid(payload))')
    WHERE type = 'table' AND name IN ('audit_entries', 'notifications');
-- Has the tables read anew, so that what follows sees them as they are now.
PRAGMA writable_schema = RESET;

-- == Backups ==

-- What the daemons do on a schedule, each by one of them. next_at is moved once it was done; whoever is at it holds it
-- until lease_until. task_id is the task that tells of a failure.
CREATE TABLE backup_duties (
    kind TEXT PRIMARY KEY NOT NULL CHECK (kind IN ('backup', 'drill')),
    schedule TEXT NOT NULL,
    next_at INTEGER NOT NULL,
    lease_until INTEGER,
    succeeded_at INTEGER,
    failed_at INTEGER,
    error_message TEXT,
    task_id BLOB REFERENCES tasks (id) ON DELETE SET NULL
) STRICT;

-- One row a restore. The latest epoch is part of each ETag: after a restore versions begin again where the backup was.
CREATE TABLE restores (
    epoch INTEGER PRIMARY KEY NOT NULL,
    backup_at INTEGER NOT NULL,
    restored_at INTEGER NOT NULL
) STRICT;

-- == Jobs and runs ==

-- A deleted job stays for a while, hidden, with its runs and what they wrote: undo brings it back whole.
ALTER TABLE jobs ADD COLUMN deleted_at INTEGER;
CREATE INDEX jobs_deleted ON jobs (deleted_at) WHERE deleted_at IS NOT NULL;

-- Where the cursor of a schedule stood when it fell due while its account was out of use.
ALTER TABLE jobs ADD COLUMN parked_at INTEGER;
ALTER TABLE reminders ADD COLUMN parked_at INTEGER;

-- How often a message tells of a job that keeps failing, how often it has failed in a row, and when that was told last.
ALTER TABLE jobs ADD COLUMN notify_every_seconds INTEGER NOT NULL DEFAULT 86400 CHECK (notify_every_seconds >= 0);
ALTER TABLE jobs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN failing_since INTEGER;
ALTER TABLE jobs ADD COLUMN failure_told_at INTEGER;

ALTER TABLE runs ADD COLUMN cancel_reason TEXT;  -- why it is to be stopped
ALTER TABLE runs ADD COLUMN omitted_bytes INTEGER NOT NULL DEFAULT 0;  -- what was left out of its output
ALTER TABLE runs ADD COLUMN left_behind TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(left_behind));  -- processes
ALTER TABLE runs ADD COLUMN retry_of BLOB;  -- the run before, which may be cleaned away
CREATE INDEX runs_retry_of ON runs (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX runs_worker ON runs (worker) WHERE lease_until IS NOT NULL;
ALTER TABLE run_logs ADD COLUMN omitted_bytes INTEGER NOT NULL DEFAULT 0;  -- left out before this piece

-- Which reminder a message told of, while that is deleted: undo joins them again.
ALTER TABLE notifications ADD COLUMN deleted_reminder_id BLOB;
CREATE INDEX notifications_deleted_reminder ON notifications (deleted_reminder_id)
    WHERE deleted_reminder_id IS NOT NULL;

-- == Accounts, addresses and quotas ==

-- An address to which nothing goes before its owner has shown to read what is sent there.
ALTER TABLE users ADD COLUMN email_confirmed_at INTEGER;
ALTER TABLE users ADD COLUMN phone_confirmed_at INTEGER;
UPDATE users SET email_confirmed_at = updated_at WHERE email IS NOT NULL;
UPDATE users SET phone_confirmed_at = updated_at WHERE phone_number IS NOT NULL;

CREATE TABLE address_confirmations (
    code_hash BLOB PRIMARY KEY NOT NULL CHECK (length(code_hash) = 32),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'SMS')),
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX address_confirmations_user ON address_confirmations (user_id, created_at);
CREATE INDEX address_confirmations_address ON address_confirmations (address, created_at);

-- What a key rests on: the account that made it, and the key with which that was done, if one was.
ALTER TABLE api_keys ADD COLUMN made_by BLOB;
ALTER TABLE api_keys ADD COLUMN made_with BLOB;
UPDATE api_keys SET made_by = COALESCE(
    (SELECT e.user_id FROM audit_entries e
     WHERE e.record_id = api_keys.id AND e.entity = 'ApiKey' AND e.action = 'CREATE' ORDER BY e.seq LIMIT 1),
    user_id);

-- What an account takes, in the transaction that takes it; that of `local`, which has no limit, is not counted.
CREATE TABLE account_usage (
    user_id BLOB PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tasks INTEGER NOT NULL,
    text_bytes INTEGER NOT NULL,
    files INTEGER NOT NULL,
    file_bytes INTEGER NOT NULL
) STRICT;
INSERT INTO account_usage (user_id, tasks, text_bytes, files, file_bytes)
SELECT u.id,
    (SELECT count(*) FROM tasks t WHERE t.owner_id = u.id),
    (SELECT COALESCE(sum(length(CAST(t.title AS BLOB)) + COALESCE(length(CAST(t.description AS BLOB)), 0) + COALESCE(length(CAST(t.note AS BLOB)), 0)), 0)
     FROM tasks t WHERE t.owner_id = u.id)
    + (SELECT COALESCE(sum(100 + length(CAST(c.text AS BLOB))), 0) FROM comments c WHERE c.author_id = u.id)
    + (SELECT COALESCE(sum(100 + length(CAST(p.name AS BLOB)) + COALESCE(length(CAST(p.description AS BLOB)), 0) + COALESCE(length(CAST(p.note AS BLOB)), 0)), 0)
       FROM projects p WHERE p.owner_id = u.id)
    + (SELECT COALESCE(sum(100 + COALESCE(length(CAST(r.note AS BLOB)), 0)), 0)
       FROM reminders r JOIN tasks t ON t.id = r.task_id WHERE t.owner_id = u.id)
    + (SELECT COALESCE(sum(100 + length(CAST(j.args AS BLOB)) + length(CAST(j.params AS BLOB))), 0) FROM jobs j WHERE j.owner_id = u.id),
    (SELECT count(*) FROM attachments a JOIN tasks t ON t.id = a.task_id WHERE COALESCE(a.user_id, t.owner_id) = u.id),
    (SELECT COALESCE(sum(a.size_bytes), 0)
     FROM attachments a JOIN tasks t ON t.id = a.task_id WHERE COALESCE(a.user_id, t.owner_id) = u.id)
FROM users u WHERE u.username <> 'local';

PRAGMA user_version = 4;
