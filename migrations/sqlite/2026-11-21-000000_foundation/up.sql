-- Muista's data model on SQLite.
-- The twin in migrations/postgres has the same tables and columns; only the types differ.
-- Ids are 16-byte blobs, instants microseconds since the epoch in UTC, dates 'YYYY-MM-DD'.

CREATE TABLE users (
    id BLOB PRIMARY KEY NOT NULL,
    username TEXT NOT NULL UNIQUE,  -- 'local' is the account of the operating system's user
    email TEXT UNIQUE,
    name TEXT,
    hashed_pw TEXT,  -- null: no log-in by password
    phone_number TEXT,
    role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('admin', 'user', 'agent')),
    timezone TEXT,
    disabled_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE projects (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    name_key TEXT NOT NULL,  -- the name, folded: 'Home' and 'home' are one project
    description TEXT,
    note TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key)
) STRICT;

CREATE TABLE project_members (
    id BLOB PRIMARY KEY NOT NULL,
    project_id BLOB NOT NULL
        REFERENCES projects (id) ON DELETE CASCADE,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('OWNER', 'ADMIN', 'MEMBER')),
    added_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    joined_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (project_id, user_id)
) STRICT;
CREATE INDEX project_members_user ON project_members (user_id);
CREATE INDEX project_members_added_by ON project_members (added_by) WHERE added_by IS NOT NULL;

CREATE TABLE tags (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    name_key TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key)
) STRICT;

