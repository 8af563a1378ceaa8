//! A [`Script`] that jobs may run, as `muista script ls` and the ways in show it. How one is found and checked is
//! `script`'s.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A script that jobs may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Script {
    /// What jobs call it by.
    pub name: String,
    /// The file; its name alone for whoever has no access to the machine.
    #[schema(value_type = String)]
    pub path: PathBuf,
    /// What it does, where the configuration says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What a job may set.
    pub params: Vec<ScriptParam>,
    /// Where it is registered.
    pub source: ScriptSource,
    /// Why it would be refused if it was run now, with the remedy; none: it may run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Something that a job may set for a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScriptParam {
    /// The name, as in `{city}`.
    pub name: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The value where a job sets none; none: a job has to set one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The values that are taken; empty: any.
    pub choices: Vec<String>,
    /// Whether a value may begin with `-`, which most programs take for an option.
    #[serde(default)]
    pub allow_dash: bool,
}

/// Where a script is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ScriptSource {
    /// It is a file of the scripts folder.
    Folder,
    /// A `[[script]]` table of the configuration names it.
    Config,
}
