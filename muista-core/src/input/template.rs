//! What makes the tasks of a template, as it is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::{both, due, due_on, schema};
use crate::error::Result;
use crate::model::{TaskRef, TemplateUse};
use crate::time::Context;

/// What makes the tasks of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateInput {
    /// The values of its placeholders, by name.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// When the whole is due: RFC 3339, or a date in words; the other dates count from it.
    #[serde(default)]
    #[schema(schema_with = schema::when)]
    pub due_date: Option<String>,
    /// The date on which the whole is due, as in `2026-11-21`.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<String>,
    /// The task that the whole is a part of.
    #[serde(default)]
    pub parent_id: Option<TaskRef>,
}

impl TemplateInput {
    /// Reads all that is said.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(self, context: &Context) -> Result<TemplateUse> {
        let date = self.due_date.as_deref().map(|text| due(text, context)).transpose()?.flatten();
        let on = self.due_on.as_deref().map(|text| due_on(text, context)).transpose()?;
        Ok(TemplateUse { values: self.values, due: both("dueDate", "dueOn", date, on)?, parent: self.parent_id })
    }
}
