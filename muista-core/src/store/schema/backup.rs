//! Backups by schedule, and restores.

use diesel::table;

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::store::types::{Moment, Uid};

    backup_duties (kind) {
        kind -> Text,
        schedule -> Text,
        next_at -> Moment,
        lease_until -> Nullable<Moment>,
        succeeded_at -> Nullable<Moment>,
        failed_at -> Nullable<Moment>,
        error_message -> Nullable<Text>,
        task_id -> Nullable<Uid>,
    }
}

table! {
    use diesel::sql_types::BigInt;
    use crate::store::types::Moment;

    restores (epoch) {
        epoch -> BigInt,
        backup_at -> Moment,
        restored_at -> Moment,
    }
}
