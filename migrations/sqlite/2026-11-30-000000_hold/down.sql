-- == Accounts, addresses and quotas ==

DROP TABLE account_usage;
ALTER TABLE api_keys DROP COLUMN made_with;
ALTER TABLE api_keys DROP COLUMN made_by;
DROP TABLE address_confirmations;
ALTER TABLE users DROP COLUMN phone_confirmed_at;
ALTER TABLE users DROP COLUMN email_confirmed_at;

-- == Jobs and runs ==

-- What was deleted goes for good: nothing hides it any more.
DELETE FROM jobs WHERE deleted_at IS NOT NULL;
UPDATE jobs SET next_run_at = parked_at
    WHERE next_run_at IS NULL AND parked_at IS NOT NULL AND schedule IS NOT NULL AND enabled;
UPDATE reminders SET next_trigger_at = parked_at WHERE next_trigger_at IS NULL AND parked_at IS NOT NULL;
DROP INDEX notifications_deleted_reminder;
ALTER TABLE notifications DROP COLUMN deleted_reminder_id;
ALTER TABLE run_logs DROP COLUMN omitted_bytes;
DROP INDEX runs_worker;
DROP INDEX runs_retry_of;
ALTER TABLE runs DROP COLUMN retry_of;
ALTER TABLE runs DROP COLUMN left_behind;
ALTER TABLE runs DROP COLUMN omitted_bytes;
ALTER TABLE runs DROP COLUMN cancel_reason;
ALTER TABLE jobs DROP COLUMN failure_told_at;
ALTER TABLE jobs DROP COLUMN failing_since;
ALTER TABLE jobs DROP COLUMN failures;
ALTER TABLE jobs DROP COLUMN notify_every_seconds;
ALTER TABLE reminders DROP COLUMN parked_at;
ALTER TABLE jobs DROP COLUMN parked_at;
DROP INDEX jobs_deleted;
ALTER TABLE jobs DROP COLUMN deleted_at;

-- == Backups ==

DROP TABLE restores;
DROP TABLE backup_duties;

-- == Files and search ==
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(replace(replace(sql,
        'CHECK (before IS NULL OR json_valid(before))', 'CHECK (json_valid(before))'),
        'CHECK (after IS NULL OR json_valid(after))', 'CHECK (json_valid(after))'),
        'CHECK (payload IS NULL OR json_valid(payload))', 'CHECK (json_valid(payload))')
    WHERE type = 'table' AND name IN ('audit_entries', 'notifications');
PRAGMA writable_schema = RESET;

PRAGMA user_version = 3;
