-- What accounts, sharing and events need beside the first schemas.
-- The twin in migrations/postgres has the same tables; the column `xact` of audit_entries is only there.

-- Whoever can open the database can do everything with it anyway.
UPDATE users SET role = 'admin' WHERE username = 'local';
ALTER TABLE users ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- Wrong passwords in a row for a name, whether or not there is such an account.
CREATE TABLE login_failures (
    name_key TEXT PRIMARY KEY NOT NULL,
    failures INTEGER NOT NULL CHECK (failures > 0),
    locked_until INTEGER,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE password_resets (
    token_hash BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX password_resets_user ON password_resets (user_id);

-- A key signs until it is retired, and is believed until it expires.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY NOT NULL,  -- the `kid` of RFC 7517
    private_key BLOB NOT NULL,  -- PKCS #8, DER
    public_key TEXT NOT NULL CHECK (json_valid(public_key)),  -- a JWK
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    expires_at INTEGER
) STRICT;

ALTER TABLE api_keys ADD COLUMN hint TEXT NOT NULL DEFAULT '';  -- the key's first characters, to tell keys apart
ALTER TABLE refresh_tokens ADD COLUMN last_used_at INTEGER;

-- The answer of a request that was done, sealed with the key that the client chose and only the client knows.
-- scope_id is the account, or zeros for requests without one.
DROP TABLE idempotency_keys;
CREATE TABLE idempotency_keys (
    scope_id BLOB NOT NULL,
    key_hash BLOB NOT NULL CHECK (length(key_hash) = 32),
    request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),
    answer BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (scope_id, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);

ALTER TABLE attachments ADD COLUMN user_id BLOB REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE attachments ADD COLUMN sha256 BLOB CHECK (length(sha256) = 32);
CREATE INDEX attachments_user ON attachments (user_id) WHERE user_id IS NOT NULL;

-- Who may see an entry: the owner of the record, and the members of the project it is in. left_project_id is the
-- project that the record left with this change, whose members see it go.
ALTER TABLE audit_entries ADD COLUMN owner_id BLOB;
ALTER TABLE audit_entries ADD COLUMN project_id BLOB;
ALTER TABLE audit_entries ADD COLUMN left_project_id BLOB;
UPDATE audit_entries SET owner_id = user_id;
CREATE INDEX audit_entries_owner ON audit_entries (owner_id, seq) WHERE owner_id <> user_id;
CREATE INDEX audit_entries_project ON audit_entries (project_id, seq) WHERE project_id IS NOT NULL;
CREATE INDEX audit_entries_left ON audit_entries (left_project_id, seq) WHERE left_project_id IS NOT NULL;

PRAGMA user_version = 3;
