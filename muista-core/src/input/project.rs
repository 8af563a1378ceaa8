//! A project as it is written, and the changes of one as a merge patch (RFC 7396).

use serde::Deserialize;
use utoipa::ToSchema;

use super::{changed_text, schema, text};
use crate::error::Result;
use crate::model::change::{integer, non_null};
use crate::model::{Change, NewProject, ProjectName, ProjectPatch};

/// What makes a project.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "home", "description": "What is to be done about the house"}))]
pub struct ProjectInput {
    /// Its name.
    pub name: ProjectName,
    /// What it is.
    #[serde(default)]
    #[schema(schema_with = schema::text)]
    pub description: Option<String>,
    /// Further notes.
    #[serde(default)]
    #[schema(schema_with = schema::text)]
    pub note: Option<String>,
}

impl ProjectInput {
    /// Reads all that is said of a project.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(self) -> Result<NewProject> {
        Ok(NewProject {
            name: self.name,
            description: text("description", self.description.as_deref())?,
            note: text("note", self.note.as_deref())?,
        })
    }
}

/// What changes a project: a merge patch. What is left out stays, `null` empties a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "house", "note": null}))]
pub struct ProjectChanges {
    /// The new name.
    #[serde(default, deserialize_with = "non_null")]
    #[schema(value_type = ProjectName)]
    pub name: Option<ProjectName>,
    /// The new description.
    #[serde(default)]
    #[schema(schema_with = schema::text)]
    pub description: Change<String>,
    /// The new note.
    #[serde(default)]
    #[schema(schema_with = schema::text)]
    pub note: Change<String>,
    /// The version that the change was made from: with another one now nothing is changed. `If-Match` says the same.
    #[serde(default, deserialize_with = "integer")]
    #[schema(value_type = i64)]
    pub version: Option<i64>,
}

impl ProjectChanges {
    /// Reads all that is to change.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(self) -> Result<ProjectPatch> {
        Ok(ProjectPatch {
            name: self.name,
            description: changed_text("description", &self.description)?,
            note: changed_text("note", &self.note)?,
            version: self.version,
        })
    }
}
