//! The rows of what daemons do by schedule with backups.

use diesel::prelude::*;

use crate::model::Id;
use crate::store::schema::backup_duties;
use crate::time::Instant;

/// A row of `backup_duties`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = backup_duties, primary_key(kind), treat_none_as_null = true)]
pub(crate) struct BackupDutyRow {
    pub(crate) kind: String,
    pub(crate) schedule: String,
    pub(crate) next_at: Instant,
    pub(crate) lease_until: Option<Instant>,
    pub(crate) succeeded_at: Option<Instant>,
    pub(crate) failed_at: Option<Instant>,
    pub(crate) error_message: Option<String>,
    pub(crate) task_id: Option<Id>,
}
