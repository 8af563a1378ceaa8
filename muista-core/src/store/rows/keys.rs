//! What is found by a key, with its key.

use diesel::prelude::*;

use crate::model::Id;

/// A task's texts.
#[derive(Debug, Queryable)]
pub(crate) struct TextRow {
    pub(crate) id: Id,
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) search_key: String,
}

/// What has a name that it is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameKind {
    Project,
    Tag,
    Job,
}

impl NameKind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Project, Self::Tag, Self::Job];

    /// The noun.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Tag => "tag",
            Self::Job => "job",
        }
    }
}

/// The name of one of these.
#[derive(Debug, Queryable)]
pub(crate) struct NamedRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) name: String,
    pub(crate) name_key: String,
}

/// What became of the keys that were made anew.
#[derive(Debug, Default)]
pub(crate) struct Renewed {
    /// How many were others.
    pub(crate) changed: usize,
    /// Pairs of names that are the same by their keys, which they do not have therefore.
    pub(crate) alike: Vec<(NameKind, String, String)>,
}
