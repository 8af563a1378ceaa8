//! Rows of the record of changes.

use diesel::prelude::*;

use super::audit_document::{EntryColumns, LEFT_OUT};
use crate::error::Result;
use crate::model::{Action, AuditEntry, Entity, Id};
use crate::store::schema::audit_entries;
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `audit_entries` to be written; the database gives it its place.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
pub(crate) struct NewAuditRow {
    pub(crate) id: Id,
    pub(crate) change_id: Id,
    pub(crate) entity: &'static str,
    pub(crate) record_id: Id,
    pub(crate) user_id: Option<Id>,
    pub(crate) actor: String,
    pub(crate) origin: &'static str,
    pub(crate) action: &'static str,
    pub(crate) before: Option<Doc>,
    pub(crate) after: Option<Doc>,
    pub(crate) undoes: Option<Id>,
    pub(crate) created_at: Instant,
    pub(crate) owner_id: Option<Id>,
    pub(crate) project_id: Option<Id>,
    pub(crate) left_project_id: Option<Id>,
}

/// A row of `audit_entries`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = audit_entries)]
pub(crate) struct AuditRow {
    pub(crate) seq: i64,
    pub(crate) id: Id,
    pub(crate) change_id: Id,
    pub(crate) entity: String,
    pub(crate) record_id: Id,
    pub(crate) user_id: Option<Id>,
    pub(crate) actor: String,
    pub(crate) origin: String,
    pub(crate) action: String,
    pub(crate) before: Option<Doc>,
    pub(crate) after: Option<Doc>,
    pub(crate) undoes: Option<Id>,
    pub(crate) created_at: Instant,
    pub(crate) owner_id: Option<Id>,
    pub(crate) project_id: Option<Id>,
    pub(crate) left_project_id: Option<Id>,
}

impl AuditRow {
    /// About how many bytes its entry is.
    pub(crate) fn size(&self) -> usize {
        [&self.before, &self.after].into_iter().flatten().map(|doc| doc.0.len() + LEFT_OUT).sum()
    }

    /// The entry of this row.
    pub(crate) fn into_entry(self) -> Result<AuditEntry> {
        let entity: Entity = self.entity.parse()?;
        let columns = EntryColumns {
            entity,
            record: self.record_id,
            owner: self.owner_id,
            project: self.project_id,
            at: self.created_at,
        };
        let read = |document: Option<Doc>| document.map(|document| columns.read(&document)).transpose();
        Ok(AuditEntry {
            seq: self.seq,
            id: self.id,
            change_id: self.change_id,
            entity,
            record_id: self.record_id,
            user_id: self.user_id,
            actor: self.actor,
            origin: self.origin.parse()?,
            action: self.action.parse()?,
            before: read(self.before)?,
            after: read(self.after)?,
            undoes: self.undoes,
            redo: false,
            created_at: self.created_at,
        })
    }
}

/// What of an entry says which record it is of, and what became of that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AuditOutline {
    pub(crate) seq: i64,
    pub(crate) entity: Entity,
    pub(crate) record_id: Id,
    pub(crate) user_id: Option<Id>,
    pub(crate) action: Action,
}
