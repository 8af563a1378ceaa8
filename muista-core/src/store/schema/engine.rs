//! What the engine fires, runs and sends.

use diesel::table;

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
        parked_at -> Nullable<Moment>,
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
        notify_every_seconds -> Integer,
    }
}

table! {
    use diesel::sql_types::{Bool, Integer, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    /// The same table: what becomes of a job, beside what it is. diesel's tables have 32 columns at most.
    #[sql_name = "jobs"]
    job_states (id) {
        id -> Uid,
        owner_id -> Uid,
        name_key -> Text,
        schedule -> Nullable<Text>,
        enabled -> Bool,
        next_run_at -> Nullable<Moment>,
        deleted_at -> Nullable<Moment>,
        parked_at -> Nullable<Moment>,
        failures -> Integer,
        failing_since -> Nullable<Moment>,
        failure_told_at -> Nullable<Moment>,
        by_agent -> Bool,
        zone_lost_at -> Nullable<Moment>,
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
        cancel_reason -> Nullable<Text>,
        omitted_bytes -> BigInt,
        left_behind -> Json,
        retry_of -> Nullable<Uid>,
        by_agent -> Bool,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Text};
    use crate::store::types::{Moment, Uid};

    run_logs (run_id, seq) {
        run_id -> Uid,
        seq -> Integer,
        stream -> Text,
        data -> Binary,
        created_at -> Moment,
        omitted_bytes -> BigInt,
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
        deleted_reminder_id -> Nullable<Uid>,
    }
}