-- AUTOINCREMENT: a task's number is never given twice, but undo may put it back.
-- due_key sorts a task without a due date last on every database.
CREATE TABLE tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id BLOB REFERENCES projects (id) ON DELETE SET NULL,
    parent_id BLOB REFERENCES tasks (id) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 1000),
    description TEXT,
    note TEXT,
    category TEXT NOT NULL DEFAULT 'Personal' CHECK (category IN (
        'Personal', 'Study', 'Work', 'Health', 'Finance', 'Family', 'Social', 'Shopping',
        'Travel', 'Hobby', 'Fitness', 'Learning', 'Project', 'Chores', 'Admin'
    )),
    priority INTEGER NOT NULL DEFAULT 2 CHECK (priority BETWEEN 1 AND 3),  -- LOW, MEDIUM, HIGH
    due_at INTEGER,
    -- Only for a due date without a time; due_at is then the end of that day.
    due_on TEXT CHECK (due_on GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    timezone TEXT,
    completed_at INTEGER,
    search_key TEXT NOT NULL,  -- title, description and note, folded
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_key INTEGER GENERATED ALWAYS AS (COALESCE(due_at, 253402300799999999)) VIRTUAL,
    CHECK (due_on IS NULL OR due_at IS NOT NULL)
) STRICT;
CREATE INDEX tasks_open_due ON tasks (owner_id, due_key, number) WHERE completed_at IS NULL;
CREATE INDEX tasks_done ON tasks (owner_id, completed_at) WHERE completed_at IS NOT NULL;
-- Numbers only grow, so this one costs an insert little. An index over (owner_id, due_key) of all
-- tasks costs a third more and draws the planner away from tasks_open_due.
CREATE INDEX tasks_owner ON tasks (owner_id, number);
CREATE INDEX tasks_project ON tasks (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX tasks_parent ON tasks (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE task_tags (
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    tag_id BLOB NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, tag_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_tags_tag ON task_tags (tag_id, task_id);

CREATE TABLE task_dependencies (
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    depends_on_id BLOB NOT NULL
        REFERENCES tasks (id) ON DELETE CASCADE,
    PRIMARY KEY (task_id, depends_on_id),
    CHECK (task_id <> depends_on_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_dependencies_depends_on ON task_dependencies (depends_on_id);

CREATE TABLE comments (
    id BLOB PRIMARY KEY NOT NULL,
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    author_id BLOB NOT NULL
        REFERENCES users (id) ON DELETE CASCADE,
    text TEXT NOT NULL CHECK (length(text) > 0),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX comments_task ON comments (task_id, created_at);
CREATE INDEX comments_author ON comments (author_id);

CREATE TABLE attachments (
    id BLOB PRIMARY KEY NOT NULL,
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    url TEXT NOT NULL,  -- a path below the data folder, or an address
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX attachments_task ON attachments (task_id, created_at);

CREATE TABLE devices (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    device_id TEXT NOT NULL,  -- chosen by the client
    os TEXT NOT NULL,
    platform TEXT NOT NULL CHECK (platform IN ('desktop', 'mobile', 'web')),
    endpoint TEXT NOT NULL,
    token TEXT,
    user_agent TEXT,
    last_seen_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, device_id)
) STRICT;

-- A reminder is active while next_trigger_at, its cursor, is set.
CREATE TABLE reminders (
    id BLOB PRIMARY KEY NOT NULL,
    task_id BLOB NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    schedule TEXT NOT NULL,  -- cron, ISO 8601 duration, instant, or offset from the due date
    recurrence_type TEXT NOT NULL
        CHECK (recurrence_type IN ('ONCE', 'CRON', 'INTERVAL', 'RELATIVE')),
    interval TEXT,
    start_at INTEGER,
    end_at INTEGER,
    timezone TEXT,
    last_triggered_at INTEGER,
    next_trigger_at INTEGER,
    note TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (recurrence_type <> 'INTERVAL' OR interval IS NOT NULL),
    CHECK (end_at IS NULL OR start_at IS NULL OR end_at >= start_at)
) STRICT;
CREATE INDEX reminders_task ON reminders (task_id);
CREATE INDEX reminders_next ON reminders (next_trigger_at) WHERE next_trigger_at IS NOT NULL;

CREATE TABLE reminder_channels (
    reminder_id BLOB NOT NULL
        REFERENCES reminders (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'SMS', 'desktop', 'webhook', 'ntfy')),
    PRIMARY KEY (reminder_id, channel)
) STRICT, WITHOUT ROWID;

-- A job outlives the task that it came from. Without a schedule it runs only when asked to.
CREATE TABLE jobs (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    task_id BLOB REFERENCES tasks (id) ON DELETE SET NULL,
    name TEXT NOT NULL CHECK (length(name) > 0),
    name_key TEXT NOT NULL,
    job_type TEXT NOT NULL DEFAULT 'script' CHECK (job_type IN ('reminder', 'script')),
    script TEXT NOT NULL,
    args TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(args)),
    params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'failed', 'completed')),
    schedule TEXT,
    recurrence_type TEXT CHECK (recurrence_type IN ('ONCE', 'CRON', 'INTERVAL')),
    interval TEXT,
    start_at INTEGER,
    end_at INTEGER,
    timezone TEXT,
    timeout_seconds INTEGER NOT NULL DEFAULT 300 CHECK (timeout_seconds > 0),
    max_retries INTEGER NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
    retry_delay_seconds INTEGER NOT NULL DEFAULT 60 CHECK (retry_delay_seconds > 0),
    overlap TEXT NOT NULL DEFAULT 'forbid'
        CHECK (overlap IN ('forbid', 'queue', 'allow', 'replace')),
    missed TEXT NOT NULL DEFAULT 'latest' CHECK (missed IN ('latest', 'all', 'skip')),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    notify_on_failure INTEGER NOT NULL DEFAULT 0 CHECK (notify_on_failure IN (0, 1)),
    notify_on_success INTEGER NOT NULL DEFAULT 0 CHECK (notify_on_success IN (0, 1)),
    task_on_failure INTEGER NOT NULL DEFAULT 0 CHECK (task_on_failure IN (0, 1)),
    last_run_at INTEGER,
    next_run_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, name_key),
    CHECK ((schedule IS NULL) = (recurrence_type IS NULL)),
    CHECK (schedule IS NOT NULL OR next_run_at IS NULL),
    CHECK (recurrence_type IS NULL OR recurrence_type <> 'INTERVAL' OR interval IS NOT NULL),
    CHECK (end_at IS NULL OR start_at IS NULL OR end_at >= start_at)
) STRICT;
CREATE INDEX jobs_task ON jobs (task_id) WHERE task_id IS NOT NULL;
CREATE INDEX jobs_next ON jobs (next_run_at) WHERE next_run_at IS NOT NULL;

-- One firing of one schedule. The two unique keys are what makes it happen once.
CREATE TABLE occurrences (
    id BLOB PRIMARY KEY NOT NULL,
    reminder_id BLOB REFERENCES reminders (id) ON DELETE CASCADE,
    job_id BLOB REFERENCES jobs (id) ON DELETE CASCADE,
    scheduled_for INTEGER NOT NULL,
    fired_at INTEGER NOT NULL,
    CHECK ((reminder_id IS NULL) <> (job_id IS NULL))
) STRICT;
CREATE UNIQUE INDEX occurrences_reminder ON occurrences (reminder_id, scheduled_for)
    WHERE reminder_id IS NOT NULL;
CREATE UNIQUE INDEX occurrences_job ON occurrences (job_id, scheduled_for)
    WHERE job_id IS NOT NULL;

-- available_at is set exactly while a run waits, lease_until exactly while it is being worked on:
-- both queues are small partial indexes. Every write of a worker matches (id, running, lease).
CREATE TABLE runs (
    id BLOB PRIMARY KEY NOT NULL,
    job_id BLOB NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    occurrence_id BLOB
        REFERENCES occurrences (id) ON DELETE SET NULL,
    requested_by BLOB REFERENCES users (id) ON DELETE SET NULL,
    triggered_by TEXT NOT NULL CHECK (triggered_by IN ('schedule', 'manual', 'retry')),
    args TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(args)),
    params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(params)),
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN (
        'pending', 'running', 'completed', 'failed', 'skipped', 'cancelled'
    )),
    attempt INTEGER NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    rescues INTEGER NOT NULL DEFAULT 0,
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    worker TEXT,
    available_at INTEGER,
    scheduled_for INTEGER,
    started_at INTEGER,
    finished_at INTEGER,
    exit_code INTEGER,
    signal INTEGER,
    error_message TEXT,
    output_truncated INTEGER NOT NULL DEFAULT 0 CHECK (output_truncated IN (0, 1)),
    created_at INTEGER NOT NULL,
    CHECK ((status = 'pending') = (available_at IS NOT NULL)),
    CHECK ((status = 'running') = (lease_until IS NOT NULL))
) STRICT;
CREATE INDEX runs_job ON runs (job_id, created_at);
CREATE UNIQUE INDEX runs_occurrence ON runs (occurrence_id, attempt)
    WHERE occurrence_id IS NOT NULL;
