//! The scripts that the configuration registers beside those of the scripts folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A script that the configuration registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptEntry {
    /// What jobs call it by.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// What it does.
    pub description: Option<String>,
    /// The first arguments; `{param}` stands for the value of a parameter.
    pub args: Vec<String>,
    /// What its environment holds beside the usual.
    pub env: BTreeMap<String, String>,
    /// What a job may set.
    pub params: Vec<ScriptParam>,
}

/// Something a job may set for a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptParam {
    /// The name, as in `{city}`.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The value where a job sets none; none: a job has to set one.
    pub default: Option<String>,
    /// The values that are taken; empty: any.
    pub choices: Vec<String>,
}
