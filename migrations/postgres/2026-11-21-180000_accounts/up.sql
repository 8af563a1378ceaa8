-- What accounts, sharing and events need beside the first schemas.
-- The twin in migrations/sqlite has the same tables; the column `xact` of audit_entries is only here.

-- Whoever can open the database can do everything with it anyway.
UPDATE users SET role = 'admin' WHERE username = 'local';
ALTER TABLE users ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Wrong passwords in a row for a name, whether or not there is such an account.
CREATE TABLE login_failures (
    name_key text PRIMARY KEY,
    failures bigint NOT NULL CHECK (failures > 0),
    locked_until timestamptz,
    updated_at timestamptz NOT NULL
);

CREATE TABLE password_resets (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_resets_user ON password_resets (user_id);

-- A key signs until it is retired, and is believed until it expires.
CREATE TABLE signing_keys (
    id text PRIMARY KEY,  -- the `kid` of RFC 7517
    private_key bytea NOT NULL,  -- PKCS #8, DER
    public_key jsonb NOT NULL,  -- a JWK
    created_at timestamptz NOT NULL,
    retired_at timestamptz,
    expires_at timestamptz
);

ALTER TABLE api_keys ADD COLUMN hint text NOT NULL DEFAULT '';  -- the key's first characters, to tell keys apart
ALTER TABLE refresh_tokens ADD COLUMN last_used_at timestamptz;

-- The answer of a request that was done, sealed with the key that the client chose and only the client knows.
-- scope_id is the account, or zeros for requests without one.
DROP TABLE idempotency_keys;
CREATE TABLE idempotency_keys (
    scope_id uuid NOT NULL,
    key_hash bytea NOT NULL CHECK (octet_length(key_hash) = 32),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    answer bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (scope_id, key_hash)
);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires_at);

ALTER TABLE attachments ADD COLUMN user_id uuid REFERENCES users (id) ON DELETE SET NULL;
ALTER TABLE attachments ADD COLUMN sha256 bytea CHECK (octet_length(sha256) = 32);
CREATE INDEX attachments_user ON attachments (user_id) WHERE user_id IS NOT NULL;

-- Who may see an entry: the owner of the record, and the members of the project it is in. left_project_id is the
-- project that the record left with this change, whose members see it go.
-- xact is the transaction that wrote it: transactions do not end in the order in which they take numbers, so what is
-- told to others is read in the order (xact, seq), and no further than the oldest transaction that still runs.
ALTER TABLE audit_entries ADD COLUMN owner_id uuid;
ALTER TABLE audit_entries ADD COLUMN project_id uuid;
ALTER TABLE audit_entries ADD COLUMN left_project_id uuid;
ALTER TABLE audit_entries ADD COLUMN xact bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
UPDATE audit_entries SET owner_id = user_id;
CREATE INDEX audit_entries_owner ON audit_entries (owner_id, seq) WHERE owner_id <> user_id;
CREATE INDEX audit_entries_project ON audit_entries (project_id, seq) WHERE project_id IS NOT NULL;
CREATE INDEX audit_entries_left ON audit_entries (left_project_id, seq) WHERE left_project_id IS NOT NULL;
CREATE INDEX audit_entries_xact ON audit_entries (xact, seq);
