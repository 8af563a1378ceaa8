//! Accounts, what they come in with, what they may do, and what they did.

use diesel::table;

table! {
    use diesel::sql_types::Binary;
    use crate::store::types::{Moment, Uid};

    idempotency_keys (scope_id, key_hash) {
        scope_id -> Uid,
        key_hash -> Binary,
        request_hash -> Binary,
        answer -> Binary,
        expires_at -> Moment,
    }
}

table! {
    use diesel::sql_types::Integer;
    use crate::store::types::{Day, Uid};

    agent_daily_counts (user_id, day) {
        user_id -> Uid,
        day -> Day,
        created_tasks -> Integer,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    users (id) {
        id -> Uid,
        username -> Text,
        email -> Nullable<Text>,
        name -> Nullable<Text>,
        hashed_pw -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        role -> Text,
        timezone -> Nullable<Text>,
        disabled_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
        version -> BigInt,
        email_confirmed_at -> Nullable<Moment>,
        phone_confirmed_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    address_confirmations (code_hash) {
        code_hash -> Binary,
        user_id -> Uid,
        channel -> Text,
        address -> Text,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::BigInt;
    use crate::store::types::Uid;

    account_usage (user_id) {
        user_id -> Uid,
        tasks -> BigInt,
        text_bytes -> BigInt,
        files -> BigInt,
        file_bytes -> BigInt,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::store::types::{Json, Moment, Uid};

    api_keys (id) {
        id -> Uid,
        user_id -> Uid,
        name -> Text,
        key_hash -> Binary,
        role -> Text,
        scopes -> Json,
        created_at -> Moment,
        expires_at -> Nullable<Moment>,
        last_used_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        hint -> Text,
        made_by -> Nullable<Uid>,
        made_with -> Nullable<Uid>,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    refresh_tokens (id) {
        id -> Uid,
        user_id -> Uid,
        family_id -> Uid,
        token_hash -> Binary,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        last_used_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::Moment;

    login_failures (name_key) {
        name_key -> Text,
        failures -> BigInt,
        locked_until -> Nullable<Moment>,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::store::types::{Moment, Uid};

    password_resets (token_hash) {
        token_hash -> Binary,
        user_id -> Uid,
        created_at -> Moment,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::store::types::{Json, Moment};

    signing_keys (id) {
        id -> Text,
        private_key -> Binary,
        public_key -> Json,
        created_at -> Moment,
        retired_at -> Nullable<Moment>,
        expires_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::store::types::{Moment, Uid};

    devices (id) {
        id -> Uid,
        user_id -> Uid,
        device_id -> Text,
        os -> Text,
        platform -> Text,
        endpoint -> Text,
        token -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        last_seen_at -> Moment,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Json, Moment, Uid};

    audit_entries (seq) {
        seq -> BigInt,
        id -> Uid,
        change_id -> Uid,
        entity -> Text,
        record_id -> Uid,
        user_id -> Nullable<Uid>,
        actor -> Text,
        origin -> Text,
        action -> Text,
        before -> Nullable<Json>,
        after -> Nullable<Json>,
        undoes -> Nullable<Uid>,
        created_at -> Moment,
        owner_id -> Nullable<Uid>,
        project_id -> Nullable<Uid>,
        left_project_id -> Nullable<Uid>,
    }
}
