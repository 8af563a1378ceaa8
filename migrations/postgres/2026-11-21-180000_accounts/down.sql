DROP INDEX audit_entries_xact;
DROP INDEX audit_entries_left;
DROP INDEX audit_entries_project;
DROP INDEX audit_entries_owner;
ALTER TABLE audit_entries DROP COLUMN xact;
ALTER TABLE audit_entries DROP COLUMN left_project_id;
ALTER TABLE audit_entries DROP COLUMN project_id;
ALTER TABLE audit_entries DROP COLUMN owner_id;
DROP INDEX attachments_user;
ALTER TABLE attachments DROP COLUMN sha256;
ALTER TABLE attachments DROP COLUMN user_id;
DROP TABLE idempotency_keys;
CREATE TABLE idempotency_keys (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key text NOT NULL,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    status smallint,
    headers jsonb,
    body bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);
ALTER TABLE refresh_tokens DROP COLUMN last_used_at;
ALTER TABLE api_keys DROP COLUMN hint;
DROP TABLE signing_keys;
DROP TABLE password_resets;
DROP TABLE login_failures;
ALTER TABLE users DROP COLUMN version;
UPDATE users SET role = 'user' WHERE username = 'local';
