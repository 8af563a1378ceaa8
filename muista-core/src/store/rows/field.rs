//! The rows of an own field and of a task's value of one, from and to the noun.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Field, FieldKind, FieldName, FieldValue, Id};
use crate::store::schema::{fields, task_fields};
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `fields`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = fields, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct FieldRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) kind: String,
    pub(crate) choices: Doc,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl FieldRow {
    /// The field of this row, of which so many tasks have a value.
    pub(crate) fn into_field(self, tasks: i64) -> Result<Field> {
        Ok(Field {
            id: self.id,
            owner_id: self.owner_id,
            name: self.name,
            kind: self.kind.parse()?,
            choices: self.choices.read()?,
            tasks,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// The row of a field.
    pub(crate) fn of(field: &Field) -> Result<Self> {
        Ok(Self {
            id: field.id,
            owner_id: field.owner_id,
            name: field.name.clone(),
            name_key: FieldName::parse(&field.name)?.key(),
            kind: field.kind.as_str().to_owned(),
            choices: Doc::of(&field.choices)?,
            version: field.version,
            created_at: field.created_at,
            updated_at: field.updated_at,
        })
    }
}

/// A row of `task_fields`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = task_fields, treat_none_as_default_value = false)]
pub(crate) struct FieldValueRow {
    pub(crate) task_id: Id,
    pub(crate) field_id: Id,
    pub(crate) value: String,
    /// By whose bytes the values of the field are in order.
    pub(crate) sort_key: String,
}

impl FieldValueRow {
    /// The row of a task's value.
    pub(crate) fn of(task: Id, field: &Field, value: &FieldValue) -> Self {
        Self { task_id: task, field_id: field.id, value: value.to_string(), sort_key: field.sort_key(value) }
    }
}

/// A task's value as it is read with the task.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct NamedValueRow {
    task_id: Id,
    name: String,
    kind: String,
    value: String,
}

impl NamedValueRow {
    /// The task, the field's name, and the value.
    pub(crate) fn into_parts(self) -> (Id, String, FieldValue) {
        // The database's CHECK lets no other kind in.
        let kind = self.kind.parse().unwrap_or(FieldKind::Text);
        (self.task_id, self.name, FieldValue::stored(kind, self.value))
    }
}