CREATE INDEX runs_requested_by ON runs (requested_by) WHERE requested_by IS NOT NULL;
CREATE INDEX runs_waiting ON runs (available_at) WHERE available_at IS NOT NULL;
CREATE INDEX runs_leased ON runs (lease_until) WHERE lease_until IS NOT NULL;

-- What a run wrote, in pieces, so that it can be followed while it runs.
CREATE TABLE run_logs (
    run_id BLOB NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    stream TEXT NOT NULL CHECK (stream IN ('stdout', 'stderr')),
    data BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT;

-- The outbox, and afterwards the ledger: it outlives the reminder or job that caused it.
-- next_attempt_at is set exactly while the message is PENDING.
CREATE TABLE notifications (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    occurrence_id BLOB
        REFERENCES occurrences (id) ON DELETE SET NULL,
    reminder_id BLOB
        REFERENCES reminders (id) ON DELETE SET NULL,
    job_id BLOB REFERENCES jobs (id) ON DELETE SET NULL,
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL CHECK (channel IN ('email', 'SMS', 'desktop', 'webhook', 'ntfy')),
    status TEXT NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'SENT', 'FAILED')),
    payload TEXT CHECK (json_valid(payload)),
    error_message TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    rescues INTEGER NOT NULL DEFAULT 0,
    lease INTEGER NOT NULL DEFAULT 0,
    lease_until INTEGER,
    next_attempt_at INTEGER,
    sent_at INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (occurrence_id, channel, recipient),
    CHECK ((status = 'PENDING') = (next_attempt_at IS NOT NULL)),
    CHECK (status = 'PENDING' OR lease_until IS NULL),
    CHECK ((status = 'SENT') = (sent_at IS NOT NULL))
) STRICT;
CREATE INDEX notifications_user ON notifications (user_id, created_at);
CREATE INDEX notifications_reminder ON notifications (reminder_id) WHERE reminder_id IS NOT NULL;
CREATE INDEX notifications_job ON notifications (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX notifications_waiting ON notifications (next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;

-- One row a change. change_id groups the changes of one command; undoes names the change_id
-- that this entry took back. No key to the record: history outlives it.
CREATE TABLE audit_entries (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL,
    change_id BLOB NOT NULL,
    entity TEXT NOT NULL,
    record_id BLOB NOT NULL,
    user_id BLOB REFERENCES users (id) ON DELETE SET NULL,
    actor TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('cli', 'rest', 'mcp', 'agent', 'daemon')),
    action TEXT NOT NULL CHECK (action IN ('CREATE', 'UPDATE', 'DELETE')),
    before TEXT CHECK (json_valid(before)),
    after TEXT CHECK (json_valid(after)),
    undoes BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_entries_user ON audit_entries (user_id, seq);
CREATE INDEX audit_entries_record ON audit_entries (record_id, seq);
CREATE INDEX audit_entries_change ON audit_entries (change_id);

-- A log-in is a family of refresh tokens; each is used once, reuse revokes the family.
CREATE TABLE refresh_tokens (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    family_id BLOB NOT NULL,
    token_hash BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    user_agent TEXT,
    address TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);

CREATE TABLE api_keys (
    id BLOB PRIMARY KEY NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) > 0),
    key_hash BLOB NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    role TEXT NOT NULL CHECK (role IN ('admin', 'user', 'agent')),
    scopes TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(scopes)),
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_keys_user ON api_keys (user_id);

-- status is null while the first request is still being answered.
CREATE TABLE idempotency_keys (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
    status INTEGER,
    headers TEXT CHECK (json_valid(headers)),
    body BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT;
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);

CREATE TABLE agent_daily_counts (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day TEXT NOT NULL CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    created_tasks INTEGER NOT NULL DEFAULT 0 CHECK (created_tasks >= 0),
    PRIMARY KEY (user_id, day)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
