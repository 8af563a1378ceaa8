//! The row of a template, from and to the noun.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, TaskTemplate, TemplateName};
use crate::store::schema::templates;
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `templates`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = templates, treat_none_as_default_value = false)]
pub(crate) struct TemplateRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) placeholders: Doc,
    pub(crate) tasks: Doc,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl TemplateRow {
    /// The template of this row.
    pub(crate) fn into_template(self) -> Result<TaskTemplate> {
        Ok(TaskTemplate {
            id: self.id,
            owner_id: self.owner_id,
            name: self.name,
            placeholders: self.placeholders.read()?,
            tasks: self.tasks.read()?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// The row of a template.
    pub(crate) fn of(template: &TaskTemplate) -> Result<Self> {
        Ok(Self {
            id: template.id,
            owner_id: template.owner_id,
            name: template.name.clone(),
            name_key: TemplateName::parse(&template.name)?.key(),
            placeholders: Doc::of(&template.placeholders)?,
            tasks: Doc::of(&template.tasks)?,
            version: template.version,
            created_at: template.created_at,
            updated_at: template.updated_at,
        })
    }
}
