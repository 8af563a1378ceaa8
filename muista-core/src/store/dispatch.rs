//! Every query in one line, and the choice between its two copies. What a query does stands in `queries`, under the same
//! name.

/// One line a query: the noun's module gets a function that runs the query on whichever database the connection is of.
macro_rules! queries {
    ($($noun:ident { $(fn $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)* })*) => {
        $(
            pub(crate) mod $noun {
                #[allow(unused_imports, reason = "not every noun's queries take one of these types")]
                use crate::store::dispatch::query_types::*;

                $(
                    pub(crate) fn $name(conn: &mut $crate::store::Conn, $($arg: $type),*) -> $crate::error::Result<$out> {
                        match conn {
                            $crate::store::Conn::Postgres(conn) => $crate::store::postgres::queries::$noun::$name(conn, $($arg),*),
                            $crate::store::Conn::Sqlite(conn) => $crate::store::sqlite::queries::$noun::$name(conn, $($arg),*),
                        }
                        .map_err($crate::store::error::of_query)
                    }
                )*
            }
        )*
    };
}

mod accounts;
mod engine;
mod tasks;

pub(crate) use accounts::*;
pub(crate) use engine::*;
pub(crate) use tasks::*;

mod query_types {
    pub(crate) use crate::model::{EventCursor, Id, IdPrefix, ProjectRole, ShortId, Weight};
    pub(crate) use crate::store::list::{AuditFilter, AuditOf, Keyset, Lead, ListFilter, ReadAt, VisibleScope};
    pub(crate) use crate::store::rows::{
        AccountRow, ApiKeyRow, AttachmentRow, AuditOutline, AuditRow, BackupDutyRow, CommentRow, ConfirmationRow,
        DeviceRow, FailuresRow, FieldRow, FieldValueRow, FiredMessageRow, FiredTaskRow, FoundTask, IdempotencyRow,
        JobRow, MemberRow, MovedCursor, NamedValueRow, NewAuditRow, NewNotificationRow, NewRunRow, NotificationRow,
        OccurrenceRow, OpenRunRow, Pick, ProjectRow, RankRow, RecordedRow, RefreshTokenRow, ReminderRow, Renewed,
        RunEndRow, RunJobRow, RunLogRow, RunRow, SeriesRow, SigningKeyRow, TagRow, TaskRow, TemplateRow, TimeEntryRow,
        UserRow, ViewRow, WaitingRow,
    };
    pub(crate) use crate::time::Instant;
    pub(crate) use jiff::civil::Date;
}
