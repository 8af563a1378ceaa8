//! Taskwarrior's JSON (its RFC “task representation”): what `task export` writes, versions 2 and 3, and what
//! `task import` takes. Reading and writing are inverse: what has no place on the other side is
//! kept there, in a block of the note here (`block`), in attributes of our own there.

mod block;
mod plan;
mod read;
mod recur;
mod stamp;
mod tags;
mod template;
#[cfg(test)]
mod tests;
mod uda;
mod write;

pub(crate) use read::entry;
pub(crate) use template::write;

use write::goes_back;

/// Attributes of our own, which Taskwarrior keeps as user defined attributes without knowing them.
mod own {
    pub(super) const CATEGORY: &str = "muistacategory";
    pub(super) const DESCRIPTION: &str = "muistadescription";
    pub(super) const EVERY: &str = "muistaevery";
    /// Own fields whose names are none of an attribute.
    pub(super) const FIELDS: &str = "muistafields";
    pub(super) const NOTE: &str = "muistanote";
    /// Exact dates and the place by hand; see `plan`.
    pub(super) const PLAN: &str = "muistaplan";
    pub(super) const PARENT: &str = "muistaparent";
    /// Tags that Taskwarrior cannot hold as they are.
    pub(super) const TAGS: &str = "muistatags";
    pub(super) const TIMES: &str = "muistatimes";
}

/// Attributes that Taskwarrior works out itself.
const DERIVED: [&str; 4] = ["id", "urgency", "mask", "imask"];
/// Instants of Taskwarrior's that have no place here and go back as they came.
const INSTANTS: [&str; 3] = ["scheduled", "until", "start"];
/// Attributes that a user defined one cannot be called, and those that fields of ours become.
const CORE: [&str; 23] = [
    "annotations",
    "deadline",
    "depends",
    "description",
    "due",
    "end",
    "entry",
    "estimate",
    "imask",
    "id",
    "last",
    "mask",
    "modified",
    "parent",
    "priority",
    "project",
    "recur",
    "rtype",
    "status",
    "tags",
    "urgency",
    "uuid",
    "wait",
];
