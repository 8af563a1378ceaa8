//! The tables that the queries use, as diesel sees them; `migrations/` makes them. Tables that no query uses yet are
//! not here.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

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
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::store::types::{Moment, Uid};

    project_members (id) {
        id -> Uid,
        project_id -> Uid,
        user_id -> Uid,
        role -> Text,
        added_by -> Nullable<Uid>,
        joined_at -> Moment,
        created_at -> Moment,
        updated_at -> Moment,
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
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    projects (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::store::types::{Moment, Uid};

    tags (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        created_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use crate::store::types::{Day, Moment, Uid};

    tasks (id) {
        number -> BigInt,
        id -> Uid,
        owner_id -> Uid,
        project_id -> Nullable<Uid>,
        parent_id -> Nullable<Uid>,
        title -> Text,
        description -> Nullable<Text>,
        note -> Nullable<Text>,
        category -> Text,
        priority -> SmallInt,
        due_at -> Nullable<Moment>,
        due_on -> Nullable<Day>,
        timezone -> Nullable<Text>,
        completed_at -> Nullable<Moment>,
        search_key -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        series_id -> Nullable<Uid>,
        series_number -> Nullable<BigInt>,
        recurrence -> Nullable<Text>,
        /// Filled by the database: `due_at`, or the end of time.
        due_key -> Moment,
    }
}

table! {
    use crate::store::types::Uid;

    task_tags (task_id, tag_id) {
        task_id -> Uid,
        tag_id -> Uid,
    }
}

table! {
    use crate::store::types::Uid;

    task_dependencies (task_id, depends_on_id) {
        task_id -> Uid,
        depends_on_id -> Uid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    attachments (id) {
        id -> Uid,
        task_id -> Uid,
        url -> Text,
        name -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        created_at -> Moment,
        user_id -> Nullable<Uid>,
        sha256 -> Nullable<Binary>,
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
    use diesel::sql_types::Text;
    use crate::store::types::{Moment, Uid};

    comments (id) {
        id -> Uid,
        task_id -> Uid,
        author_id -> Uid,
        text -> Text,
        created_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::types::{Json, Moment, Uid};

    series (id) {
        id -> Uid,
        owner_id -> Uid,
        rule -> Text,
        words -> Text,
        from_completion -> Bool,
        timezone -> Text,
        anchor_at -> Moment,
        end_at -> Nullable<Moment>,
        template -> Json,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    reminders (id) {
        id -> Uid,
        task_id -> Uid,
        schedule -> Text,
        recurrence_type -> Text,
        interval -> Nullable<Text>,
        start_at -> Nullable<Moment>,
        end_at -> Nullable<Moment>,
        timezone -> Nullable<Text>,
        last_triggered_at -> Nullable<Moment>,
        next_trigger_at -> Nullable<Moment>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        words -> Nullable<Text>,
        nag -> Nullable<Text>,
        regular_at -> Nullable<Moment>,
        repeat_at -> Nullable<Moment>,
        acknowledged_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::store::types::Uid;

    reminder_channels (reminder_id, channel) {
        reminder_id -> Uid,
        channel -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text};
    use crate::store::types::{Json, Moment, Uid};

    jobs (id) {
        id -> Uid,
        owner_id -> Uid,
        task_id -> Nullable<Uid>,
        name -> Text,
        name_key -> Text,
        job_type -> Text,
        script -> Text,
        args -> Json,
        params -> Json,
        status -> Text,
        schedule -> Nullable<Text>,
        recurrence_type -> Nullable<Text>,
        interval -> Nullable<Text>,
        start_at -> Nullable<Moment>,
        end_at -> Nullable<Moment>,
        timezone -> Nullable<Text>,
        timeout_seconds -> Integer,
        max_retries -> SmallInt,
        retry_delay_seconds -> Integer,
        overlap -> Text,
        missed -> Text,
        enabled -> Bool,
        notify_on_failure -> Bool,
        notify_on_success -> Bool,
        task_on_failure -> Bool,
        last_run_at -> Nullable<Moment>,
        next_run_at -> Nullable<Moment>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        words -> Nullable<Text>,
        channels -> Json,
    }
}

table! {
    use diesel::sql_types::Nullable;
    use crate::store::types::{Moment, Uid};

    occurrences (id) {
        id -> Uid,
        reminder_id -> Nullable<Uid>,
        job_id -> Nullable<Uid>,
        scheduled_for -> Moment,
        fired_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text};
    use crate::store::types::{Json, Moment, Uid};

    runs (id) {
        id -> Uid,
        job_id -> Uid,
        occurrence_id -> Nullable<Uid>,
        requested_by -> Nullable<Uid>,
        triggered_by -> Text,
        args -> Json,
        params -> Json,
        status -> Text,
        attempt -> SmallInt,
        rescues -> SmallInt,
        lease -> BigInt,
        lease_until -> Nullable<Moment>,
        worker -> Nullable<Text>,
        available_at -> Nullable<Moment>,
        scheduled_for -> Nullable<Moment>,
        started_at -> Nullable<Moment>,
        finished_at -> Nullable<Moment>,
        exit_code -> Nullable<Integer>,
        signal -> Nullable<Integer>,
        error_message -> Nullable<Text>,
        output_truncated -> Bool,
        created_at -> Moment,
        cancel_requested_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer, Text};
    use crate::store::types::{Moment, Uid};

    run_logs (run_id, seq) {
        run_id -> Uid,
        seq -> Integer,
        stream -> Text,
        data -> Binary,
        created_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use crate::store::types::{Json, Moment, Uid};

    notifications (id) {
        id -> Uid,
        user_id -> Uid,
        occurrence_id -> Nullable<Uid>,
        reminder_id -> Nullable<Uid>,
        job_id -> Nullable<Uid>,
        recipient -> Text,
        channel -> Text,
        status -> Text,
        payload -> Nullable<Json>,
        error_message -> Nullable<Text>,
        attempts -> SmallInt,
        rescues -> SmallInt,
        lease -> BigInt,
        lease_until -> Nullable<Moment>,
        next_attempt_at -> Nullable<Moment>,
        sent_at -> Nullable<Moment>,
        created_at -> Moment,
        run_id -> Nullable<Uid>,
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

joinable!(tasks -> projects (project_id));
joinable!(project_members -> projects (project_id));
joinable!(task_tags -> tags (tag_id));
joinable!(task_tags -> tasks (task_id));
joinable!(task_dependencies -> tasks (task_id));
joinable!(reminders -> tasks (task_id));
joinable!(runs -> jobs (job_id));
joinable!(api_keys -> users (user_id));
joinable!(refresh_tokens -> users (user_id));
allow_tables_to_appear_in_same_query!(
    project_members,
    users,
    tasks,
    projects,
    tags,
    task_tags,
    task_dependencies,
    reminders,
    reminder_channels,
    jobs,
    occurrences,
    runs,
    notifications,
    series,
);
allow_tables_to_appear_in_same_query!(users, api_keys, refresh_tokens);
